#include "protocols/mqtt/decode.hpp"

#include "base/check.hpp"
#include "protocols/mqtt/decode_parts.hpp"
#include "protocols/mqtt/topic_text.hpp"

namespace causeway::mqtt {

namespace {

/// CONNACK  [flags: u8, bit 0 session present] [reason: u8] [properties, if v5]   3.2
result<packet, reason> decode_connack(const frame& f, version v) {
    byte_reader in(f.body);
    const std::uint8_t flags = in.u8();
    const std::uint8_t code = in.u8();
    if (in.failed()) return reason::malformed_packet;
    connack p;
    if (v == version::v5) {
        if (!allowed_in(static_cast<std::uint8_t>(packet_type::connack), code)) return reason::protocol_error;
        p.code = static_cast<reason>(code);
        TRY(p.properties, read_properties(in, property_place::connack));
    } else {
        p.code = reason_of_return_code(code);
        if (p.code == reason::unspecified_error) return reason::malformed_packet;  // 6-255 are reserved
    }
    if (v == version::v3_1) return whole(in, p);  // its first byte has no meaning
    if (flags > 1) return reason::malformed_packet;  // [MQTT-3.2.2-1]
    p.session_present = flags == 1;
    if (p.session_present && p.code != reason::success) return reason::protocol_error;  // [MQTT-3.2.2-6]
    return whole(in, p);
}

/// What ends most packets of MQTT 5. Both may be left out: no reason means success.
struct answer {
    reason code = reason::success;
    properties with{};
};

/// [reason: u8, if there is more] [properties, if there is more]   3.4.2.1, 3.14.2.1
result<answer, reason> read_answer(byte_reader& in, packet_type type) {
    answer a;
    if (in.empty()) return a;
    const std::uint8_t code = in.u8();
    if (!allowed_in(static_cast<std::uint8_t>(type), code)) return reason::protocol_error;
    a.code = static_cast<reason>(code);
    if (in.empty()) return a;
    TRY(a.with, read_properties(in, static_cast<property_place>(type)));
    return a;
}

}  // namespace

/// PUBACK, PUBREC, PUBREL, PUBCOMP  [packet id: u16] [answer, if v5]   3.4-3.7
template <packet_type Type>
result<acknowledgement<Type>, reason> decode_long_acknowledgement(const frame& f, version v) {
    byte_reader in(f.body);
    acknowledgement<Type> p;
    p.packet_id = in.u16();
    if (in.failed()) return reason::malformed_packet;
    if (p.packet_id == 0) return reason::protocol_error;  // [MQTT-2.2.1-5]
    if (v == version::v5) {
        TRY(const answer a, read_answer(in, Type));
        p.code = a.code;
        p.properties = a.with;
    }
    if (in.failed() || !in.empty()) return reason::malformed_packet;
    return p;
}
template result<puback, reason> decode_long_acknowledgement<packet_type::puback>(const frame& f, version v);
template result<pubrec, reason> decode_long_acknowledgement<packet_type::pubrec>(const frame& f, version v);
template result<pubrel, reason> decode_long_acknowledgement<packet_type::pubrel>(const frame& f, version v);
template result<pubcomp, reason> decode_long_acknowledgement<packet_type::pubcomp>(const frame& f, version v);

namespace {

template <packet_type Type>
result<packet, reason> decode_any_acknowledgement(const frame& f, version v) {
    TRY(const acknowledgement<Type> p, decode_acknowledgement<Type>(f, v));
    return packet(p);
}

/// DISCONNECT  [answer, if v5]   3.14
result<packet, reason> decode_disconnect(const frame& f, version v) {
    byte_reader in(f.body);
    if (v != version::v5) return whole(in, disconnect{});
    TRY(const answer a, read_answer(in, packet_type::disconnect));
    return whole(in, disconnect{.code = a.code, .properties = a.with});
}

/// AUTH  [answer], with an authentication method if it says anything at all   3.15
result<packet, reason> decode_auth(const frame& f) {
    byte_reader in(f.body);
    TRY(const answer a, read_answer(in, packet_type::auth));
    if (!f.body.empty() && !a.with.has(property::authentication_method)) return reason::protocol_error;  // 3.15.2.2.2
    return whole(in, auth{.code = a.code, .properties = a.with});
}

}  // namespace

/// PUBLISH  [topic: text16] [packet id: u16, if QoS > 0] [properties, if v5] [payload: rest]   3.3
result<publish, reason> decode_publish(const frame& f, version v, std::string_view known) {
    const unsigned flags = f.header.flags;
    byte_reader in(f.body);
    publish p{.dup = (flags & 8) != 0, .qos = static_cast<qos>(flags >> 1 & 3), .retain = (flags & 1) != 0};
    p.topic = in.bytes16();
    const bool fresh = p.topic != known || known.empty();
    if (fresh && !valid_mqtt_text(p.topic)) in.fail();
    if (p.qos != qos::at_most_once) p.packet_id = in.u16();
    if (in.failed()) return reason::malformed_packet;
    if (p.qos != qos::at_most_once && p.packet_id == 0) return reason::protocol_error;  // [MQTT-2.2.1-3]
    if (v == version::v5) {
        TRY(p.properties, read_properties(in, property_place::publish));
        if (p.topic.empty() && !p.properties.has(property::topic_alias)) return reason::protocol_error;  // 3.3.2.1
    }
    if (fresh && (!p.properties.has(property::topic_alias) || !p.topic.empty()))
        if (!valid_topic_name(p.topic)) return reason::topic_name_invalid;
    p.payload = in.rest();
    return p;
}

result<packet, reason> decode(const frame& f, version v) {
    switch (f.header.type) {
        case packet_type::connect: return decode_connect(f);
        case packet_type::connack: return decode_connack(f, v);
        case packet_type::publish: {
            TRY(const publish p, decode_publish(f, v));
            return packet(p);
        }
        case packet_type::puback: return decode_any_acknowledgement<packet_type::puback>(f, v);
        case packet_type::pubrec: return decode_any_acknowledgement<packet_type::pubrec>(f, v);
        case packet_type::pubrel: return decode_any_acknowledgement<packet_type::pubrel>(f, v);
        case packet_type::pubcomp: return decode_any_acknowledgement<packet_type::pubcomp>(f, v);
        case packet_type::subscribe: return decode_subscribe(f, v);
        case packet_type::suback: return decode_suback(f, v);
        case packet_type::unsubscribe: return decode_unsubscribe(f, v);
        case packet_type::unsuback: return decode_unsuback(f, v);
        case packet_type::pingreq: return whole(byte_reader(f.body), pingreq{});
        case packet_type::pingresp: return whole(byte_reader(f.body), pingresp{});
        case packet_type::disconnect: return decode_disconnect(f, v);
        case packet_type::auth: return decode_auth(f);
    }
    ENSURE(!"a packet type that next_frame lets through");
    return reason::malformed_packet;
}

}  // namespace causeway::mqtt
