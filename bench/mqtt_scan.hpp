#pragma once
// Walks MQTT packets and looks only at what a load generator counts: nothing is checked that a broken server could do wrong
// without breaking the framing. The codec in protocols/mqtt takes many times as long because it checks everything.

#include <cstdint>
#include <string_view>

namespace causeway::bench {

struct mqtt_packet {
    std::uint8_t first = 0;   // type and flags
    std::string_view body{};  // after the fixed header (MQTT 2.1)
    std::size_t size = 0;     // of everything
    unsigned type() const { return first >> 4; }
    unsigned qos() const { return first >> 1 & 3; }
};

enum class scan : std::uint8_t { whole, incomplete, broken };

inline unsigned octet(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }
inline unsigned two_octets(std::string_view bytes, std::size_t at) { return octet(bytes, at) << 8 | octet(bytes, at + 1); }

/// A variable byte integer (1.5.5) at `at`, which moves behind it.
inline scan variable(std::string_view bytes, std::size_t& at, std::size_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
        if (at == bytes.size()) return scan::incomplete;
        const unsigned digit = octet(bytes, at++);
        value |= static_cast<std::size_t>(digit & 0x7FU) << shift;
        if (digit < 0x80) return scan::whole;
    }
    return scan::broken;
}

/// The first packet in `bytes`.
inline scan next_packet(std::string_view bytes, mqtt_packet& to) {
    if (bytes.empty()) return scan::incomplete;
    std::size_t at = 1, length = 0;
    if (const scan found = variable(bytes, at, length); found != scan::whole) return found;
    if (bytes.size() - at < length) return scan::incomplete;
    to = {static_cast<std::uint8_t>(bytes[0]), bytes.substr(at, length), at + length};
    return scan::whole;
}

struct mqtt_publish {
    std::uint16_t packet_id = 0;  // 0 with QoS 0
    std::string_view payload{};
};

/// What a PUBLISH carries (3.3). False: it is too short for what it says.
inline bool read_publish(const mqtt_packet& p, bool v5, mqtt_publish& to) {
    const std::string_view body = p.body;
    if (body.size() < 2) return false;
    std::size_t at = 2 + two_octets(body, 0);
    if (p.qos() > 0) {
        if (at + 2 > body.size()) return false;
        to.packet_id = static_cast<std::uint16_t>(two_octets(body, at));
        at += 2;
    }
    if (v5) {
        std::size_t properties = 0;
        if (at > body.size() || variable(body, at, properties) != scan::whole) return false;
        at += properties;
    }
    if (at > body.size()) return false;
    to.payload = body.substr(at);
    return true;
}

}  // namespace causeway::bench
