#include "protocols/mqtt/queue_consumers.hpp"

#include <algorithm>
#include <utility>

#include "protocols/mqtt/delivery.hpp"
#include "protocols/mqtt/failure_reason.hpp"
#include "protocols/mqtt/topic_text.hpp"

namespace causeway::mqtt {

queue_consumers::queue_consumers(client& c, delivery& way_out)
    : client_(c),
      way_out_(way_out),
      retry_(c.broker.timers(), [this] { look_again(); }),
      share_again_(c.broker.timers(), [this] { way_out_.wake(); }) {}

queue_consumers::~queue_consumers() {
    while (!remembered_.empty()) {  // the client has not heard of them
        client_.session.inbox().free_place(remembered_.front().sent.seq);
        remembered_.pop_front();
    }
    give_all_back();
    for (auto& [queue, s] : by_queue_)
        if (s.consumer) s.consumer->detach();
}

/// The last first: that is the cheapest way back.
void queue_consumers::give_all_back() {
    std::vector<handed> all;
    for (const auto& [packet_id, f] : handed_)
        if (!f.acknowledged) all.push_back(f);
    std::sort(all.begin(), all.end(), [](const handed& a, const handed& b) {
        return std::pair(number(a.by->from()), b.seq) < std::pair(number(b.by->from()), a.seq);
    });
    for (const handed& f : all)
        if (core::queue* const q = f.by->find_queue()) q->requeue(f.seq);
    for (const handed& f : all)
        if (core::queue* const q = f.by->find_queue()) q->requeued();
}

// --- subscriptions ---

core::broker::binding_request queue_consumers::binding_of(std::string_view filter) const {
    core::broker::binding_request request;
    request.source = &client_.broker.default_exchange();
    request.to_queue = &client_.session.inbox();
    request.from = client_.broker.origins().mqtt;
    request.key = filter;
    return request;
}

bool queue_consumers::has_any(const client& c) {
    const auto& all = c.session.inbox().incoming;
    return std::any_of(all.begin(), all.end(), [&c](const core::binding* b) { return b->source == &c.broker.default_exchange(); });
}

void queue_consumers::resume() {
    for (const core::binding* b : client_.session.inbox().incoming) {
        if (b->source != &client_.broker.default_exchange()) continue;
        if (const auto queue = queue_of_filter(b->key)) by_queue_[std::string(*queue)].options = b->options;
    }
    look_again();
}

bool queue_consumers::knows(std::string_view filter) const {
    const auto queue = queue_of_filter(filter);
    return queue && by_queue_.contains(*queue);
}

result<core::commit_number, reason> queue_consumers::subscribe(std::string_view filter, core::options_ptr options) {
    const auto queue = queue_of_filter(filter);
    if (!queue) return reason::topic_filter_invalid;
    auto at = by_queue_.find(*queue);
    if (at == by_queue_.end()) at = by_queue_.emplace(*queue, subscription{}).first;
    subscription& s = at->second;
    s.options = std::move(options);
    s.answered = false;
    if (s.consumer) s.consumer->options = s.options;
    const auto consuming = s.consumer ? success() : consume(at->first, s);
    if (!consuming) {
        forget_subscription(*queue);
        return consuming.error();
    }
    core::broker::binding_request request = binding_of(filter);
    request.options = s.options;
    const auto bound = client_.broker.bind(std::move(request));
    if (bound) return bound.value().commit;
    forget_subscription(*queue);
    return reason_of(bound.error());
}

std::optional<core::commit_number> queue_consumers::unsubscribe(std::string_view filter) {
    const auto queue = queue_of_filter(filter);
    return queue ? forget_subscription(*queue) : std::nullopt;
}

std::optional<core::commit_number> queue_consumers::forget_subscription(std::string_view queue) {
    const auto at = by_queue_.find(queue);
    if (at == by_queue_.end()) return std::nullopt;
    subscription s = std::move(at->second);
    by_queue_.erase(at);
    if (s.consumer) {
        s.consumer->detach();
        retire(std::move(s.consumer));
    }
    const auto unbound = client_.broker.unbind(binding_of(filter_of_queue(queue)));
    return unbound ? unbound.value().commit : 0;
}

/// AMQP's rights count, as for what is published to "$amqp/…".
result<void, reason> queue_consumers::consume(const std::string& queue, subscription& s) {
    core::broker& broker = client_.broker;
    if (!client_.identity->may(core::right::read, client_.vhost(), queue)) return reason::not_authorized;
    const auto found = broker.use_queue(queue, client_.link.peer().id);
    if (!found) return reason_of(found.error());
    if (found.value()->session()) return reason::not_authorized;
    auto made = std::make_unique<queue_consumer>(*this, broker, *found.value());
    made->options = s.options;
    if (const auto joined = made->attach(); !joined) return reason_of(joined.error());
    s.consumer = std::move(made);
    return success();
}

void queue_consumers::retire(std::unique_ptr<queue_consumer> c) {
    sharing_.leaves(c->credit);
    if (c->held > 0) retired_.push_back(std::move(c));
}

void queue_consumers::queue_gone(queue_consumer& c) {
    const auto at = by_queue_.find(c.queue_name());
    if (at == by_queue_.end() || at->second.consumer.get() != &c) return;
    client_.broker.log().info("a queue that an MQTT client consumes is gone",
                              {{"client_id", client_.session.client_id()}, {"queue", at->first}});
    retire(std::move(at->second.consumer));
    sleep();
}

void queue_consumers::sleep() {
    if (!retry_.armed()) retry_.arm_at(client_.broker.now().steady_ms + queue_retry_ms);
}

void queue_consumers::look_again() {
    for (auto& [queue, s] : by_queue_)
        if (!s.consumer && !consume(queue, s)) sleep();
    way_out_.wake();
}

// --- SUBACK first ---

void queue_consumers::hold_until(core::commit_number granted, core::commit_number sent) {
    held_until_ = std::max(held_until_, sent);
    for (auto& [queue, s] : by_queue_)
        if (!std::exchange(s.answered, true)) s.granted_by = granted;
}

void queue_consumers::commits_settled() {
    send_remembered();
    core::broker& broker = client_.broker;
    if (held_until_ == 0 || broker.state_of(held_until_) == core::commit_state::pending) return;
    held_until_ = 0;
    std::vector<std::string> refused;
    for (auto& [queue, s] : by_queue_)
        if (const auto commit = std::exchange(s.granted_by, 0); commit != 0 && broker.state_of(commit) == core::commit_state::failed)
            refused.push_back(queue);
    for (const std::string& queue : refused) forget_subscription(queue);
    way_out_.wake();
}

// --- to the client ---

bool queue_consumers::may_take(queue_consumer& c, const core::entry& next) {
    const qos q = std::min(next.message->qos(), c.options->qos_max);
    bool able = held_until_ == 0 && way_out_.has_output_room();
    if (able) able = is_remembered(q) ? may_be_remembered() : remembered_.empty();  // nothing overtakes what waits
    if (able && q != qos::at_most_once) able = part_of(c.credit) > 0;
    if (able) return true;
    sharing_.refused(c.credit);
    way_out_.stall();
    return false;
}

bool queue_consumers::may_be_remembered() {
    if (client_.broker.storage_available()) return true;
    sleep();
    return false;
}

core::handover queue_consumers::deliver(queue_consumer& c, const core::entry& next) {
    sharing_.served(c.credit);
    core::entry sent{.message = next.message, .options = c.options};  // nothing of what happened to it elsewhere
    const qos q = sent.qos();
    if (q != qos::at_most_once) sent.seq = free_place();
    if (is_remembered(q)) {
        remember(c, next, std::move(sent));
        return core::handover::waiting;
    }
    if (const auto lost = way_out_.send(sent))
        return *lost == core::drop_reason::unmappable ? core::handover::unmappable : core::handover::too_large;
    if (q == qos::at_most_once) return core::handover::settled;
    track(c, next, sent);
    return core::handover::waiting;
}

void queue_consumers::track(queue_consumer& c, const core::entry& next, const core::entry& sent) {
    const std::uint16_t packet_id = core::packet_id_of(sent.seq);
    const bool exactly_once = sent.qos() == qos::exactly_once;
    way_out_.in_flight().add(packet_id, {.seq = sent.seq, .exactly_once = exactly_once, .counted = true, .elsewhere = true});
    handed_.emplace(packet_id, handed{.by = &c, .seq = next.seq});
    ++c.held;
    ++c.credit.used;
    ++used_;
}

/// A client whose session lasts keeps a packet id of QoS 2 until PUBREL, over connections and crashes of ours. Another message that
/// came with it would be taken for the same, and lost. So the inbox remembers the id before the client hears of it.
void queue_consumers::remember(queue_consumer& c, const core::entry& next, core::entry sent) {
    const core::commit_number commit = client_.session.inbox().mark_place(sent.seq, sent.options);
    track(c, next, sent);
    remembered_.push_back({std::move(sent), commit});
    client_.broker.await_commit(client_.self, commit);
}

void queue_consumers::send_remembered() {
    bool any = false;
    while (!remembered_.empty()) {
        const core::commit_state state = client_.broker.state_of(remembered_.front().commit);
        if (state == core::commit_state::pending) break;
        const core::entry e = std::move(remembered_.front().sent);
        remembered_.pop_front();
        send_remembered(e, state);
        any = true;
    }
    if (any) way_out_.wake();
}

void queue_consumers::send_remembered(const core::entry& e, core::commit_state stored) {
    const std::uint16_t packet_id = core::packet_id_of(e.seq);
    const auto at = handed_.find(packet_id);
    if (at == handed_.end() || at->second.acknowledged) return;  // by a client that knows the future
    core::queue* const from = at->second.by->find_queue();
    const bool can_be_sent = from && stored == core::commit_state::stored;
    const auto lost = can_be_sent ? way_out_.send(e) : std::nullopt;
    if (can_be_sent && !lost) return;
    if (lost)
        from->reject(at->second.seq, *lost);
    else if (from) {
        from->requeue(at->second.seq);
        from->requeued();
    }
    client_.session.inbox().free_place(e.seq);
    way_out_.settle(packet_id);
}

/// Packet ids are the inbox's to give, so that they are given once.
std::uint64_t queue_consumers::free_place() const {
    for (;;)
        if (const std::uint64_t place = client_.session.inbox().reserve_place(); way_out_.in_flight().is_free(core::packet_id_of(place)))
            return place;
}

// --- from the client ---

core::commit_number queue_consumers::acknowledge(std::uint16_t packet_id) {
    handed& f = handed_.at(packet_id);
    if (std::exchange(f.acknowledged, true)) return f.commit;
    if (core::queue* const q = f.by->find_queue()) f.commit = q->acknowledge(f.seq);
    return f.commit;
}

void queue_consumers::refuse(std::uint16_t packet_id) {
    handed& f = handed_.at(packet_id);
    if (!std::exchange(f.acknowledged, true)) f.by->refuse(f.seq);
}

void queue_consumers::forget(std::uint16_t packet_id) {
    const auto at = handed_.find(packet_id);
    if (at == handed_.end()) return;
    queue_consumer* const by = at->second.by;
    handed_.erase(at);
    --by->credit.used;
    --used_;
    if (--by->held == 0) std::erase_if(retired_, [by](const auto& each) { return each.get() == by; });
}

// --- credit ---

std::size_t queue_consumers::part_of(credit_party& p) {
    const std::size_t room = way_out_.in_flight().room();
    const std::size_t part = sharing_.part_of(p, room, way_out_.in_flight().max());
    // Those for whom it is refused may have found nothing to send meanwhile: ask them again in the next turn.
    if (part == 0 && room > 0 && !share_again_.armed()) share_again_.arm_at(client_.broker.now().steady_ms);
    return part;
}

std::size_t queue_consumers::room_for_inbox() {
    inbox_.used = way_out_.in_flight().counted() - used_;
    return part_of(inbox_);
}

void queue_consumers::wake() {
    std::vector<std::pair<std::uint64_t, core::queue*>> due{{inbox_.served, &client_.session.inbox()}};
    if (!client_.session.inbox().woken) sharing_.wakes(inbox_);
    for (auto& [queue, s] : by_queue_) {
        if (!s.consumer || s.consumer->attached()->woken) continue;
        if (sharing_.wakes(s.consumer->credit)) due.emplace_back(s.consumer->credit.served, s.consumer->attached());
    }
    std::sort(due.begin(), due.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [served, q] : due) q->wake();
}

}  // namespace causeway::mqtt
