// SUBSCRIBE    [packet id: u16] [properties, if v5] one or more ([filter: text16] [options: u8])   3.8
// SUBACK       [packet id: u16] [properties, if v5] one or more [reason: u8]                       3.9
// UNSUBSCRIBE  [packet id: u16] [properties, if v5] one or more [filter: text16]                   3.10
// UNSUBACK     [packet id: u16] and, if v5, [properties] one or more [reason: u8]                  3.11
// Options      7-6 reserved, 5-4 retain handling, 3 retain as published, 2 no local, 1-0 QoS (MQTT 3: 7-2 reserved)

#include "protocols/mqtt/decode.hpp"
#include "protocols/mqtt/decode_parts.hpp"
#include "protocols/mqtt/topic_text.hpp"

namespace causeway::mqtt {

namespace {

result<properties, reason> read_head(byte_reader& in, property_place where, version v, std::uint16_t& packet_id) {
    packet_id = in.u16();
    if (in.failed()) return reason::malformed_packet;
    if (packet_id == 0) return reason::protocol_error;  // [MQTT-2.2.1-3]
    if (v != version::v5) return properties();
    return read_properties(in, where);
}

result<void, reason> check_options(unsigned options, version v) {
    const bool v5 = v == version::v5;
    if ((options & (v5 ? 0xC0U : 0xFCU)) != 0) return reason::malformed_packet;      // [MQTT-3.8.3-5], 3.1.1: [MQTT-3.8.3-4]
    if ((options & 3) == 3) return v5 ? reason::protocol_error : reason::malformed_packet;
    if ((options >> 4 & 3) == 3) return reason::protocol_error;                      // 3.8.3.1
    return success();
}

result<subscription, reason> read_subscription(byte_reader& in, version v) {
    subscription s{.filter = read_text(in)};
    const unsigned options = in.u8();
    if (in.failed()) return reason::malformed_packet;
    TRY(check_options(options, v));
    s.qos = static_cast<qos>(options & 3);
    s.no_local = (options & 4) != 0;
    s.retain_as_published = (options & 8) != 0;
    s.retain_handling = static_cast<retain_handling>(options >> 4 & 3);

    const std::optional<filter_parts> parts = parse_filter(s.filter);
    if (!parts && !asks_for_share(s.filter)) return reason::topic_filter_invalid;
    if (parts && parts->shared() && s.no_local) return reason::protocol_error;  // [MQTT-3.8.3-4]
    return s;
}

bool valid_code(std::uint8_t code, packet_type type, version v) {
    if (v == version::v5) return allowed_in(static_cast<std::uint8_t>(type), code);
    return code <= 2 || code == 0x80;  // 3.1.1: [MQTT-3.9.3-2]
}

result<list<reason>, reason> read_codes(byte_reader& in, packet_type type, version v) {
    if (in.empty()) return reason::protocol_error;  // one for each filter [MQTT-3.8.4-6, MQTT-3.11.3-2]
    list<reason> codes;
    while (!in.empty()) {
        const std::uint8_t code = in.u8();
        if (!valid_code(code, type, v)) return reason::protocol_error;
        codes.push_back(static_cast<reason>(code));
    }
    return codes;
}

}  // namespace

result<packet, reason> decode_subscribe(const frame& f, version v) {
    byte_reader in(f.body);
    subscribe p;
    TRY(p.properties, read_head(in, property_place::subscribe, v, p.packet_id));
    if (in.empty()) return reason::protocol_error;  // [MQTT-3.8.3-2]
    while (!in.empty()) {
        TRY(const subscription s, read_subscription(in, v));
        p.subscriptions.push_back(s);
    }
    return packet(std::move(p));
}

result<packet, reason> decode_suback(const frame& f, version v) {
    byte_reader in(f.body);
    suback p;
    TRY(p.properties, read_head(in, property_place::suback, v, p.packet_id));
    TRY(p.codes, read_codes(in, packet_type::suback, v));
    return packet(std::move(p));
}

result<packet, reason> decode_unsubscribe(const frame& f, version v) {
    byte_reader in(f.body);
    unsubscribe p;
    TRY(p.properties, read_head(in, property_place::unsubscribe, v, p.packet_id));
    if (in.empty()) return reason::protocol_error;  // [MQTT-3.10.3-2]
    while (!in.empty()) {
        const std::string_view filter = read_text(in);
        if (in.failed()) return reason::malformed_packet;
        if (!asks_for_share(filter) && !parse_filter(filter)) return reason::topic_filter_invalid;
        p.filters.push_back(filter);
    }
    return packet(std::move(p));
}

result<packet, reason> decode_unsuback(const frame& f, version v) {
    byte_reader in(f.body);
    unsuback p;
    TRY(p.properties, read_head(in, property_place::unsuback, v, p.packet_id));
    if (v != version::v5) return whole(in, p);
    TRY(p.codes, read_codes(in, packet_type::unsuback, v));
    return packet(std::move(p));
}

}  // namespace causeway::mqtt
