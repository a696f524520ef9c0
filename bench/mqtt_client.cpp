#include "bench/mqtt_client.hpp"

#include <algorithm>

#include "bench/loop.hpp"
#include "protocols/mqtt/decode.hpp"
#include "protocols/mqtt/encode.hpp"

namespace causeway::bench {

namespace {

constexpr unsigned publish_type = 3, puback = 4, pubrec = 5, pubrel = 6, pubcomp = 7;
constexpr std::uint32_t session_expiry_s = 3600;
constexpr std::uint32_t filters_per_packet = 100;

mqtt::version version_of(const plan& how) { return how.v5 ? mqtt::version::v5 : mqtt::version::v3_1_1; }

/// Decoded by the codec of the server: for what comes once a connection.
template <class Packet>
std::optional<Packet> decoded(const mqtt_packet& p, mqtt::version v) {
    const mqtt::frame whole{
        {static_cast<mqtt::packet_type>(p.type()), static_cast<std::uint8_t>(p.first & 0x0F)}, p.body, p.size};
    auto packet = mqtt::decode(whole, v);
    if (!packet || !std::holds_alternative<Packet>(packet.value())) return std::nullopt;
    return std::get<Packet>(packet.value());
}

}  // namespace

message_template mqtt_message(const plan& how, std::string_view topic, bool retain, bool numbered) {
    const std::string payload(how.payload_bytes, '.');
    const std::string name = numbered ? numbered_topic(topic, 0, how.wildcards) : std::string(topic);
    message_template t;
    mqtt::publish p;
    p.qos = static_cast<mqtt::qos>(how.qos);
    p.retain = retain;
    p.topic = name;
    p.packet_id = how.qos > 0 ? 1 : 0;
    p.payload = payload;
    mqtt::encode(t.bytes, p, version_of(how));
    t.stamp_at = t.bytes.size() - payload.size();
    const std::size_t after_topic = t.stamp_at - (how.v5 ? 1 : 0) - (how.qos > 0 ? 2 : 0);
    if (how.qos > 0) t.packet_id_at = after_topic;
    if (numbered) t.digits_at = after_topic - (how.wildcards ? wildcard_tail.size() : 0) - topic_digits;
    return t;
}

void mqtt_client::connected() {
    mqtt::connect c;
    c.version = version_of(how_);
    c.client_id = duty_.id;
    const bool persistent = duty_.receiver && (how_.durable || duty_.visit != visit::stay);
    c.clean_start = !persistent || duty_.visit == visit::remove;
    mqtt::property_block properties;
    if (how_.v5 && !c.clean_start) properties.number(mqtt::property::session_expiry_s, session_expiry_s);
    c.properties = properties.view();
    if (!to_.where.user.empty()) {
        c.user = to_.where.user;
        c.password = to_.where.password;
    }
    std::string bytes;
    mqtt::encode(bytes, c);
    send(bytes);
}

std::size_t mqtt_client::receive(std::string_view bytes) {
    std::size_t done = 0;
    mqtt_packet p;
    for (;;) {
        const scan found = next_packet(bytes.substr(done), p);
        if (found == scan::broken) give_up("sends what is not MQTT");
        if (found != scan::whole) return done;
        handle(p);
        done += p.size;
    }
}

void mqtt_client::handle(const mqtt_packet& p) {
    switch (p.type()) {
        case publish_type: return handle_publish(p);
        case puback:
        case pubrec:
        case pubrel:
        case pubcomp: return handle_confirmation(p);
        default: handle_rarely(p);
    }
}

void mqtt_client::answer(unsigned first, unsigned packet_id) {
    const char bytes[] = {static_cast<char>(first), 2, static_cast<char>(packet_id >> 8), static_cast<char>(packet_id)};
    send({bytes, sizeof bytes});
}

void mqtt_client::handle_publish(const mqtt_packet& p) {
    mqtt_publish message;
    if (!read_publish(p, how_.v5, message)) return give_up("sends a PUBLISH that is too short");
    if (duty_.receiver) duty_.receiver->got(read_stamp(message.payload), on_.now());
    if (p.qos() == 1) answer(puback << 4, message.packet_id);
    if (p.qos() == 2) answer(pubrec << 4, message.packet_id);
}

void mqtt_client::handle_confirmation(const mqtt_packet& p) {
    if (p.body.size() < 2) return give_up("sends an acknowledgement that is too short");
    const unsigned id = two_octets(p.body, 0);
    const bool refused = p.body.size() > 2 && octet(p.body, 2) >= 0x80;
    if (p.type() == pubrel) return answer(pubcomp << 4, id);
    if (p.type() == pubrec && !refused) return answer(pubrel << 4 | 2, id);
    if (duty_.sender) duty_.sender->confirmed(id, on_.now(), refused);
}

void mqtt_client::handle_rarely(const mqtt_packet& p) {
    switch (static_cast<mqtt::packet_type>(p.type())) {
        case mqtt::packet_type::connack: return handle_connack(p);
        case mqtt::packet_type::suback: return handle_suback(p);
        case mqtt::packet_type::pingresp: ++all_.answered; return;
        case mqtt::packet_type::disconnect: {
            const auto why = decoded<mqtt::disconnect>(p, version_of(how_));
            return give_up("disconnects: " + std::string(why ? mqtt::name(why->code) : "malformed reason"));
        }
        default: return give_up("sends a packet of type " + std::to_string(p.type()) + ", which is for servers only");
    }
}

void mqtt_client::handle_connack(const mqtt_packet& p) {
    const auto answer = decoded<mqtt::connack>(p, version_of(how_));
    if (!answer) return give_up("sends a malformed CONNACK");
    if (mqtt::refuses(answer->code)) return give_up("refuses the login: " + std::string(mqtt::name(answer->code)));
    receive_maximum_ = answer->properties.number_or(mqtt::property::receive_maximum, 65'535);
    const bool subscribes =
        duty_.filters > 0 || (duty_.receiver && (duty_.visit == visit::stay || duty_.visit == visit::prepare));
    if (subscribes) return subscribe();
    if (duty_.receiver && duty_.visit == visit::collect && !answer->session_present)
        return give_up("has forgotten the session of '" + duty_.id + "'");
    attach_sender();
    become_ready();
}

std::string mqtt_client::filter(std::uint32_t index) const {
    const std::uint64_t number = index * duty_.filter_step;
    if (duty_.wildcards) return wildcard_filter(duty_.route.topic, number, index);
    return numbered_topic(duty_.route.topic, number, how_.wildcards);
}

void mqtt_client::subscribe() {
    const std::uint32_t wanted = std::max(1U, duty_.filters);
    std::vector<std::string> names;
    const std::uint32_t end = std::min(wanted, filters_asked_ + filters_per_packet);
    for (std::uint32_t i = filters_asked_; i < end; ++i)
        names.push_back(duty_.filters > 0 ? filter(i) : duty_.route.topic);
    mqtt::subscribe s;
    s.packet_id = 1;
    for (const std::string& name : names)
        s.subscriptions.push_back({.filter = name, .qos = static_cast<mqtt::qos>(how_.qos)});
    filters_asked_ = end;
    std::string bytes;
    mqtt::encode(bytes, s, version_of(how_));
    send(bytes);
}

void mqtt_client::handle_suback(const mqtt_packet& p) {
    const auto answer = decoded<mqtt::suback>(p, version_of(how_));
    if (!answer) return give_up("sends a malformed SUBACK");
    for (const mqtt::reason code : answer->codes)
        if (mqtt::refuses(code)) return give_up("refuses the subscription: " + std::string(mqtt::name(code)));
    filters_granted_ += static_cast<std::uint32_t>(answer->codes.size());
    if (filters_granted_ < duty_.filters) return subscribe();
    attach_sender();
    become_ready();
}

void mqtt_client::attach_sender() {
    if (!duty_.sender) return;
    duty_.sender->attach(*this, mqtt_message(how_, duty_.route.topic, duty_.retain, duty_.numbered_topic), receive_maximum_);
}

void mqtt_client::fence() {
    std::string bytes;
    mqtt::encode(bytes, mqtt::pingreq{}, version_of(how_));
    send(bytes);
}

void mqtt_client::say_goodbye() {
    std::string bytes;
    mqtt::encode(bytes, mqtt::disconnect{}, version_of(how_));
    send(bytes);
    leave();
}

}  // namespace causeway::bench
