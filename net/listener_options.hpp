#pragma once
// One port and how connections to it are spoken with.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace causeway::tls {
class server_context;
}

namespace causeway::net {

/// ws and wss: MQTT in the binary frames of a WebSocket; tls and wss: encrypted.
enum class transport_kind : std::uint8_t { tcp, tls, ws, wss };

struct listener_options {
    std::string name;                           // in logs and in peer_info
    std::string address = "127.0.0.1";          // IPv4 or IPv6 literal; "::" takes both families
    std::uint16_t port = 0;                     // 0: the kernel chooses
    transport_kind kind = transport_kind::tcp;
    std::shared_ptr<tls::server_context> tls;   // for kind tls and wss
    std::string vhost = "/";
    std::size_t connections_max = 100'000;      // beyond: accepted and closed at once, with a log line
    std::int64_t handshake_timeout_ms = 10'000; // TLS and WebSocket handshakes
    int backlog = 1024;
    std::string websocket_path = "/mqtt";       // for kind ws and wss
};

}  // namespace causeway::net
