#pragma once
// Reply codes (AMQP 0-9-1, 1.2) and what is said to a peer that did something wrong.

#include <cstdint>
#include <string>
#include <string_view>

namespace causeway::amqp {

enum class reply_code : std::uint16_t {
    success = 200,
    content_too_large = 311,
    no_route = 312,
    no_consumers = 313,
    connection_forced = 320,
    invalid_path = 402,
    access_refused = 403,
    not_found = 404,
    resource_locked = 405,
    precondition_failed = 406,
    frame_error = 501,
    syntax_error = 502,
    command_invalid = 503,
    channel_error = 504,
    unexpected_frame = 505,
    resource_error = 506,
    not_allowed = 530,
    not_implemented = 540,
    internal_error = 541,
};

constexpr std::uint16_t number(reply_code code) { return static_cast<std::uint16_t>(code); }

/// The constant's name, as reply texts start: "NOT_FOUND".
constexpr std::string_view name_of(reply_code code) {
    switch (code) {
        case reply_code::success: return "REPLY_SUCCESS";
        case reply_code::content_too_large: return "CONTENT_TOO_LARGE";
        case reply_code::no_route: return "NO_ROUTE";
        case reply_code::no_consumers: return "NO_CONSUMERS";
        case reply_code::connection_forced: return "CONNECTION_FORCED";
        case reply_code::invalid_path: return "INVALID_PATH";
        case reply_code::access_refused: return "ACCESS_REFUSED";
        case reply_code::not_found: return "NOT_FOUND";
        case reply_code::resource_locked: return "RESOURCE_LOCKED";
        case reply_code::precondition_failed: return "PRECONDITION_FAILED";
        case reply_code::frame_error: return "FRAME_ERROR";
        case reply_code::syntax_error: return "SYNTAX_ERROR";
        case reply_code::command_invalid: return "COMMAND_INVALID";
        case reply_code::channel_error: return "CHANNEL_ERROR";
        case reply_code::unexpected_frame: return "UNEXPECTED_FRAME";
        case reply_code::resource_error: return "RESOURCE_ERROR";
        case reply_code::not_allowed: return "NOT_ALLOWED";
        case reply_code::not_implemented: return "NOT_IMPLEMENTED";
        case reply_code::internal_error: return "INTERNAL_ERROR";
    }
    return "UNKNOWN";
}

/// A hard error closes the connection, a soft one only the channel (1.2).
constexpr bool closes_connection(reply_code code) {
    const auto n = number(code);
    return n >= 500 || code == reply_code::connection_forced || code == reply_code::invalid_path;
}

/// Why a peer's frame or method is refused: becomes connection.close or channel.close.
struct refusal {
    reply_code code = reply_code::internal_error;
    std::string text;            // without the constant's name
    std::uint16_t class_id = 0;  // of the method that caused it, 0 if none did
    std::uint16_t method_id = 0;
    bool only_channel = false;   // although the code is a hard one
};

constexpr bool closes_connection(const refusal& why) { return closes_connection(why.code) && !why.only_channel; }

/// "NOT_FOUND - no queue 'q' in vhost '/'", cut to what a short string holds (255 bytes), as RabbitMQ cuts it.
inline std::string reply_text(reply_code code, std::string_view text) {
    std::string out(name_of(code));
    if (!text.empty()) out.append(" - ").append(text);
    if (out.size() > 255) out.replace(252, std::string::npos, "...");
    return out;
}

}  // namespace causeway::amqp
