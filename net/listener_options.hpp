#pragma once
// One port and how connections to it are spoken with.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace causeway::tls {
class server_context;
}

namespace causeway::net {

/// ws and wss: in the binary frames of a WebSocket; tls and wss: encrypted.
enum class transport_kind : std::uint8_t { tcp, tls, ws, wss };

struct listener_options {
    std::string name;                           // in logs and in peer_info
    std::string address = "127.0.0.1";          // IPv4 or IPv6 literal, "::" takes both families; or "unix:" and a path
    std::uint16_t port = 0;                     // 0: the kernel chooses
    unsigned socket_mode = 0660;                // permissions of a Unix-domain socket's file
    bool proxy_protocol = false;                // every connection begins with a PROXY header
    std::vector<std::string> proxies;           // who may connect then, as addresses or networks; none: everybody
    transport_kind kind = transport_kind::tcp;
    std::shared_ptr<tls::server_context> tls;   // for kind tls and wss
    std::string vhost = "/";
    std::size_t connections_max = 100'000;      // beyond: accepted and closed at once, with a log line
    std::uint32_t connections_per_address_max = 0;  // of one address_key (net/remote_address.hpp), likewise; 0: any number
    std::int64_t handshake_timeout_ms = 10'000; // PROXY header, TLS and WebSocket handshakes, all together
    int backlog = 1024;
    std::string websocket_path = "/mqtt";       // for kind ws and wss, as the rest
    std::vector<std::string> websocket_origins; // of web pages that may connect; none: any
    bool websocket_compression = false;         // permessage-deflate, if the client asks for it
};

}  // namespace causeway::net
