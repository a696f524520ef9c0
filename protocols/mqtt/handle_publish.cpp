#include "protocols/mqtt/handle_publish.hpp"

#include "protocols/mqtt/acceptable.hpp"
#include "protocols/mqtt/amqp_address.hpp"

namespace causeway::mqtt {

namespace {

reason code_of(core::receipt::fate fate) {
    switch (fate) {
        case core::receipt::fate::routed: return reason::success;
        case core::receipt::fate::no_target: return reason::no_matching_subscribers;
        case core::receipt::fate::refused_name: return reason::topic_name_invalid;
        case core::receipt::fate::refused_by_limit:
        case core::receipt::fate::refused_by_storage: return reason::quota_exceeded;
    }
    return reason::unspecified_error;
}

}  // namespace

result<void, reason> publish_handler::handle(const publish& p) {
    core::traffic::direction& counted = client_.traffic().in;
    ++counted.messages;
    counted.message_bytes += p.payload.size();
    if (p.properties.has(property::subscription_id)) return reason::protocol_error;  // [MQTT-3.3.4-6]
    TRY(const std::string_view topic, aliases_.resolve(p));
    if (p.retain && !client_.options.retain_available) return reason::retain_not_supported;
    if (static_cast<unsigned>(p.qos) > client_.options.qos_max) return reason::qos_not_supported;  // 3.2.2.3.4
    switch (p.qos) {
        case qos::at_most_once: break;
        case qos::at_least_once: return take_at_least_once(p, topic);
        case qos::exactly_once: return take_exactly_once(p, topic);
    }
    // Nobody is told what became of it [MQTT-4.3.1-1], except that a wrong format must not go without an answer (3.3.2.3.2).
    if (forward(p, topic).code == reason::payload_format_invalid) return reason::payload_format_invalid;
    return success();
}

result<void, reason> publish_handler::take_at_least_once(const publish& p, std::string_view topic) {
    if (client_.v5() && !client_.quota.take()) return reason::receive_maximum_exceeded;
    const verdict v = forward(p, topic);
    // PUBACK of MQTT 3 cannot refuse, and must not promise what is not kept [MQTT-3.3.5-2].
    if (refuses(v.code) && !client_.v5()) return v.code;
    return owe({.type = packet_type::puback, .packet_id = p.packet_id, .code = v.code, .commit = v.commit});
}

result<void, reason> publish_handler::take_exactly_once(const publish& p, std::string_view topic) {
    core::broker& broker = client_.broker;
    // Sent again: acknowledged again, not published again [MQTT-4.3.3-10].
    const auto first = broker.being_received(client_.session, p.packet_id);
    const bool counts = !first || client_.session.received.comes_again(p.packet_id);
    if (counts && client_.v5() && !client_.quota.take()) return reason::receive_maximum_exceeded;
    if (first) return owe({.type = packet_type::pubrec, .packet_id = p.packet_id, .counted = counts, .commit = *first});

    const verdict v = forward(p, topic);
    if (refuses(v.code) && !client_.v5()) return v.code;
    const core::commit_number commit =
        refuses(v.code) ? v.commit : broker.begin_receiving(client_.session, p.packet_id, v.commit);
    return owe({.type = packet_type::pubrec, .packet_id = p.packet_id, .code = v.code, .commit = commit});
}

result<void, reason> publish_handler::handle(const pubrel& p) {
    core::broker& broker = client_.broker;
    const core::received_id* known = client_.session.received.find(p.packet_id);
    const bool counted = known && !known->earlier && !known->released;
    const auto erased = broker.forget_received(client_.session, p.packet_id);
    return owe({.type = packet_type::pubcomp,
                .packet_id = p.packet_id,
                .code = erased ? reason::success : reason::packet_identifier_not_found,
                .counted = counted,
                .commit = erased.value_or(broker.last_written())});
}

result<void, reason> publish_handler::owe(pending_ack&& ack) {
    outbox_.push(std::move(ack));
    return success();
}

publish_handler::verdict publish_handler::forward(const publish& p, std::string_view topic) {
    if (!publishing_) publishing_ = std::make_unique<publishing>();
    known_topic& last = publishing_->last;
    const bool known = last.is(topic, client_.identity);
    if (const reason why = known ? reason::success : objection(topic); refuses(why)) return refuse(why);
    if (client_.options.validate_payload_format && !payload_as_said(p.properties, p.payload)) return refuse(reason::payload_format_invalid);
    if (!known) {
        if (is_amqp_address(topic)) return forward_to_amqp(p, topic);
        if (!client_.may(core::right::write, topic)) return refuse(reason::not_authorized);
        last.learn(topic, client_.identity);
    }
    return into_core(client_.broker.mqtt_exchange(), parts_of(p, topic), &last.route);
}

reason publish_handler::objection(std::string_view topic) const {
    const bool possible = within_limits(topic, client_.options) && !is_sys_topic(topic, client_.broker);
    return possible ? reason::success : reason::topic_name_invalid;
}

publish_handler::verdict publish_handler::refuse(reason code) {
    client_.broker.count_refused();
    return {code, 0};
}

publish_handler::verdict publish_handler::forward_to_amqp(const publish& p, std::string_view topic) {
    const auto address = parse_amqp_address(topic);
    if (!address) return refuse(reason::topic_name_invalid);
    const auto to = exchange_at(*address, *client_.identity, client_.broker);
    if (!to) return refuse(to.error());
    return into_core(*to.value(), readdressed(parts_of(p, topic), *address, *client_.broker.origins().amqp));
}

publish_handler::verdict publish_handler::into_core(core::exchange& to, core::message_parts&& parts, core::route_hint* hint) {
    const core::receipt r = client_.broker.publish(to, core::message::make(std::move(parts)), {}, hint);
    return {code_of(r.what), r.commit};
}

core::message_parts publish_handler::parts_of(const publish& p, std::string_view topic) {
    core::broker& broker = client_.broker;
    const auto expiry_s = p.properties.number(property::message_expiry_s);
    return {.from = broker.origins().mqtt,
            .exchange = broker.mqtt_exchange().name(),
            .name = topic,
            .raw_properties = p.properties.empty() ? std::string_view() : p.properties.forwardable(publishing_->scratch),
            .payload = p.payload,
            .qos = p.qos,
            .durable = p.qos != qos::at_most_once,
            .retain = p.retain,
            .expires_wall_ms = expiry_s ? broker.now().wall_ms + std::int64_t{*expiry_s} * 1000 : 0,
            .by = client_.as_publisher(),
            .neutral = nullptr,
            .account = broker.memory()};
}

}  // namespace causeway::mqtt
