#pragma once
// Packets on their way out: counted where all of the vhost's MQTT traffic is, never larger than the client's Maximum Packet Size
// [MQTT-3.1.2-24], and with the reason in words only where there is room for it [MQTT-3.2.2-19, MQTT-3.14.2-3].

#include <cstddef>
#include <string>

#include "core/counters.hpp"
#include "protocols/endpoint.hpp"
#include "protocols/mqtt/encode.hpp"
#include "protocols/mqtt/reason_string.hpp"

namespace causeway::mqtt {

/// A client as its packets see it.
struct recipient {
    protocols::link& link;
    core::traffic& counted;
    mqtt::version version;
    std::size_t packet_bytes_max;
};

inline void count_sent(const recipient& to, std::size_t bytes) {
    to.counted.out.bytes += bytes;
    ++to.counted.out.packets;
    to.link.touch();
}

/// False, and nothing is sent: the client does not take a packet so large.
template <class Packet>
bool send(const recipient& to, const Packet& p) {
    std::string& out = to.link.output().tail();
    const std::size_t before = out.size();
    encode(out, p, to.version);
    const std::size_t size = out.size() - before;
    if (size > to.packet_bytes_max) {
        out.resize(before);
        return false;
    }
    count_sent(to, size);
    return true;
}

/// Likewise: encode_acknowledgement.
inline bool send_acknowledgement(const recipient& to, packet_type type, std::uint16_t packet_id) {
    if (short_acknowledgement_bytes > to.packet_bytes_max) return false;
    encode_acknowledgement(to.link.output().tail(), type, packet_id);
    count_sent(to, short_acknowledgement_bytes);
    return true;
}

/// Likewise, for a packet that says `why` something is refused: MQTT 5 has words for it.
template <class Packet>
bool send_refusal(const recipient& to, const Packet& p, reason why) {
    const std::string_view words = reason_string(type_of(packet(p)), why);
    if (to.version == version::v5 && !words.empty()) {
        std::string block(p.properties.bytes());
        property_writer(block).text(property::reason_string, words);
        Packet worded = p;
        worded.properties = properties::trusted(block);
        if (send(to, worded)) return true;
    }
    return send(to, p);
}

}  // namespace causeway::mqtt
