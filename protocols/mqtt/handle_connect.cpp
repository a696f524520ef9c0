#include "protocols/mqtt/handle_connect.hpp"

#include <algorithm>

#include <boost/smart_ptr/make_local_shared.hpp>

#include "base/byte_reader.hpp"
#include "base/check.hpp"
#include "protocols/mqtt/acceptable.hpp"
#include "protocols/mqtt/amqp_address.hpp"
#include "protocols/mqtt/will.hpp"

namespace causeway::mqtt {

namespace {

constexpr std::size_t text_bytes_max = 0xFFFF;  // of any string

/// Characters of well-formed UTF-8: all bytes but those that continue one.
std::ptrdiff_t characters(std::string_view text) {
    return std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; });
}

/// [MQTT-3.1.3-8] and its relatives: in MQTT 3.1 an identifier has 1 to 23 characters (3.1, section 3.1), in 3.1.1 only a clean
/// session may go without.
bool client_id_acceptable(const connect& c) {
    switch (c.version) {
        case version::v3_1: return !c.client_id.empty() && characters(c.client_id) <= 23;
        case version::v3_1_1: return !c.client_id.empty() || c.clean_start;
        case version::v5: return true;
    }
    return false;
}

/// What is refused in a PUBLISH is refused before it becomes one (3.1.3.2, 3.2.2.2).
std::optional<reason> refusal_of(const will& w, const options& limits, const core::broker& broker) {
    if (static_cast<unsigned>(w.qos) > limits.qos_max) return reason::qos_not_supported;      // [MQTT-3.2.2-12]
    if (w.retain && !limits.retain_available) return reason::retain_not_supported;  // [MQTT-3.2.2-13]
    if (!within_limits(w.topic, limits) || is_sys_topic(w.topic, broker)) return reason::topic_name_invalid;
    if (is_amqp_address(w.topic) && !parse_amqp_address(w.topic)) return reason::topic_name_invalid;
    if (limits.validate_payload_format && !payload_as_said(w.properties, w.payload)) return reason::payload_format_invalid;
    return {};
}

/// MQTT 3 has no expiry: its sessions end with the connection or never.
std::uint32_t expiry_of(const connect& c) {
    if (c.version == version::v5) return c.properties.number_or(property::session_expiry_s, 0);
    return c.clean_start ? 0 : core::no_expiry;
}

client_limits limits_of(const connect& c) {
    client_limits limits;
    const auto small = [&c](property id, std::uint16_t otherwise) {
        return static_cast<std::uint16_t>(c.properties.number_or(id, otherwise));
    };
    limits.receive_max = small(property::receive_maximum, limits.receive_max);
    limits.topic_alias_max = small(property::topic_alias_maximum, limits.topic_alias_max);
    limits.packet_bytes_max = c.properties.number_or(property::maximum_packet_size, limits.packet_bytes_max);
    limits.problem_information = c.properties.number_or(property::request_problem_information, 1) != 0;
    return limits;
}

/// Only MQTT 5 clients can be told another keep alive than they asked for [MQTT-3.1.2-21].
void agree_on_keep_alive(const connect& c, const options& limits, greeting& g) {
    g.keep_alive_s = c.keep_alive_s;
    const bool unlimited = limits.keep_alive_s_max == 0xFFFF;
    const bool too_long = c.keep_alive_s == 0 ? !unlimited : c.keep_alive_s > limits.keep_alive_s_max;
    if (c.version != version::v5 || !too_long) return;
    g.keep_alive_s = limits.keep_alive_s_max;
    g.server_keep_alive = true;
}

/// The operator's text with the client's identifier for %c and the user's name for %u.
std::string response_information(const std::string& text, const core::session& s) {
    std::string made;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::string_view two = std::string_view(text).substr(at, 2);
        if (two == "%c" || two == "%u") {
            made += two == "%c" ? s.client_id() : s.user.view();
            ++at;
        } else {
            made += text[at];
        }
    }
    return made;
}

void tell_of_session(const greeting& g, std::uint32_t expiry_s, property_block& block) {
    if (expiry_s != g.expiry_s) block.number(property::session_expiry_s, expiry_s);
    if (g.assigned) block.text(property::assigned_client_id, g.client_id);
    if (g.server_keep_alive) block.number(property::server_keep_alive_s, g.keep_alive_s);
    if (g.method.empty()) return;
    block.text(property::authentication_method, g.method);  // [MQTT-4.12.0-5]
    if (!g.proof.empty()) block.text(property::authentication_data, g.proof);
}

void tell_of_limits(const options& limits, property_block& block) {
    block.number(property::receive_maximum, limits.receive_max);
    if (limits.qos_max < 2) block.number(property::maximum_qos, limits.qos_max);  // [MQTT-3.2.2-9]
    if (!limits.retain_available) block.number(property::retain_available, 0);
    const std::size_t largest = std::min<std::size_t>(limits.packet_bytes_max, client_limits::packet_bytes_unlimited);
    block.number(property::maximum_packet_size, static_cast<std::uint32_t>(largest));
    block.number(property::topic_alias_maximum, limits.topic_alias_max);
}

}  // namespace

version answering_version(std::string_view body) {
    byte_reader in(body);
    in.bytes16();
    const std::uint8_t level = in.u8();
    for (const version v : {version::v3_1, version::v3_1_1})
        if ((level & ~bridge_bit) == static_cast<int>(v)) return v;
    return level >= static_cast<std::uint8_t>(version::v5) ? version::v5 : version::v3_1_1;
}

greeting greeting_of(const connect& c, const options& limits, const protocols::peer_info& peer, core::broker& broker) {
    greeting g;
    g.version = c.version;
    g.bridge = c.bridge;
    g.assigned = c.client_id.empty();
    g.client_id = g.assigned ? broker.unused_client_id() : c.client_id;
    g.clean_start = c.clean_start;
    g.expiry_s = expiry_of(c);
    g.limits = limits_of(c);
    g.wants_response_information = c.properties.number_or(property::request_response_information, 0) != 0;
    g.method = c.properties.text(property::authentication_method).value_or("");
    agree_on_keep_alive(c, limits, g);
    if (c.will) {
        g.publisher = boost::make_local_shared<core::publisher>();
        g.publisher->connection = peer.id;
        g.will = make_will(*c.will, broker, g.publisher);
    }
    return g;
}

std::optional<reason> refusal_of(const connect& c, const options& limits, const protocols::peer_info& peer,
                                 const core::broker& broker) {
    if (!client_id_acceptable(c)) return reason::client_identifier_not_valid;
    if (c.will)
        if (const auto refusal = refusal_of(*c.will, limits, broker)) return refusal;
    if (peer.certificate_unnamed) return reason::bad_user_name_or_password;  // a password does not stand in for it
    const std::string_view certified = peer.certificate_user;
    if (!certified.empty() && c.user && *c.user != certified) return reason::bad_user_name_or_password;
    return {};
}

core::credentials credentials_of(const connect& c, const greeting& g, const protocols::link& from) {
    const protocols::peer_info peer = from.peer();
    const bool certified = !peer.certificate_user.empty();
    return {.user = std::string(certified ? peer.certificate_user : c.user.value_or("")),
            .password = certified ? "" : std::string(c.password.value_or("")),
            .anonymous = !certified && !c.user && !c.password,
            .certified = certified,
            .peer_address = from.peer_address(),
            .loopback = peer.loopback,
            .client_id = g.client_id};
}

std::optional<reason> refusal_of(const greeting& g, const core::identity& who, core::broker& where) {
    if (!who.may_enter(where.options().vhost)) return reason::not_authorized;
    return g.will ? refusal_of(*g.will, who, where) : std::nullopt;
}

bool can_be_welcomed(const recipient& to, const greeting& g, const core::broker& where, const options& limits) {
    if (to.packet_bytes_max == client_limits::packet_bytes_unlimited) return true;
    property_block block;
    tell_of_session(g, std::min(g.expiry_s, where.options().session_expiry_s_max), block);
    tell_of_limits(limits, block);
    std::string bytes;
    encode(bytes, connack{.properties = block.view()}, to.version);
    return bytes.size() <= to.packet_bytes_max;
}

void welcome(const recipient& to, const greeting& g, const core::session& s, bool present, const options& limits) {
    connack answer{.session_present = present && g.version != version::v3_1};
    property_block block;
    tell_of_session(g, s.expiry_s, block);
    tell_of_limits(limits, block);
    if (g.wants_response_information && !limits.response_information.empty()) {
        const std::string text = response_information(limits.response_information, s);
        property_block longer = block;
        if (text.size() <= text_bytes_max) longer.text(property::response_information, text);
        answer.properties = longer.view();
        if (send(to, answer)) return;
    }
    answer.properties = block.view();
    ENSURE(send(to, answer));
}

}  // namespace causeway::mqtt
