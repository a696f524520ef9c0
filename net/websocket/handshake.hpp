#pragma once
// The server's answer to a WebSocket handshake, RFC 6455 section 4.2. Text in, text out.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/websocket/compression.hpp"

namespace causeway::net::websocket {

/// Longer requests are refused.
constexpr std::size_t request_bytes_max = 8 * 1024;

/// What a listener takes.
struct rules {
    std::string_view path;
    const std::vector<std::string>& origins;  // of web pages; none: any. Who is no browser names no origin, and may connect
    bool compression = false;
};

struct answer {
    std::string text;     // for the client
    std::string refusal;  // empty: the connection is a WebSocket from now on
    std::optional<websocket::compression> compression{};
};

/// `request`: up to and with its empty line. The subprotocol is "mqtt" [MQTT-6.0.0-3, MQTT-6.0.0-4], or "mqttv3.1" of older
/// clients; a client that offers neither is refused.
answer answer_handshake(std::string_view request, const rules& r);

}  // namespace causeway::net::websocket
