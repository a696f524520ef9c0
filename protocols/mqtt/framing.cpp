#include "protocols/mqtt/framing.hpp"

namespace causeway::mqtt {

namespace {

/// What stands in bits 3-0 of the first byte (2.1.3, table 2-2).
enum class flag_rule : std::uint8_t { no_such_packet, zero, two, publish };

constexpr flag_rule rule_of(unsigned type) {
    switch (type) {
        case 0: return flag_rule::no_such_packet;
        case static_cast<unsigned>(packet_type::publish): return flag_rule::publish;
        case static_cast<unsigned>(packet_type::pubrel):
        case static_cast<unsigned>(packet_type::subscribe):
        case static_cast<unsigned>(packet_type::unsubscribe): return flag_rule::two;
        default: return flag_rule::zero;
    }
}

bool valid_publish_flags(unsigned flags) {
    const unsigned quality = flags >> 1 & 3;
    const bool dup = (flags & 8) != 0;
    return quality != 3 && !(dup && quality == 0);  // [MQTT-3.3.1-4, MQTT-3.3.1-2]
}

bool valid_first_byte(std::uint8_t first, version v) {
    const unsigned type = first >> 4;
    const unsigned flags = first & 0xF;
    if (type == static_cast<unsigned>(packet_type::auth) && v != version::v5) return false;
    switch (rule_of(type)) {
        case flag_rule::no_such_packet: return false;
        case flag_rule::publish: return valid_publish_flags(flags);
        // MQTT 3.1 has DUP and QoS in packets that can be resent, and does not look at the other flags (3.1, section 2.1).
        case flag_rule::zero: return flags == 0 || v == version::v3_1;
        case flag_rule::two: return flags == 2 || v == version::v3_1;
    }
    return false;
}

}  // namespace

result<std::optional<frame>, reason> next_frame(std::string_view bytes, std::size_t bytes_max, version v) {
    if (bytes.empty()) return std::optional<frame>();
    const auto first = static_cast<std::uint8_t>(bytes[0]);
    if (!valid_first_byte(first, v)) return reason::malformed_packet;

    std::size_t length = 0;
    std::size_t at = 1;
    for (unsigned shift = 0;; shift += 7) {
        if (shift == 28) return reason::malformed_packet;
        if (at == bytes.size()) return std::optional<frame>();
        const auto byte = static_cast<std::uint8_t>(bytes[at++]);
        length |= static_cast<std::size_t>(byte & 0x7F) << shift;
        if (byte >= 0x80) continue;
        if (byte == 0 && shift > 0 && v == version::v5) return reason::malformed_packet;  // [MQTT-1.5.5-1]
        break;
    }
    if (at + length > bytes_max) return reason::packet_too_large;
    if (bytes.size() - at < length) return std::optional<frame>();
    return std::optional<frame>(frame{.header = {.type = static_cast<packet_type>(first >> 4), .flags = static_cast<std::uint8_t>(first & 0xF)},
                                      .body = bytes.substr(at, length),
                                      .size = at + length});
}

std::size_t begun_packet_bytes(std::string_view bytes) {
    byte_reader in(bytes);
    in.u8();
    const std::uint32_t length = read_variable(in);
    return in.failed() ? 0 : bytes.size() - in.remaining() + length;
}

}  // namespace causeway::mqtt
