#include "protocols/mqtt/handle_subscribe.hpp"

#include <algorithm>

#include "protocols/mqtt/acceptable.hpp"
#include "protocols/mqtt/failure_reason.hpp"
#include "protocols/mqtt/topic_text.hpp"

namespace causeway::mqtt {

namespace {

core::options_ptr options_of(const subscription& s, std::uint32_t subscription_id) {
    auto made = boost::intrusive_ptr<core::delivery_options>(new core::delivery_options);
    made->qos_max = s.qos;
    made->no_local = s.no_local;
    made->retain_as_published = s.retain_as_published;
    if (subscription_id != 0) made->subscription_ids.push_back(subscription_id);
    return made;
}

/// 3.3.1.3: what a new or repeated subscription is sent of what was retained before.
bool wants_retained(retain_handling handling, bool existed) {
    switch (handling) {
        case retain_handling::send: return true;
        case retain_handling::send_if_new: return !existed;
        case retain_handling::never: return false;
    }
    return false;
}

}  // namespace

result<void, reason> subscribe_handler::handle(const subscribe& s, delivery& way_out) {
    const std::uint32_t id = s.properties.number_or(property::subscription_id, 0);
    pending_ack ack{.type = packet_type::suback, .packet_id = s.packet_id, .codes = std::make_unique<std::vector<reason>>()};
    list<core::options_ptr> due;
    for (const subscription& each : s.subscriptions) {
        if (asks_for_share(each.filter) && each.no_local) return reason::protocol_error;  // [MQTT-3.8.3-4]
        subscription possible = each;
        possible.qos = std::min(each.qos, static_cast<qos>(client_.options.qos_max));  // [MQTT-3.2.2-10]
        granted g = grant(possible, id, way_out);
        ack.codes->push_back(g.code);
        ack.commit = std::max(ack.commit, g.commit);
        due.push_back(std::move(g.replay));
    }
    // SUBACK goes first, then what the subscription brings: nothing is handed out before SUBACK may leave.
    const core::commit_number answered = std::max(ack.commit, outbox_.last_commit());
    client_.session.inbox().hold_new_until(answered);
    if (queue_consumers* const queues = way_out.known_queues()) queues->hold_until(ack.commit, answered);
    replay(s, due);
    outbox_.push(std::move(ack));
    return success();
}

subscribe_handler::granted subscribe_handler::grant(const subscription& s, std::uint32_t subscription_id, delivery& way_out) {
    if (asks_for_queue(s.filter)) return consume(s, subscription_id, way_out);
    const auto parts = parse_filter(s.filter);
    if (!parts || !within_limits(parts->filter, client_.options)) return {reason::topic_filter_invalid};
    if (asks_for_queue(parts->filter)) return {reason::topic_filter_invalid};  // its consumers share it anyway
    if (!client_.may(core::right::read, parts->filter)) return {reason::not_authorized};
    if (parts->shared()) return join(s, *parts, subscription_id);

    core::broker::binding_request request = request_for(s.filter);
    request.options = options_of(s, subscription_id);
    const core::options_ptr options = request.options;
    if (is_full() && !client_.broker.is_bound(request)) return {reason::quota_exceeded};
    const auto bound = client_.broker.bind(std::move(request));
    if (!bound) return {reason_of(bound.error())};
    return {static_cast<reason>(s.qos), bound.value().commit,
            wants_retained(s.retain_handling, bound.value().existed) ? options : nullptr};
}

bool subscribe_handler::is_full() const {
    return client_.session.subscription_count() >= client_.options.subscriptions_max;
}

/// Nothing was retained in a queue, and No Local means nothing there.
subscribe_handler::granted subscribe_handler::consume(const subscription& s, std::uint32_t subscription_id, delivery& way_out) {
    queue_consumers& queues = way_out.queues();
    if (is_full() && !queues.knows(s.filter)) return {reason::quota_exceeded};
    const auto commit = queues.subscribe(s.filter, options_of(s, subscription_id));
    if (!commit) return {commit.error()};
    return {static_cast<reason>(s.qos), commit.value()};
}

/// Retained messages are not for shares (4.8.2).
subscribe_handler::granted subscribe_handler::join(const subscription& s, const filter_parts& parts,
                                                   std::uint32_t subscription_id) {
    if (is_full() && !client_.broker.is_member(client_.session, s.filter)) return {reason::quota_exceeded};
    const auto joined = client_.broker.join_share({.member = &client_.session,
                                                   .name = s.filter,
                                                   .from = client_.broker.origins().mqtt,
                                                   .key = parts.filter,
                                                   .options = options_of(s, subscription_id)});
    if (!joined) return {reason_of(joined.error())};
    return {static_cast<reason>(s.qos), joined.value().commit};
}

void subscribe_handler::replay(const subscribe& s, const list<core::options_ptr>& due) {
    core::broker& broker = client_.broker;
    for (std::size_t i = 0; i < due.size(); ++i)
        if (due[i])
            broker.replay_retained(client_.session.inbox(), broker.origins().mqtt->pattern(s.subscriptions[i].filter), *due[i]);
}

result<void, reason> subscribe_handler::handle(const unsubscribe& u, delivery& way_out) {
    pending_ack ack{.type = packet_type::unsuback, .packet_id = u.packet_id, .codes = std::make_unique<std::vector<reason>>()};
    for (const std::string_view filter : u.filters) {
        const granted g = remove(filter, way_out);
        ack.codes->push_back(g.code);
        ack.commit = std::max(ack.commit, g.commit);
    }
    outbox_.push(std::move(ack));
    return success();
}

subscribe_handler::granted subscribe_handler::remove(std::string_view filter, delivery& way_out) {
    if (asks_for_queue(filter)) {
        if (!queue_of_filter(filter)) return {reason::topic_filter_invalid};
        queue_consumers* const queues = way_out.known_queues();
        const auto left = queues ? queues->unsubscribe(filter) : std::nullopt;
        return {left ? reason::success : reason::no_subscription_existed, left.value_or(0)};
    }
    const auto parts = parse_filter(filter);
    if (!parts || !within_limits(parts->filter, client_.options)) return {reason::topic_filter_invalid};
    if (parts->shared()) {
        const auto left = client_.broker.leave_share(client_.session, filter);
        return {left.existed ? reason::success : reason::no_subscription_existed, left.commit};
    }
    const auto unbound = client_.broker.unbind(request_for(filter));
    if (!unbound) return {reason_of(unbound.error())};
    return {unbound.value().existed ? reason::success : reason::no_subscription_existed, unbound.value().commit};
}

core::broker::binding_request subscribe_handler::request_for(std::string_view filter) const {
    core::broker& broker = client_.broker;
    core::broker::binding_request request;
    request.source = &broker.mqtt_exchange();
    request.to_queue = &client_.session.inbox();
    request.from = broker.origins().mqtt;
    request.key = filter;
    return request;
}

}  // namespace causeway::mqtt
