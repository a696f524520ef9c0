// The basic class towards consumers (AMQP 0-9-1, 1.8.3): qos, consume, cancel, get and the acknowledgements.

#include <memory>
#include <string>

#include "core/queue_arguments.hpp"
#include "protocols/amqp/direct_reply.hpp"
#include "protocols/amqp/handlers.hpp"
#include "protocols/amqp/lookup.hpp"

namespace causeway::amqp {

namespace {

/// RabbitMQ keeps basic.get away from where one consumer shall see all; its classic queues do not.
verdict may_get(channel& c, const core::queue& q) {
    if (q.limits().type != core::queue_type::quorum || q.single_active_consumer() == nullptr) return success();
    return refuse(reply_code::resource_locked,
                  "cannot obtain access to locked queue '" + q.name() + "' in vhost '" + c.at.vhost +
                      "'. basic.get operations are not supported by quorum queues with single active consumer");
}

/// RabbitMQ's quorum queues cannot count together with a channel's other queues.
verdict may_consume(channel& c, const core::queue& q) {
    if (q.limits().type != core::queue_type::quorum || c.prefetch_of_channel == 0) return success();
    return refuse(reply_code::not_implemented,
                  "queue '" + q.name() + "' in vhost '" + c.at.vhost + "' does not support global qos");
}

/// Consumers wait until the client acknowledges; who gets is told.
verdict may_hold_more(channel& c, const core::queue& q, bool no_ack) {
    const unsettled& now = c.at.unsettled;
    if (no_ack || q.ready_count() == 0 || !now.full()) return success();
    refusal why = refuse(reply_code::resource_error,
                         "connection has " + std::to_string(now.messages()) + " unacknowledged messages of " +
                             std::to_string(now.bytes()) + " bytes, at most " +
                             std::to_string(c.at.limits.unacknowledged_messages_max) + " and " +
                             std::to_string(c.at.limits.unacknowledged_bytes_max) + " are allowed: acknowledge before basic.get");
    why.only_channel = true;
    return why;
}

/// Sends an entry that was taken for basic.get. False: it is too large for this client's frames, and dropped.
bool hand_over(channel& c, core::queue& q, const core::entry& e, bool no_ack) {
    const outgoing what(*e.message, c.at.rules, c.broker().now().wall_ms, returns_of(q, e));
    if (!c.fits(what)) {
        if (no_ack)
            c.broker().count_dropped(core::drop_reason::too_large);
        else
            q.reject(e.seq, core::drop_reason::too_large);
        return false;
    }
    const std::uint64_t tag = c.waiting.next_tag();
    c.write_message(basic_get_ok{.delivery_tag = tag,
                                 .redelivered = e.redelivered(),
                                 .exchange = what.exchange(),
                                 .routing_key = what.routing_key(),
                                 .message_count = static_cast<std::uint32_t>(q.ready_count())},
                    what, *e.message);
    if (no_ack) return true;
    c.await_settlement(tag, e, c.sources.of(q), nullptr);
    return true;
}

}  // namespace

verdict handle(channel& c, const basic_qos& m) {
    if (m.prefetch_size != 0)
        return refuse(reply_code::not_implemented, "prefetch_size!=0 (" + std::to_string(m.prefetch_size) + ")");
    // RabbitMQ's meaning: global is the whole channel; otherwise it is each consumer that comes later, and the channel has no
    // limit any more.
    c.prefetch_of_channel = m.global ? m.prefetch_count : 0;
    if (!m.global) c.prefetch_of_consumers = m.prefetch_count;
    c.say(basic_qos_ok{});
    c.consuming.wake_starved();
    return success();
}

verdict handle(channel& c, const basic_consume& m) {
    TRY(const std::string_view named, c.queue_name(m.queue));
    if (c.consuming.has(m.consumer_tag))
        return refuse(reply_code::not_allowed, "attempt to reuse consumer tag '" + std::string(m.consumer_tag) + "'");
    if (c.consuming.size() >= c.at.limits.consumers_max)
        return refuse(reply_code::not_allowed,
                      "reached maximum (" + std::to_string(c.at.limits.consumers_max) + ") of consumers per channel");
    std::string tag(m.consumer_tag);
    if (tag.empty()) tag = random_name(c.broker(), "amq.ctag");
    core::queue* q = nullptr;
    if (m.queue == reply_to_name) {
        TRY(q, open_reply_queue(c, m.no_ack));
    } else {
        TRY(q, readable_queue(c, named));
    }
    TRY(const std::int64_t priority, checked(core::parse_consumer_priority(m.arguments, q->name(), c.at.vhost)));
    TRY(may_consume(c, *q));
    // no-local is accepted and has no effect, as in RabbitMQ.
    auto made = std::make_unique<consumer>(c, tag, c.sources.of(*q), *q, m.no_ack, c.prefetch_of_consumers, priority);
    TRY(checked(c.consuming.add(std::move(made), m.exclusive)));
    if (!m.no_wait) c.say(basic_consume_ok{.consumer_tag = tag});
    return success();
}

/// Of an unknown tag: ok all the same. Deliveries that wait stay acknowledgeable.
verdict handle(channel& c, const basic_cancel& m) {
    c.consuming.cancel(m.consumer_tag);
    if (!m.no_wait) c.say(basic_cancel_ok{.consumer_tag = m.consumer_tag});
    return success();
}

verdict handle(channel& c, const basic_get& m) {
    TRY(core::queue* const q, readable_queue(c, m.queue));
    TRY(may_get(c, *q));
    TRY(may_hold_more(c, *q, m.no_ack));
    while (const std::optional<core::entry> e = q->take(m.no_ack))
        if (hand_over(c, *q, *e, m.no_ack)) return success();
    if (q->head_is_on_its_way()) {
        c.at.getting = std::make_unique<pending_get>(pending_get{c.number, q->name(), m.no_ack});
        c.broker().await_head(c.at.participant);
        return success();
    }
    c.say(basic_get_empty{});
    return success();
}

verdict handle(channel& c, const basic_ack& m) { return c.settle(m.delivery_tag, m.multiple, settlement::acknowledge); }

verdict handle(channel& c, const basic_nack& m) {
    return c.settle(m.delivery_tag, m.multiple, m.requeue ? settlement::requeue : settlement::reject);
}

verdict handle(channel& c, const basic_reject& m) {
    return c.settle(m.delivery_tag, false, m.requeue ? settlement::requeue : settlement::reject);
}

verdict handle(channel& c, const basic_recover_async& m) {
    if (!m.requeue) return refuse(reply_code::not_implemented, "requeue=false");
    std::vector<delivery> all;
    c.waiting.take(0, true, all);
    c.settle(all, settlement::requeue);
    return success();
}

verdict handle(channel& c, const basic_recover& m) {
    TRY(handle(c, basic_recover_async{.requeue = m.requeue}));
    c.say(basic_recover_ok{});
    return success();
}

}  // namespace causeway::amqp
