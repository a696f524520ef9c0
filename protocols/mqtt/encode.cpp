#include "protocols/mqtt/encode.hpp"

#include "protocols/mqtt/encode_parts.hpp"

namespace causeway::mqtt {

namespace {

constexpr std::uint8_t server_unavailable_v3 = 3;  // MQTT 3 has no better word

/// The reason and properties that end a packet of MQTT 5: left out where they say nothing (3.4.2.1, 3.14.2.1).
void write_answer(byte_writer& w, std::string& out, reason code, const properties& with) {
    if (code == reason::success && with.empty()) return;
    w.u8(static_cast<std::uint8_t>(code));
    if (!with.empty()) write_properties(out, with, version::v5);
}

constexpr std::uint8_t first_byte_of_acknowledgement(packet_type type) {
    return first_byte(type, type == packet_type::pubrel ? 2 : 0);
}

template <packet_type Type>
void write_acknowledgement(std::string& out, const acknowledgement<Type>& p, version v) {
    if (v != version::v5 || (p.code == reason::success && p.properties.empty())) return encode_acknowledgement(out, Type, p.packet_id);
    write_packet(out, first_byte_of_acknowledgement(Type), [&](byte_writer& w) {
        w.u16(p.packet_id);
        write_answer(w, out, p.code, p.properties);
    });
}

void write_empty(std::string& out, packet_type type) {
    const char bytes[] = {static_cast<char>(first_byte(type)), 0};
    out.append(bytes, sizeof bytes);
}

std::uint8_t options_byte(const subscription& s, version v) {
    auto byte = static_cast<unsigned>(s.qos);
    if (v == version::v5)
        byte |= (s.no_local ? 4U : 0U) | (s.retain_as_published ? 8U : 0U) | static_cast<unsigned>(s.retain_handling) << 4;
    return static_cast<std::uint8_t>(byte);
}

/// MQTT 3 knows one code for "no" (3.9.3).
std::uint8_t suback_code(reason code, version v) {
    return static_cast<std::uint8_t>(v != version::v5 && refuses(code) ? reason::unspecified_error : code);
}

std::uint8_t connect_flags(const connect& p) {
    unsigned flags = p.clean_start ? 2 : 0;
    if (p.will) flags |= 4U | static_cast<unsigned>(p.will->qos) << 3 | (p.will->retain ? 0x20U : 0U);
    if (p.password) flags |= 0x40;
    if (p.user) flags |= 0x80;
    return static_cast<std::uint8_t>(flags);
}

}  // namespace

void encode(std::string& out, const connect& p) {
    write_packet(out, first_byte(packet_type::connect), [&](byte_writer& w) {
        w.bytes16(p.version == version::v3_1 ? "MQIsdp" : "MQTT");
        w.u8(static_cast<std::uint8_t>(static_cast<unsigned>(p.version) | (p.bridge ? bridge_bit : 0U)));
        w.u8(connect_flags(p));
        w.u16(p.keep_alive_s);
        write_properties(out, p.properties, p.version);
        w.bytes16(p.client_id);
        if (p.will) {
            write_properties(out, p.will->properties, p.version);
            w.bytes16(p.will->topic);
            w.bytes16(p.will->payload);
        }
        if (p.user) w.bytes16(*p.user);
        if (p.password) w.bytes16(*p.password);
    });
}

void encode(std::string& out, const connack& p, version v) {
    write_packet(out, first_byte(packet_type::connack), [&](byte_writer& w) {
        w.u8(p.session_present && v != version::v3_1 ? 1 : 0);
        w.u8(v == version::v5 ? static_cast<std::uint8_t>(p.code) : connect_return_code(p.code).value_or(server_unavailable_v3));
        write_properties(out, p.properties, v);
    });
}

void encode_acknowledgement(std::string& out, packet_type type, std::uint16_t packet_id) {
    char bytes[short_acknowledgement_bytes] = {static_cast<char>(first_byte_of_acknowledgement(type)), sizeof packet_id};
    put_integer(bytes + 2, packet_id);
    out.append(bytes, sizeof bytes);
}

void encode(std::string& out, const puback& p, version v) { write_acknowledgement(out, p, v); }
void encode(std::string& out, const pubrec& p, version v) { write_acknowledgement(out, p, v); }
void encode(std::string& out, const pubrel& p, version v) { write_acknowledgement(out, p, v); }
void encode(std::string& out, const pubcomp& p, version v) { write_acknowledgement(out, p, v); }

void encode(std::string& out, const subscribe& p, version v) {
    write_packet(out, first_byte(packet_type::subscribe, 2), [&](byte_writer& w) {
        w.u16(p.packet_id);
        write_properties(out, p.properties, v);
        for (const subscription& s : p.subscriptions) {
            w.bytes16(s.filter);
            w.u8(options_byte(s, v));
        }
    });
}

void encode(std::string& out, const suback& p, version v) {
    write_packet(out, first_byte(packet_type::suback), [&](byte_writer& w) {
        w.u16(p.packet_id);
        write_properties(out, p.properties, v);
        for (reason code : p.codes) w.u8(suback_code(code, v));
    });
}

void encode(std::string& out, const unsubscribe& p, version v) {
    write_packet(out, first_byte(packet_type::unsubscribe, 2), [&](byte_writer& w) {
        w.u16(p.packet_id);
        write_properties(out, p.properties, v);
        for (std::string_view filter : p.filters) w.bytes16(filter);
    });
}

void encode(std::string& out, const unsuback& p, version v) {
    write_packet(out, first_byte(packet_type::unsuback), [&](byte_writer& w) {
        w.u16(p.packet_id);
        if (v != version::v5) return;
        write_properties(out, p.properties, v);
        for (reason code : p.codes) w.u8(static_cast<std::uint8_t>(code));
    });
}

void encode(std::string& out, const pingreq&, version) { write_empty(out, packet_type::pingreq); }
void encode(std::string& out, const pingresp&, version) { write_empty(out, packet_type::pingresp); }

void encode(std::string& out, const disconnect& p, version v) {
    if (v != version::v5) return write_empty(out, packet_type::disconnect);
    write_packet(out, first_byte(packet_type::disconnect),
                 [&](byte_writer& w) { write_answer(w, out, p.code, p.properties); });
}

void encode(std::string& out, const auth& p, version v) {
    ENSURE(v == version::v5);
    write_packet(out, first_byte(packet_type::auth), [&](byte_writer& w) { write_answer(w, out, p.code, p.properties); });
}

void encode(std::string& out, const packet& p, version v) {
    std::visit(
        [&](const auto& one) {
            if constexpr (std::is_same_v<decltype(one), const connect&>)
                encode(out, one);
            else
                encode(out, one, v);
        },
        p);
}

}  // namespace causeway::mqtt
