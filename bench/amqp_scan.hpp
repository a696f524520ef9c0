#pragma once
// Walks AMQP frames and looks only at what a load generator counts; see mqtt_scan.hpp.

#include <cstdint>
#include <string_view>

#include "bench/mqtt_scan.hpp"

namespace causeway::bench {

inline constexpr unsigned method_frame = 1, header_frame = 2, body_frame = 3;

/// Class and method in one number, as they stand at the beginning of a method frame's payload.
inline constexpr std::uint32_t basic_deliver_id = 60U << 16 | 60, basic_ack_id = 60U << 16 | 80,
                               basic_nack_id = 60U << 16 | 120;

struct amqp_frame {
    unsigned type = 0;
    std::string_view payload{};
    std::size_t size = 0;  // of everything
};

template <class T>
T big_endian(std::string_view bytes, std::size_t at) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value = static_cast<T>(value << 8 | static_cast<std::uint8_t>(bytes[at + i]));
    return value;
}

/// The first frame in `bytes` (AMQP 0-9-1, 4.2.3). Broken: it does not end with 0xCE.
inline scan next_frame(std::string_view bytes, amqp_frame& to) {
    constexpr std::size_t head = 7, end = 1;
    if (bytes.size() < head + end) return scan::incomplete;
    const std::size_t length = big_endian<std::uint32_t>(bytes, 3);
    if (bytes.size() < head + length + end) return scan::incomplete;
    if (octet(bytes, head + length) != 0xCE) return scan::broken;
    to = {octet(bytes, 0), bytes.substr(head, length), head + length + end};
    return scan::whole;
}

/// Which method a method frame carries; 0 if it is too short for one.
inline std::uint32_t method_of(std::string_view payload) {
    return payload.size() < 4 ? 0 : big_endian<std::uint32_t>(payload, 0);
}

/// The delivery tag of basic.deliver, behind the consumer tag. 0: it is too short.
inline std::uint64_t deliver_tag(std::string_view payload) {
    if (payload.size() < 5) return 0;
    const std::size_t at = 5 + octet(payload, 4);
    return payload.size() < at + 8 ? 0 : big_endian<std::uint64_t>(payload, at);
}

struct confirmation {
    std::uint64_t tag = 0;
    bool multiple = false;
};

/// What basic.ack and basic.nack say. Tag 0: they are too short.
inline confirmation read_confirmation(std::string_view payload) {
    if (payload.size() < 13) return {};
    return {big_endian<std::uint64_t>(payload, 4), (octet(payload, 12) & 1U) != 0};
}

/// How many bytes of body follow a content header; 0 if it is too short.
inline std::uint64_t body_bytes(std::string_view payload) {
    return payload.size() < 12 ? 0 : big_endian<std::uint64_t>(payload, 4);
}

}  // namespace causeway::bench
