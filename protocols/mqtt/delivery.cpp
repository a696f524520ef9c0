#include "protocols/mqtt/delivery.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "protocols/mqtt/framing.hpp"
#include "protocols/mqtt/origin.hpp"

namespace causeway::mqtt {

delivery::delivery(client& c, outbox& out)
    : client_(c),
      outbox_(out),
      mapping_(mapping_of(c.broker)),
      in_flight_(std::min(c.limits.receive_max, c.options.inflight_max), c.traffic().in_flight),
      aliases_(std::min(c.limits.topic_alias_max, c.options.topic_alias_max)) {
    ENSURE(inbox().add_consumer(*this).has_value());  // an inbox is consumed by its session's holder alone
}

delivery::~delivery() {
    if (attached_) inbox().remove_consumer(*this);
}

// --- to the client ---

bool delivery::can_take(const core::queue&, const core::entry& next) {
    bool able = !client_.output_full();
    if (!able) client_.link.notify_when_flushed();
    if (able && next.released) able = in_flight_.is_free(core::packet_id_of(next.seq));
    if (able && !next.released && next.qos() != qos::at_most_once) able = in_flight_.has_room(core::packet_id_of(next.seq));
    stalled_ = stalled_ || !able;
    return able;
}

core::free_credit delivery::credit() {
    const std::size_t waiting = client_.link.output().size();
    core::free_credit free{.entries = in_flight_.room(), .bytes = client_.options.output_bytes_max};
    free.bytes -= std::min(free.bytes, waiting);
    if (free.bytes == 0) client_.link.notify_when_flushed();
    stalled_ = stalled_ || !free.any();
    return free;
}

core::handover delivery::deliver(core::queue&, const core::entry& next) {
    if (next.released) return repeat_release(next);
    outgoing_publish p;
    translation scratch;
    if (!translate(next, mapping_, client_.broker.now().wall_ms, client_.version, scratch, p)) {
        client_.broker.count_dropped(core::drop_reason::unmappable);
        return core::handover::settled;
    }
    p.retain = p.retain || (client_.bridge && next.message->retain());
    if (p.qos != qos::at_most_once) {
        p.packet_id = core::packet_id_of(next.seq);
        p.dup = next.redelivered();
    }
    const std::string_view topic = p.topic;
    const outgoing_aliases::choice alias = aliases_.choose(topic);
    p.topic_alias = alias.alias;
    if (alias.announced) p.topic = {};
    if (!fits(p, *next.message)) {
        client_.broker.count_dropped(core::drop_reason::too_large);  // as if it had been sent [MQTT-3.1.2-25]
        return core::handover::settled;
    }
    aliases_.sent(topic, alias);
    write(p, *next.message);
    return p.qos == qos::at_most_once ? core::handover::settled : track(next);
}

/// The client has the message and said so before it was disconnected: go on where PUBREL comes [MQTT-4.4.0-1].
core::handover delivery::repeat_release(const core::entry& next) {
    const std::uint16_t packet_id = core::packet_id_of(next.seq);
    in_flight_.add(packet_id, {.seq = next.seq, .exactly_once = true, .released = true});
    outbox_.push({.type = packet_type::pubrel, .packet_id = packet_id});
    return core::handover::waiting;
}

core::handover delivery::track(const core::entry& next) {
    in_flight_.add(core::packet_id_of(next.seq),
                   {.seq = next.seq, .exactly_once = next.qos() == qos::exactly_once, .counted = true});
    return core::handover::waiting;
}

/// Judged by what every PUBLISH of it holds: its topic, its payload, and 5 bytes at the least.
bool delivery::has_use_for(const core::entry& next) const {
    return next.message->name().size() + next.message->payload().size() + 5 <= client_.limits.packet_bytes_max;
}

bool delivery::fits(const outgoing_publish& p, const core::message& m) const {
    const std::size_t size = encoded_size(p, m.payload().size(), client_.version);
    return size <= std::min<std::size_t>(client_.limits.packet_bytes_max, packet_bytes_max);
}

void delivery::write(const outgoing_publish& p, const core::message& m) {
    output_buffer& out = client_.link.output();
    const std::size_t before = out.size();
    encode_head(out.tail(), p, m.payload().size(), client_.version);
    if (m.large_payload().empty())
        out.append(m.payload());
    else
        out.append(m.large_payload());
    client_.link.touch();
    core::traffic::direction& counted = client_.traffic().out;
    counted.bytes += out.size() - before;
    ++counted.packets;
    ++counted.messages;
    counted.message_bytes += m.payload().size();
}

void delivery::wake() {
    if (!stalled_) return;
    stalled_ = false;
    inbox().wake();
    client_.session.wake_shares();
}

void delivery::settle(std::uint16_t packet_id) {
    in_flight_.remove(packet_id);
    wake();
}

// --- from the client ---

result<void, reason> delivery::handle(const puback& p) {
    const inflight::slot* s = in_flight_.find(p.packet_id);
    if (!s) return success();  // settled on an earlier connection
    if (s->exactly_once) return reason::protocol_error;
    if (refuses(p.code))
        inbox().reject(s->seq);
    else
        inbox().acknowledge(s->seq);
    settle(p.packet_id);
    return success();
}

result<void, reason> delivery::handle(const pubrec& p) {
    inflight::slot* s = in_flight_.find(p.packet_id);
    if (!s) {
        if (!refuses(p.code))
            outbox_.push({.type = packet_type::pubrel, .packet_id = p.packet_id, .code = reason::packet_identifier_not_found});
        return success();
    }
    if (!s->exactly_once) return reason::protocol_error;
    if (refuses(p.code)) {
        if (s->released)
            inbox().acknowledge(s->seq);
        else
            inbox().reject(s->seq);
        settle(p.packet_id);
        return success();
    }
    // Once PUBREL is out the client forgets the packet id, so it must never again see this message as new.
    const core::commit_number commit = inbox().release(s->seq);
    s->released = true;
    outbox_.push({.type = packet_type::pubrel, .packet_id = p.packet_id, .commit = commit});
    return success();
}

result<void, reason> delivery::handle(const pubcomp& p) {
    const inflight::slot* s = in_flight_.find(p.packet_id);
    if (!s) return success();
    if (!s->released) return reason::protocol_error;
    inbox().acknowledge(s->seq);
    settle(p.packet_id);
    return success();
}

}  // namespace causeway::mqtt
