#pragma once
// The server's answer to a WebSocket handshake, RFC 6455 section 4.2. Text in, text out.

#include <optional>
#include <span>
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
    std::span<const std::string_view> subprotocols;  // the one we like best first
    bool compression = false;
    bool subprotocol_needed = true;
};

struct answer {
    std::string text;     // for the client
    std::string refusal;  // empty: the connection is a WebSocket from now on
    std::optional<websocket::compression> compression{};
};

/// `request`: up to and with its empty line. A client that offers none of the subprotocols is refused, or told of none.
answer answer_handshake(std::string_view request, const rules& r);

}  // namespace causeway::net::websocket
