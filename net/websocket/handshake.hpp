#pragma once
// The server's answer to a WebSocket handshake, RFC 6455 section 4.2. Text in, text out.

#include <string>
#include <string_view>

namespace causeway::net::websocket {

/// Longer requests are refused.
constexpr std::size_t request_bytes_max = 8 * 1024;

struct answer {
    std::string text;     // for the client
    std::string refusal;  // empty: the connection is a WebSocket from now on
};

/// `request`: up to and with its empty line. The subprotocol is "mqtt" [MQTT-6.0.0-3], or "mqttv3.1" of older clients; a
/// client that asks for none gets none.
answer answer_handshake(std::string_view request, std::string_view path);

}  // namespace causeway::net::websocket
