#pragma once
// Where one packet ends and the next begins (MQTT 2.1). Finds what is wrong with the first bytes before the rest has come.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "protocols/mqtt/packet.hpp"
#include "protocols/mqtt/reason.hpp"
#include "protocols/mqtt/variable_integer.hpp"

namespace causeway::mqtt {

/// The largest packet: one byte, four of Remaining Length, the rest (2.1.4).
inline constexpr std::uint32_t packet_bytes_max = 5 + variable_integer_max;

struct fixed_header {
    packet_type type{};
    std::uint8_t flags = 0;  // lower half of the first byte; checked
};

/// One whole packet.
struct frame {
    fixed_header header{};
    std::string_view body{};  // after the fixed header
    std::size_t size = 0;   // of everything: what to consume
};

/// The first packet in `bytes`; nothing if more bytes are needed. Errors: malformed_packet for a type, flags or length that
/// cannot be; packet_too_large if the whole packet is longer than `bytes_max` [MQTT-3.1.2-24 and its twin in CONNACK].
/// Before CONNECT has told the version, pass v3_1_1.
result<std::optional<frame>, reason> next_frame(std::string_view bytes, std::size_t bytes_max, version v);

/// How large the packet is that begins here, of a stream of well-formed ones; 0: its length has not come yet.
std::size_t begun_packet_bytes(std::string_view bytes);

}  // namespace causeway::mqtt
