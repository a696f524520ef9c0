#pragma once
// Frames (AMQP 0-9-1, 4.2.3).
//
//     frame = [type: u8] [channel: u16] [payload bytes: u32] [payload] [end: 0xCE]
//
// frame_max counts the whole frame. It is enforced before the payload has arrived.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_writer.hpp"
#include "base/output_buffer.hpp"
#include "base/result.hpp"
#include "base/shared_bytes.hpp"
#include "protocols/amqp/method.hpp"
#include "protocols/amqp/reply_code.hpp"

namespace causeway::amqp {

/// What a client sends first, and what the server answers to anything else before it closes (4.2.2).
inline constexpr std::string_view protocol_header{"AMQP\0\0\x09\x01", 8};

enum class preface : std::uint8_t { incomplete, amqp_0_9_1, other };
preface detect_preface(std::string_view bytes);

enum class frame_type : std::uint8_t { method_frame = 1, header_frame = 2, body_frame = 3, heartbeat_frame = 8 };

inline constexpr std::size_t frame_overhead_bytes = 8;
inline constexpr std::size_t content_header_fixed_bytes = 12;  // class, weight, body size
inline constexpr std::uint8_t frame_end = 0xCE;
/// No peer may ask for less (FRAME_MIN_SIZE, 1.2).
inline constexpr std::uint32_t frame_max_least = 4096;

struct frame {
    frame_type type{};
    std::uint16_t channel = 0;
    std::string_view payload;
    /// Bytes of the whole frame: what to skip for the next one.
    std::size_t size() const { return payload.size() + frame_overhead_bytes; }
};

/// The first frame in `bytes`, of whatever type; nothing if it is not all there yet. Refused with 501: larger than frame_max
/// (0: no limit), wrong end octet. Where the next one begins is unknown then.
result<std::optional<frame>, refusal> read_frame(std::string_view bytes, std::uint32_t frame_max);

/// 501 for an unknown type, and for a payload that its type cannot have.
result<void, refusal> check_payload(const frame& f);

/// 505: a frame where none of its type belongs.
refusal unexpected(const frame& f);

/// One method frame. M is a struct of method.hpp or the variant.
template <class M>
void write_method(std::string& out, std::uint16_t channel, const M& m) {
    byte_writer to(out);
    to.u8(static_cast<std::uint8_t>(frame_type::method_frame));
    to.u16(channel);
    const std::size_t size_at = to.position();
    to.u32(0);
    encode(out, m);
    to.put_u32(size_at, static_cast<std::uint32_t>(to.position() - size_at - 4));
    to.u8(frame_end);
}

void write_heartbeat(std::string& out);

/// A content header cannot be split: does this property block fit into one frame?
constexpr bool block_fits(std::size_t block_bytes, std::uint32_t frame_max) {
    return frame_max == 0 || block_bytes + content_header_fixed_bytes + frame_overhead_bytes <= frame_max;
}

/// Content header and body frames, to follow their method at once. `block` is a property block (empty: no properties).
/// `large` holds the payload if it is to be referenced rather than copied, else it is empty. block_fits() has been asked.
/// Returns the number of frames.
std::size_t write_content(output_buffer& out, std::uint16_t channel, std::string_view block, std::string_view payload,
                          const shared_bytes& large, std::uint32_t frame_max);

}  // namespace causeway::amqp
