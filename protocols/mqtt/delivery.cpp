#include "protocols/mqtt/delivery.hpp"

#include <algorithm>

#include "base/byte_writer.hpp"
#include "base/check.hpp"
#include "protocols/mqtt/framing.hpp"
#include "protocols/mqtt/origin.hpp"

namespace causeway::mqtt {

namespace {

thread_local publish_copy last_publish;

/// Where the packet id stands: behind the fixed header and the topic.
std::size_t packet_id_place(std::string_view publish) {
    byte_reader in(publish);
    in.u8();
    read_variable(in);
    in.bytes16();
    return publish.size() - in.remaining();
}

std::string_view last_bytes(std::string_view of, std::size_t count) { return of.substr(of.size() - count); }

}  // namespace

delivery::delivery(client& c, outbox& out)
    : client_(c),
      outbox_(out),
      in_flight_(std::min(c.limits.receive_max, c.options.inflight_max), c.traffic().in_flight),
      aliases_(std::min(c.limits.topic_alias_max, c.options.topic_alias_max)),
      rules_(rules_of(c.broker)) {
    ENSURE(inbox().add_consumer(*this).has_value());  // an inbox is consumed by its session's holder alone
}

delivery::~delivery() {
    if (attached_) inbox().remove_consumer(*this);
}

// --- to the client ---

bool delivery::has_output_room() {
    if (!client_.output_full()) return true;
    client_.link.notify_when_flushed();
    return false;
}

bool delivery::can_take(const core::queue&, const core::entry& next) {
    const bool able = has_output_room() && has_credit_for(next);
    if (able) return true;
    stalled_ = true;
    if (queues_) queues_->inbox_was_refused();
    return false;
}

bool delivery::has_credit_for(const core::entry& next) {
    if (next.released) return in_flight_.is_free(core::packet_id_of(next.seq));
    if (next.qos() == qos::at_most_once) return true;
    return in_flight_.has_room(core::packet_id_of(next.seq)) && (!queues_ || queues_->room_for_inbox() > 0);
}

core::free_credit delivery::credit() {
    const std::size_t waiting = client_.link.output().size();
    core::free_credit free{.entries = queues_ ? queues_->room_for_inbox() : in_flight_.room(), .bytes = client_.options.output_bytes_max};
    free.bytes -= std::min(free.bytes, waiting);
    if (free.bytes == 0) client_.link.notify_when_flushed();
    stalled_ = stalled_ || !free.any();
    return free;
}

core::handover delivery::deliver(core::queue&, const core::entry& next) {
    if (next.released) return repeat_release(next);
    if (queues_) queues_->inbox_is_served();
    if (const auto lost = send(next)) {
        client_.broker.count_dropped(*lost);  // as if it had been sent [MQTT-3.1.2-25]
        return core::handover::settled;
    }
    return next.qos() == qos::at_most_once ? core::handover::settled : track(next);
}

std::optional<core::drop_reason> delivery::send(const core::entry& what) {
    const auto terms = plain_terms(what);
    if (terms && send_copy(*terms, what)) return {};
    outgoing_publish p;
    translation scratch;
    if (!translate(what, rules_, client_.broker.now().wall_ms, client_.version, scratch, p)) return core::drop_reason::unmappable;
    p.retain = p.retain || (client_.bridge && what.message->retain());
    if (p.qos != qos::at_most_once) {
        p.packet_id = core::packet_id_of(what.seq);
        p.dup = what.redelivered();
    }
    const std::string_view topic = p.topic;
    const outgoing_aliases::choice alias = aliases_.choose(topic);
    p.topic_alias = alias.alias;
    if (alias.announced) p.topic = {};
    const publish_sizes sizes = sizes_of(p, what.message->payload().size(), client_.version);
    if (!fits(sizes)) return core::drop_reason::too_large;
    aliases_.sent(topic, alias);
    write(p, sizes, *what.message);
    if (terms) last_publish.encoded(*terms, last_bytes(client_.link.output().tail(), sizes.whole));
    return {};
}

/// Nothing in the PUBLISH is this client's own, except the packet id.
std::optional<publish_copy::terms> delivery::plain_terms(const core::entry& e) const {
    const core::message& m = *e.message;
    if (!m.for_several() || aliases_.allowed() || e.redelivered() || !m.large_payload().empty()) return std::nullopt;
    if (client_.v5() && (m.expires_wall_ms() != 0 || !e.options->subscription_ids.empty())) return std::nullopt;
    return publish_copy::terms{.of = &m,
                               .made = core::message::made(),
                               .version = client_.version,
                               .qos = e.qos(),
                               .retain = shown_as_retained(e) || (client_.bridge && m.retain())};
}

bool delivery::send_copy(const publish_copy::terms& t, const core::entry& e) {
    const std::string_view whole = last_publish.find(t);
    if (whole.empty() || whole.size() > client_.limits.packet_bytes_max) return false;
    std::string& out = client_.link.output().tail();
    const std::size_t start = out.size();
    out.append(whole);
    if (t.qos != qos::at_most_once) put_integer(out.data() + start + packet_id_place(whole), core::packet_id_of(e.seq));
    sent(whole.size(), *e.message);
    return true;
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

bool delivery::fits(const publish_sizes& sizes) const {
    return sizes.whole <= std::min<std::size_t>(client_.limits.packet_bytes_max, packet_bytes_max);
}

void delivery::write(const outgoing_publish& p, const publish_sizes& sizes, const core::message& m) {
    output_buffer& out = client_.link.output();
    const shared_bytes& referenced = m.large_payload();
    encode(out.tail(), p, sizes, referenced.empty() ? m.payload() : std::string_view(), client_.version);
    if (!referenced.empty()) out.append(referenced);
    sent(sizes.whole, m);
}

void delivery::sent(std::size_t bytes, const core::message& m) {
    count_sent(client_.as_recipient(), bytes);
    core::traffic::direction& counted = client_.traffic().out;
    ++counted.messages;
    counted.message_bytes += m.payload().size();
}

void delivery::wake() {
    if (!stalled_) return;
    stalled_ = false;
    if (queues_)
        queues_->wake();
    else
        inbox().wake();
    client_.session.wake_shares();
}

void delivery::settle(std::uint16_t packet_id) {
    if (queues_) queues_->forget(packet_id);
    in_flight_.remove(packet_id);
    wake();
}

queue_consumers& delivery::queues() {
    if (!queues_) queues_ = std::make_unique<queue_consumers>(client_, *this);
    return *queues_;
}

void delivery::resume_queues() {
    if (queue_consumers::has_any(client_)) queues().resume();
}

// --- from the client ---

void delivery::acknowledge(const inflight::slot& s, std::uint16_t packet_id) {
    if (s.elsewhere)
        queues_->acknowledge(packet_id);
    else
        inbox().acknowledge(s.seq);
}

void delivery::refuse(const inflight::slot& s, std::uint16_t packet_id, reason why) {
    if (!s.elsewhere) return reject(s.seq, why);
    queues_->refuse(packet_id);
    inbox().free_place(s.seq);
}

/// QoS 2 has come to its end.
void delivery::complete(const inflight::slot& s) {
    if (s.elsewhere)
        inbox().free_place(s.seq);
    else
        inbox().acknowledge(s.seq);
}

/// Whoever gets the dead letter learns why.
void delivery::reject(std::uint64_t seq, reason why) {
    const core::named_value note(core::crossing_header::reason_code, std::int32_t{static_cast<std::uint8_t>(why)});
    inbox().reject(seq, core::drop_reason::rejected, &note);
}

result<void, reason> delivery::handle(const puback& p) {
    const inflight::slot* s = in_flight_.find(p.packet_id);
    if (!s) return success();  // settled on an earlier connection
    if (s->exactly_once) return reason::protocol_error;
    if (refuses(p.code))
        refuse(*s, p.packet_id, p.code);
    else
        acknowledge(*s, p.packet_id);
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
            complete(*s);
        else
            refuse(*s, p.packet_id, p.code);
        settle(p.packet_id);
        return success();
    }
    // Once PUBREL is out the client forgets the packet id, so it must never again see this message as new.
    const core::commit_number commit = s->elsewhere ? queues_->acknowledge(p.packet_id) : inbox().release(s->seq);
    s->released = true;
    outbox_.push({.type = packet_type::pubrel, .packet_id = p.packet_id, .commit = commit});
    return success();
}

result<void, reason> delivery::handle(const pubcomp& p) {
    const inflight::slot* s = in_flight_.find(p.packet_id);
    if (!s) return success();
    if (!s->released) return reason::protocol_error;
    complete(*s);
    settle(p.packet_id);
    return success();
}

}  // namespace causeway::mqtt
