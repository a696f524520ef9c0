#include "core/queue.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "core/broker.hpp"

namespace causeway::core {

const char* name_of(drop_reason reason) {
    switch (reason) {
        case drop_reason::rejected: return "rejected";
        case drop_reason::expired: return "expired";
        case drop_reason::maxlen: return "maxlen";
        case drop_reason::no_consumer: return "no_consumer";
        case drop_reason::purged: return "purged";
        case drop_reason::queue_deleted: return "queue_deleted";
        case drop_reason::commit_failed: return "commit_failed";
        case drop_reason::too_large: return "maxsize";
        case drop_reason::unmappable: return "unmappable";
    }
    return "?";
}

queue::queue(broker& owner, queue_id id, queue_definition definition, std::shared_ptr<const queue_limits> limits)
    : broker_(owner), id_(id), definition_(std::move(definition)), limits_(std::move(limits)) {}

bool queue::durable() const {
    return session_ ? session_->durable() : definition_.durable && exclusive_owner == connection_id::none;
}

// --- consumers ---

outcome<void> queue::add_consumer(consumer& c, bool exclusive) {
    if (exclusive_consumer_ || (exclusive && !consumers_.empty()))
        return failure{error::access_refused,
                       "queue '" + name() + "' in vhost '" + broker_.options().vhost + "' in exclusive use"};
    consumers_.push_back(&c);
    exclusive_consumer_ = exclusive;
    wake();
    return success();
}

void queue::remove_consumer(consumer& c) {
    const auto at = std::find(consumers_.begin(), consumers_.end(), &c);
    if (at == consumers_.end()) return;
    const auto index = static_cast<std::size_t>(at - consumers_.begin());
    consumers_.erase(at);
    if (index < next_consumer_) --next_consumer_;
    exclusive_consumer_ = false;
    if (consumers_.empty() && definition_.auto_delete)
        broker_.remove_queue(*this, drop_reason::queue_deleted);
    else
        wake();
}

void queue::cancel_consumers() {
    const std::vector<consumer*> leaving(consumers_.begin(), consumers_.end());
    consumers_.clear();
    exclusive_consumer_ = false;
    for (consumer* c : leaving) c->queue_deleted(*this);
}

void queue::wake() {
    if (woken) return;
    woken = true;
    broker_.woken_.push_back(this);
}

consumer* queue::next_taker(const entry& e) {
    for (std::size_t tried = 0; tried < consumers_.size(); ++tried) {
        if (next_consumer_ >= consumers_.size()) next_consumer_ = 0;
        consumer* c = consumers_[next_consumer_++];
        if (c->can_take(*this, e)) return c;
    }
    return nullptr;
}

// --- in ---

bool queue::has_room_for(const entry& e) const {
    if (limits_->messages_max && ready_.size() >= *limits_->messages_max) return false;
    const std::size_t more = session_ ? e.message->size() : e.message->payload().size();
    return !limits_->bytes_max || limited_bytes() + more <= *limits_->bytes_max;
}

bool queue::push(entry e) {
    if (session_ && e.qos() == qos::at_most_once && consumers_.empty() && !broker_.options().queue_qos0) {
        drop(std::move(e), drop_reason::no_consumer);
        return true;
    }
    if (limits_->overflow != overflow::drop_head && !has_room_for(e)) {
        const bool refused = limits_->overflow == overflow::reject_publish;
        drop(std::move(e), drop_reason::maxlen);
        return !refused;
    }
    if (limits_->ttl_ms) {
        const std::int64_t due = broker_.now().wall_ms + *limits_->ttl_ms;
        if (e.expires_wall_ms == 0 || due < e.expires_wall_ms) e.expires_wall_ms = due;
    }
    if (must_be_acknowledged(e)) e.seq = next_seq_++;
    if (e.gate == 0 && broker_.state_of(hold_) == commit_state::pending) {
        e.gate = hold_;
        e.held = !e.options->retained_replay;  // what a refused subscription would have brought goes with it
    }
    if (e.stored) broker_.store_entry(*this, e);
    ++broker_.counters_.enqueued;
    bytes_ += e.message->size();
    ready_body_bytes_ += e.message->payload().size();
    ready_.push_back(std::move(e));
    trim_to_limits();
    if (ready_.size() == 1) arm_expiry();
    if (!consumers_.empty()) wake();
    return true;
}

void queue::restore(entry e) {
    next_seq_ = std::max(next_seq_, e.seq + 1);
    if (e.message) {
        bytes_ += e.message->size();
        ready_body_bytes_ += e.message->payload().size();
    }
    ready_.push_back(std::move(e));
    if (ready_.size() == 1) arm_expiry();
}

void queue::trim_to_limits() {
    if (limits_->overflow != overflow::drop_head) return;
    while (!ready_.empty() && ((limits_->messages_max && ready_.size() > *limits_->messages_max) ||
                               (limits_->bytes_max && limited_bytes() > *limits_->bytes_max)))
        drop(pop_ready(), drop_reason::maxlen);
}

// --- out ---

entry queue::pop_ready() {
    entry e = std::move(ready_.front());
    ready_.pop_front();
    if (e.message) {
        bytes_ -= e.message->size();
        ready_body_bytes_ -= e.message->payload().size();
    }
    return e;
}

/// A message whose delivery to an MQTT client has begun goes on, whatever its age [MQTT-3.3.2-5, MQTT-4.4.0-1].
bool queue::can_expire(const entry& e) const {
    return e.expires_wall_ms != 0 && !e.released && !(session_ && e.deliveries > 0);
}

void queue::drop_expired() {
    const std::int64_t now = broker_.now().wall_ms;
    while (!ready_.empty() && can_expire(ready_.front()) && ready_.front().expires_wall_ms <= now)
        drop(pop_ready(), drop_reason::expired);
}

void queue::arm_expiry() {
    if (ready_.empty() || !can_expire(ready_.front())) {
        if (expiry_) expiry_->stop();
        return;
    }
    if (!expiry_) {
        expiry_ = std::make_unique<timer>(broker_.timers(), [this] {
            wake();
            drop_expired();
            arm_expiry();
        });
    }
    const instant now = broker_.now();
    expiry_->arm_at(now.steady_ms + std::max<std::int64_t>(0, ready_.front().expires_wall_ms - now.wall_ms));
}

bool queue::head_is_ready() {
    while (!ready_.empty()) {
        if (ready_.front().expires_wall_ms != 0) drop_expired();
        if (ready_.empty()) return false;
        entry& head = ready_.front();
        if (head.gate == 0) return true;
        switch (broker_.state_of(head.gate)) {
            case commit_state::stored: head.gate = 0; return true;
            case commit_state::pending:
                if (!gated) broker_.gated_.push_back(this);
                gated = true;
                return false;
            case commit_state::failed: break;
        }
        if (head.held) {
            head.gate = 0;
            return true;
        }
        drop(pop_ready(), drop_reason::commit_failed);  // its publisher was told so
    }
    return false;
}

void queue::dispatch(std::size_t budget) {
    const bool expiring = expiry_ && expiry_->armed();
    while (!consumers_.empty() && head_is_ready()) {
        if (budget-- == 0) {
            wake();
            break;
        }
        consumer* taker = next_taker(ready_.front());
        if (!taker) break;
        ++broker_.counters_.delivered;
        if (ready_.front().redelivered()) ++broker_.counters_.redelivered;
        const handover how = taker->deliver(*this, ready_.front());
        entry e = pop_ready();
        ++e.deliveries;
        if (how == handover::settled)
            finish(e);
        else
            keep_unacknowledged(std::move(e));
    }
    if (expiring || (!ready_.empty() && ready_.front().expires_wall_ms != 0)) arm_expiry();
}

std::optional<entry> queue::take(bool automatic) {
    if (!head_is_ready()) return std::nullopt;
    entry e = pop_ready();
    arm_expiry();
    ++broker_.counters_.delivered;
    entry taken = e;
    ++e.deliveries;
    if (automatic)
        finish(e);
    else
        keep_unacknowledged(std::move(e));
    return taken;
}

// --- unacknowledged ---

void queue::keep_unacknowledged(entry e) {
    ++unacknowledged_count_;
    if (e.message) bytes_ += e.message->size();
    if (unacknowledged_.empty() || unacknowledged_.back().seq < e.seq) {
        unacknowledged_.push_back(std::move(e));
        return;
    }
    const auto at = std::lower_bound(unacknowledged_.begin(), unacknowledged_.end(), e.seq,
                                     [](const entry& a, std::uint64_t seq) { return a.seq < seq; });
    if (at->seq == e.seq) {  // the blank that it left when it was requeued
        *at = std::move(e);
        return;
    }
    unacknowledged_.insert(at, std::move(e));
}

queue::entries::iterator queue::find_unacknowledged(std::uint64_t seq) {
    const auto at = std::lower_bound(unacknowledged_.begin(), unacknowledged_.end(), seq,
                                     [](const entry& a, std::uint64_t wanted) { return a.seq < wanted; });
    return at != unacknowledged_.end() && at->seq == seq && at->options ? at : unacknowledged_.end();
}

const entry* queue::unacknowledged(std::uint64_t seq) const {
    auto* self = const_cast<queue*>(this);
    const auto at = self->find_unacknowledged(seq);
    return at == self->unacknowledged_.end() ? nullptr : &*at;
}

entry queue::extract_unacknowledged(entries::iterator at) {
    entry e = std::move(*at);
    at->options = nullptr;
    at->message = nullptr;
    --unacknowledged_count_;
    if (e.message) bytes_ -= e.message->size();
    while (!unacknowledged_.empty() && !unacknowledged_.front().options) unacknowledged_.pop_front();
    while (!unacknowledged_.empty() && !unacknowledged_.back().options) unacknowledged_.pop_back();
    // An entry that is not settled for long must not keep the blanks of all that came after it.
    if (unacknowledged_.size() > 2 * unacknowledged_count_ + 64) sweep_blanks();
    return e;
}

void queue::sweep_blanks() {
    std::remove_if(unacknowledged_.begin(), unacknowledged_.end(), [](const entry& e) { return !e.options; });
    while (unacknowledged_.size() > unacknowledged_count_) unacknowledged_.pop_back();
}

commit_number queue::acknowledge(std::uint64_t seq) {
    const auto at = find_unacknowledged(seq);
    if (at == unacknowledged_.end()) return 0;
    entry e = extract_unacknowledged(at);
    return finish(e);
}

commit_number queue::finish(entry& e) {
    ++broker_.counters_.acknowledged;
    return e.stored ? broker_.erase_entry(*this, e) : 0;
}

commit_number queue::release(std::uint64_t seq) {
    const auto at = find_unacknowledged(seq);
    if (at == unacknowledged_.end() || at->released) return 0;
    at->released = true;
    if (at->message) bytes_ -= at->message->size();
    const commit_number commit = at->stored ? broker_.release_entry(*this, *at) : 0;
    at->message = nullptr;
    return commit;
}

void queue::insert_ready(entry e) {
    if (e.message) {
        bytes_ += e.message->size();
        ready_body_bytes_ += e.message->payload().size();
    }
    // Fire-and-forget entries (seq 0) only ever stand behind what has been delivered before.
    const auto at = std::partition_point(ready_.begin(), ready_.end(),
                                         [&e](const entry& other) { return other.seq != 0 && other.seq < e.seq; });
    const bool first = at == ready_.begin();
    ready_.insert(at, std::move(e));
    if (first) arm_expiry();
    wake();
}

void queue::requeue(std::uint64_t seq) {
    const auto at = find_unacknowledged(seq);
    if (at != unacknowledged_.end()) insert_ready(extract_unacknowledged(at));
}

void queue::requeue_all() {
    while (!unacknowledged_.empty()) insert_ready(extract_unacknowledged(std::prev(unacknowledged_.end())));
}

void queue::reject(std::uint64_t seq, drop_reason reason) {
    const auto at = find_unacknowledged(seq);
    if (at != unacknowledged_.end()) drop(extract_unacknowledged(at), reason);
}

// --- away ---

void queue::drop(entry e, drop_reason reason) {
    ++broker_.counters_.dropped[static_cast<std::size_t>(reason)];
    const bool dies = reason == drop_reason::rejected || reason == drop_reason::expired || reason == drop_reason::maxlen;
    if (dies && limits_->dead_letter_exchange && e.message) broker_.dead_letter(*this, e, reason);
    if (e.stored && e.seq != 0) broker_.erase_entry(*this, e);
}

std::size_t queue::purge() {
    const std::size_t count = ready_.size();
    while (!ready_.empty()) drop(pop_ready(), drop_reason::purged);
    arm_expiry();
    return count;
}

void queue::drop_all(drop_reason reason) {
    while (!ready_.empty()) drop(pop_ready(), reason);
    while (!unacknowledged_.empty()) drop(extract_unacknowledged(std::prev(unacknowledged_.end())), reason);
    arm_expiry();
}

}  // namespace causeway::core
