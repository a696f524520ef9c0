#pragma once
// The frames of a WebSocket, RFC 6455 section 5, as the server sees them: reads a client's, writes its own.
//
//   [fin:1 compressed:1 rsv:2 opcode:4] [mask:1 length:7] [length: 16 or 64 bits, if 126 or 127] [mask: 32 bits, if any] [payload]
//
// Data is passed on as it comes, whatever the borders of frames and messages: MQTT packets need not keep to them
// [MQTT-6.0.0-2]. So no message is ever kept, and there is no limit to its size. What is compressed (RFC 7692) is given out in
// portions, so that a few bytes that stand for many take no more memory than others.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/websocket/compression.hpp"

namespace causeway::net::websocket {

enum class opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

enum class close_code : std::uint16_t { normal = 1000, protocol_error = 1002, unacceptable = 1003, invalid_payload = 1007 };

/// Appends one whole, unmasked frame. `compressed`: its payload is a deflated message.
void append_frame(std::string& out, opcode what, std::string_view payload, bool compressed = false);
void append_close(std::string& out, close_code why);

class frame_reader {
public:
    enum class state : std::uint8_t { reading, closed, failed };

    /// Messages may be compressed from now on.
    void allow_compression() { compression_ = true; }

    /// Takes from the front of `bytes`; appends the data in them to `data`, and answers to pings and to the client's goodbye,
    /// or what is wrong, to `answers`. Not to be called any more once that is said. Bytes are left, and has_more(), when
    /// `data` has grown to portion_bytes by inflating.
    state receive(std::string_view& bytes, std::string& data, std::string& answers);
    bool has_more() const { return state_ == state::reading && message_ && message_->pending; }

    const char* failure() const { return failure_; }

    static constexpr std::size_t portion_bytes = 64 * 1024;

private:
    /// A compressed message, from its first frame to its last byte.
    struct compressed_message {
        inflater by;
        std::string packed;     // unmasked, to be inflated
        std::size_t taken = 0;  // of it
        bool pending = false;   // there is something to inflate, or more to give
        bool complete = false;
    };

    bool advance(std::string_view& bytes, std::string& data, std::string& answers);
    std::size_t header_size() const;
    void read_header(std::string_view& bytes);
    void begin_frame();
    const char* wrong() const;
    std::uint64_t length() const;
    void read_payload(std::string_view& bytes, std::string& data);
    void unmasked_to(std::string& to, std::string_view& bytes, std::size_t size_max);
    bool inflate(std::string& data);
    void end_frame(std::string& answers);
    void end_close(std::string& answers);
    void fail(const char* why, close_code code);

    opcode what() const { return static_cast<opcode>(header_[0] & 0x0F); }
    bool final() const { return (header_[0] & 0x80) != 0; }
    bool is_control() const { return (header_[0] & 0x08) != 0; }

    std::array<std::uint8_t, 14> header_{};
    std::uint8_t header_bytes_ = 0;  // of header_, that have come
    bool in_payload_ = false;
    bool in_message_ = false;        // continuations are to come
    bool compression_ = false;
    std::uint64_t payload_left_ = 0;
    std::uint64_t payload_at_ = 0;
    std::string control_;            // payload of a control frame
    std::unique_ptr<compressed_message> message_;
    state state_ = state::reading;
    close_code code_ = close_code::protocol_error;
    const char* failure_ = "";
};

}  // namespace causeway::net::websocket
