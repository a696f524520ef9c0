// CONNECT  [protocol name: text16] [level: u8] [flags: u8] [keep alive: u16] [properties, if v5]
//          [client id: text16] [will: properties, if v5; topic: text16; payload: bytes16] [user: text16] [password: bytes16]
// Flags    7 user, 6 password, 5 will retain, 4-3 will QoS, 2 will, 1 clean start, 0 reserved   3.1

#include "protocols/mqtt/decode.hpp"
#include "protocols/mqtt/decode_parts.hpp"
#include "protocols/mqtt/topic_text.hpp"

namespace causeway::mqtt {

namespace {

class connect_flags {
public:
    explicit connect_flags(std::uint8_t byte) : byte_(byte) {}
    bool user() const { return bit(7); }
    bool password() const { return bit(6); }
    bool will_retain() const { return bit(5); }
    unsigned will_qos() const { return byte_ >> 3 & 3U; }
    bool will() const { return bit(2); }
    bool clean_start() const { return bit(1); }

    bool well_formed(version v) const {
        if (bit(0)) return false;                                                    // [MQTT-3.1.2-3]
        if (will_qos() == 3) return false;                                           // [MQTT-3.1.2-12]
        if (!will() && (will_qos() != 0 || will_retain())) return false;             // [MQTT-3.1.2-11, MQTT-3.1.2-13]
        return v == version::v5 || user() || !password();                            // 3.1.1: [MQTT-3.1.2-22]
    }

private:
    bool bit(unsigned n) const { return (byte_ >> n & 1) != 0; }
    std::uint8_t byte_;
};

std::optional<version> known_version(std::string_view name, std::uint8_t level) {
    if (name == "MQTT" && level == 5) return version::v5;
    level &= static_cast<std::uint8_t>(~bridge_bit);
    if (name == "MQTT" && level == 4) return version::v3_1_1;
    if (name == "MQIsdp" && level == 3) return version::v3_1;
    return {};
}

/// Before the version was known, the frame was not asked for the shortest length [MQTT-1.5.5-1].
bool shortest_length(const frame& f) {
    return f.size == 1 + variable_size(static_cast<std::uint32_t>(f.body.size())) + f.body.size();
}

result<will, reason> read_will(byte_reader& in, connect_flags flags, version v) {
    will w{.qos = static_cast<qos>(flags.will_qos()), .retain = flags.will_retain()};
    if (v == version::v5) {
        TRY(w.properties, read_properties(in, property_place::will));
    }
    w.topic = read_text(in);
    w.payload = in.bytes16();
    if (in.failed()) return reason::malformed_packet;
    if (!valid_topic_name(w.topic)) return reason::topic_name_invalid;
    return w;
}

/// In MQTT 3.1 the end of the packet counts more than the flags of user name and password (3.1, section 3.1).
bool follows(bool flag, const byte_reader& in, version v) { return flag && (v != version::v3_1 || !in.empty()); }

result<packet, reason> read_payload(byte_reader& in, connect_flags flags, connect& p) {
    p.client_id = read_text(in);
    if (flags.will()) {
        TRY(p.will, read_will(in, flags, p.version));
    }
    if (follows(flags.user(), in, p.version)) p.user = read_text(in);
    if (follows(flags.password(), in, p.version)) p.password = in.bytes16();
    return whole(in, p);
}

}  // namespace

std::optional<version> version_of_connect(const frame& f) {
    if (f.header.type != packet_type::connect) return {};
    byte_reader in(f.body);
    const std::string_view name = in.bytes16();
    return known_version(name, in.u8());
}

result<packet, reason> decode_connect(const frame& f) {
    byte_reader in(f.body);
    const std::string_view name = read_text(in);
    const std::uint8_t level = in.u8();
    if (in.failed()) return reason::malformed_packet;
    const std::optional<version> v = known_version(name, level);
    if (!v) return reason::unsupported_protocol_version;  // [MQTT-3.1.2-1, MQTT-3.1.2-2]

    const connect_flags flags(in.u8());
    connect p{.version = *v, .bridge = (level & bridge_bit) != 0, .clean_start = flags.clean_start(), .keep_alive_s = in.u16()};
    if (in.failed() || !flags.well_formed(*v)) return reason::malformed_packet;
    if (*v == version::v5) {
        if (!shortest_length(f)) return reason::malformed_packet;
        TRY(p.properties, read_properties(in, property_place::connect));
        if (p.properties.has(property::authentication_data) && !p.properties.has(property::authentication_method))
            return reason::protocol_error;  // 3.1.2.11.10
    }
    return read_payload(in, flags, p);
}

}  // namespace causeway::mqtt
