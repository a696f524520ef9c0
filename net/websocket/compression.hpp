#pragma once
// permessage-deflate, RFC 7692: agreeing on it, and the two directions. No side keeps its compression state from one message
// to the next (no_context_takeover, both ways), so a connection that is idle holds none.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace causeway::net::websocket {

struct compression {
    int window_bits = 15;  // of what we send, at the most
    std::string answer;    // for Sec-WebSocket-Extensions
};

/// `offers`: the client's Sec-WebSocket-Extensions, all of them, with commas between. The first that can be taken is.
std::optional<compression> agree_on_compression(std::string_view offers);

/// Deflates messages. Large, so it is shared by all connections of a thread; it is made when it is first used.
class deflater {
public:
    deflater();
    ~deflater();
    deflater(const deflater&) = delete;
    deflater& operator=(const deflater&) = delete;

    /// Appends a message's payload, deflated, without the four bytes that end every one (RFC 7692 7.2.1). False: it would not
    /// get smaller, and nothing is appended.
    bool append(std::string& out, std::string_view payload, int window_bits);

private:
    struct stream;
    std::unique_ptr<stream> stream_;
};

/// Inflates one message, from its first byte to its last, however they come.
class inflater {
public:
    enum class state {
        hungry,  // for more of the message, or for its end
        full,    // has given as much as it may at once: go on without new bytes
        failed,  // the message is not what it should be
    };

    inflater();
    ~inflater();
    inflater(const inflater&) = delete;
    inflater& operator=(const inflater&) = delete;

    /// Takes from the front of `bytes` what makes `out` grow to `size_max` bytes at the most; the rest is for the next call.
    state inflate(std::string_view& bytes, std::string& out, std::size_t size_max);

private:
    struct stream;
    std::unique_ptr<stream> stream_;
};

/// What belongs behind the last byte of every message. RFC 7692 7.2.2
inline constexpr std::string_view message_end{"\x00\x00\xff\xff", 4};

}  // namespace causeway::net::websocket
