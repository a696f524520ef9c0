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
        case drop_reason::delivery_limit: return "delivery_limit";
        case drop_reason::cycle: return "cycle";
    }
    return "?";
}

queue::queue(broker& owner, queue_id id, queue_definition definition, std::shared_ptr<const queue_limits> limits)
    : broker_(owner), id_(id), definition_(std::move(definition)), limits_(std::move(limits)) {}

bool queue::durable() const {
    if (session_) return session_->durable();
    if (share_) return share_->stored;
    return definition_.durable && exclusive_owner == connection_id::none;
}

// --- consumers ---

outcome<void> queue::add_consumer(consumer& c, bool exclusive) {
    const bool single = limits_->single_active_consumer;
    if (exclusive_consumer_ || (exclusive && (single || !consumers_.empty())))
        return failure{error::access_refused,
                       "queue '" + name() + "' in vhost '" + broker_.options().vhost + "' in exclusive use"};
    const auto behind = std::find_if(consumers_.begin(), consumers_.end(),
                                     [p = c.priority()](const consumer* other) { return other->priority() < p; });
    const auto place = static_cast<std::size_t>(behind - consumers_.begin());
    if (single && !consumers_.empty() && place <= next_consumer_) ++next_consumer_;  // who is active stays it
    consumers_.insert(behind, &c);
    prioritized_ = consumers_.front()->priority() != consumers_.back()->priority();
    exclusive_consumer_ = exclusive;
    if (lease_) lease_->stop();
    wake();
    if (session_ && session_->shares) broker_.member_came(*session_);
    return success();
}

void queue::remove_consumer(consumer& c) {
    const auto at = std::find(consumers_.begin(), consumers_.end(), &c);
    if (at == consumers_.end()) return;
    const auto index = static_cast<std::size_t>(at - consumers_.begin());
    consumers_.erase(at);
    if (index < next_consumer_)
        --next_consumer_;
    else if (limits_->single_active_consumer && index == next_consumer_)
        next_consumer_ = 0;  // the next is the first of those with the highest priority
    prioritized_ = !consumers_.empty() && consumers_.front()->priority() != consumers_.back()->priority();
    exclusive_consumer_ = false;
    if (session_) broker_.attend_shares(*session_);
    if (consumers_.empty() && definition_.auto_delete) {
        broker_.remove_queue(*this, drop_reason::queue_deleted);
        return;
    }
    renew_lease();
    wake();
}

const consumer* queue::single_active_consumer() const {
    return limits_->single_active_consumer && !consumers_.empty() ? consumers_[next_consumer_] : nullptr;
}

/// Leases begin anew when the server starts: nobody can have used a queue that was not there.
void queue::renew_lease() {
    if (!limits_->expires_ms || !consumers_.empty()) {
        if (lease_) lease_->stop();
        return;
    }
    if (!lease_)
        lease_ = std::make_unique<timer>(broker_.timers(), [this] { broker_.remove_queue(*this, drop_reason::queue_deleted); });
    lease_->arm_at(broker_.now().steady_ms + *limits_->expires_ms);
}

void queue::apply(std::shared_ptr<const queue_limits> limits) {
    limits_ = std::move(limits);
    trim_to_limits();
    renew_lease();
}

void queue::cancel_consumers() {
    const std::vector<consumer*> leaving(consumers_.begin(), consumers_.end());
    consumers_.clear();
    next_consumer_ = 0;
    exclusive_consumer_ = false;
    for (consumer* c : leaving) c->queue_deleted(*this);
}

void queue::wake() {
    if (woken) return;
    woken = true;
    broker_.woken_.push_back(this);
}

consumer* queue::next_taker(const entry& e) {
    if (prioritized_ || limits_->single_active_consumer) return first_taker(e);
    for (std::size_t tried = 0; tried < consumers_.size(); ++tried) {
        if (next_consumer_ >= consumers_.size()) next_consumer_ = 0;
        consumer* c = consumers_[next_consumer_++];
        if (c->can_take(*this, e)) return c;
    }
    return nullptr;
}

/// Who takes one goes behind its equals.
consumer* queue::first_taker(const entry& e) {
    if (limits_->single_active_consumer) {
        consumer* active = consumers_[next_consumer_];
        return active->can_take(*this, e) ? active : nullptr;
    }
    const auto at = std::find_if(consumers_.begin(), consumers_.end(), [&](consumer* c) { return c->can_take(*this, e); });
    if (at == consumers_.end()) return nullptr;
    consumer* taker = *at;
    const auto lower = std::find_if(at, consumers_.end(),
                                    [p = taker->priority()](const consumer* c) { return c->priority() != p; });
    std::rotate(at, at + 1, lower);
    return taker;
}

// --- in ---

bool queue::has_room_for(const entry& e) const {
    if (limits_->messages_max && ready_.size() >= *limits_->messages_max) return false;
    const std::size_t more = goes_by_qos() ? e.message->size() : e.message->payload().size();
    return !limits_->bytes_max || limited_bytes() + more <= *limits_->bytes_max;
}

/// Makes room where the policy says so. An AMQP queue is trimmed afterwards instead, as RabbitMQ does it.
bool queue::make_room_for(const entry& e) {
    if (limits_->overflow != overflow::drop_head) return has_room_for(e);
    if (!goes_by_qos()) return true;
    if (limits_->bytes_max && e.message->size() > *limits_->bytes_max) return false;
    while (!has_room_for(e))
        if (!drop_oldest()) return false;
    return true;
}

/// What the client may know already is not dropped: it has been sent, and after a restart nobody knows.
bool queue::drop_oldest() {
    const auto at = std::find_if(ready_.plain().begin(), ready_.plain().end(), [](const entry& e) {
        return e.deliveries == 0 && !e.released && !(e.recovered && e.qos() == qos::exactly_once);
    });
    if (at == ready_.plain().end()) return false;
    drop(take_out(at), drop_reason::maxlen);
    arm_expiry();
    return true;
}

/// QoS 0 is not kept for those who are away.
bool queue::nobody_keeps(const entry& e) const {
    if (!goes_by_qos() || e.qos() != qos::at_most_once || broker_.options().queue_qos0) return false;
    return session_ ? consumers_.empty() : !share_->attended();
}

bool queue::push(entry e) {
    if (nobody_keeps(e)) {
        drop(std::move(e), drop_reason::no_consumer);
        return true;
    }
    if (!make_room_for(e)) {
        drop(std::move(e), drop_reason::maxlen);
        return !refuses(limits_->overflow);
    }
    if (limits_->ttl_ms) {
        const std::int64_t due = broker_.now().wall_ms + *limits_->ttl_ms;
        if (e.expires_wall_ms == 0 || due < e.expires_wall_ms) e.expires_wall_ms = due;
    }
    if (expires_on_arrival(e)) {
        drop(std::move(e), drop_reason::expired);
        return true;
    }
    ++broker_.counters_.enqueued;
    const bool is_head = append(std::move(e));
    if (share_) share_->pushed(ready_.plain().back());
    trim_to_limits();
    if (is_head) arm_expiry();
    if (!consumers_.empty()) wake();
    return true;
}

/// A time to live of 0: only who is ready now may have it.
bool queue::expires_on_arrival(const entry& e) const {
    return e.expires_wall_ms != 0 && e.expires_wall_ms <= broker_.now().wall_ms && !goes_by_qos() && consumers_.empty() &&
           ready_.empty();
}

void queue::accept(entry e) {
    if (append(std::move(e))) arm_expiry();
}

/// Once it is known to be an AMQP queue.
void queue::use_levels() {
    if (!goes_by_qos() && !ready_.has_levels()) ready_.use_levels(broker_, *this, limits_->priority_max, durable());
}

/// What has levels counts by itself.
void queue::count_ready(const entry& e) {
    if (!ready_.has_levels() && e.message) bytes_ += e.message->size();
}

/// Returns whether it is the head now.
bool queue::append(entry e) {
    use_levels();
    e.seq = must_be_acknowledged(e) ? ready_.place_of(*e.message, next_seq_++) : 0;
    if (e.gate == 0 && broker_.state_of(hold_) == commit_state::pending) {
        e.gate = hold_;
        e.held = !e.options->retained_replay;  // what a refused subscription would have brought goes with it
    }
    if (e.stored) broker_.store_entry(*this, e);
    count_ready(e);
    return ready_.push(std::move(e));
}

void queue::trim_to_limits() {
    if (limits_->overflow != overflow::drop_head || goes_by_qos()) return;
    while (is_too_long() && ready_.head()) drop(pop_ready(), drop_reason::maxlen);
}

bool queue::is_too_long() const {
    return (limits_->messages_max && ready_.size() > *limits_->messages_max) ||
           (limits_->bytes_max && limited_bytes() > *limits_->bytes_max);
}

// --- out ---

entry queue::pop_ready() {
    entry e = ready_.pop_head();
    if (!ready_.has_levels() && e.message) bytes_ -= e.message->size();
    return e;
}

/// Out of the middle of an inbox: the nearer side moves up.
entry queue::take_out(entries::iterator at) {
    entries& all = ready_.plain();
    entry e = std::move(*at);
    if (at.index() < all.size() / 2) {
        std::move_backward(all.begin(), at, at + 1);
        all.pop_front();
    } else {
        std::move(at + 1, all.end(), at);
        all.pop_back();
    }
    if (e.message) bytes_ -= e.message->size();
    return e;
}

std::vector<entry> queue::extract_ready(const choice& wanted) {
    std::vector<entry> taken;
    entries& all = ready_.plain();
    if (std::none_of(all.begin(), all.end(), wanted)) return taken;
    entries left;
    for (entry& e : all) {
        if (!wanted(e)) {
            left.push_back(std::move(e));
            continue;
        }
        if (e.message) bytes_ -= e.message->size();
        taken.push_back(std::move(e));
    }
    all.swap(left);
    if (session_) session_->wake_shares();
    arm_expiry();
    return taken;
}

const entry* queue::ready(std::uint64_t seq) const {
    auto& all = const_cast<entries&>(ready_.plain());
    const auto at = std::partition_point(all.begin(), all.end(), [seq](const entry& e) { return e.seq < seq; });
    return at != all.end() && at->seq == seq ? &*at : nullptr;
}

void queue::untie(queue_id share) {
    const auto forget = [&](entry& e) {
        if (!e.options || e.options->share != share || !e.kept) return;
        broker_.erase_entry(share, e.share_seq, e);
        e.kept = false;
    };
    for (entry& e : ready_.plain()) forget(e);
    for (entry& e : unacknowledged_) forget(e);
}

std::size_t queue::count_of(queue_id share) const {
    const auto is_from_it = [share](const entry& e) { return e.options && e.options->share == share; };
    return static_cast<std::size_t>(std::count_if(ready_.plain().begin(), ready_.plain().end(), is_from_it) +
                                    std::count_if(unacknowledged_.begin(), unacknowledged_.end(), is_from_it));
}

free_credit queue::credit() const {
    if (consumers_.empty()) return {};
    free_credit credit = consumers_.front()->credit();
    credit.entries -= std::min(credit.entries, ready_.size());
    return credit;
}

/// A message whose delivery to an MQTT client has begun goes on, whatever its age [MQTT-3.3.2-5, MQTT-4.4.0-1].
bool queue::can_expire(const entry& e) const {
    return e.expires_wall_ms != 0 && !e.released && !(session_ && e.deliveries > 0);
}

void queue::drop_expired(std::int64_t by_wall_ms) {
    for (const entry* head = ready_.head(); head && can_expire(*head) && head->expires_wall_ms <= by_wall_ms; head = ready_.head())
        drop(pop_ready(), drop_reason::expired);
}

void queue::arm_expiry() {
    const entry* const head = ready_.head();
    if (!head || !can_expire(*head)) {
        if (expiry_) expiry_->stop();
        return;
    }
    if (!expiry_) {
        expiry_ = std::make_unique<timer>(broker_.timers(), [this] {
            wake();
            if (!consumers_.empty()) return;  // they have the last chance, at the end of this turn
            drop_expired(broker_.now().wall_ms);
            arm_expiry();
        });
    }
    const instant now = broker_.now();
    expiry_->arm_at(now.steady_ms + std::max<std::int64_t>(0, head->expires_wall_ms - now.wall_ms));
}

bool queue::wait_for_commit() {
    if (!gated) broker_.gated_.push_back(this);
    gated = true;
    return false;
}

bool queue::head_is_ready(std::int64_t expired_by_wall_ms) {
    for (entry* first = ready_.head(); first; first = ready_.head()) {
        if (first->expires_wall_ms != 0) {
            drop_expired(expired_by_wall_ms);
            first = ready_.head();
        }
        if (!first) return false;
        entry& head = *first;
        if (head.gate == 0) return true;
        switch (broker_.state_of(head.gate)) {
            case commit_state::stored: head.gate = 0; return true;
            case commit_state::pending:
                if (share_ && share_->moves_before_commit(head)) return true;
                return wait_for_commit();
            case commit_state::failed: break;
        }
        if (head.released && head.stored) {  // it must not come as new after a restart: before PUBREL leaves, that is stored
            if (broker_.storage_available()) head.gate = broker_.release_entry(*this, head);
            return wait_for_commit();
        }
        if (head.held || head.released) {
            head.gate = 0;
            return true;
        }
        give_up_head();
    }
    return false;
}

/// Its commit has failed. Either its publisher was told so, or only its way here from a share is lost.
void queue::give_up_head() {
    entry e = pop_ready();
    if (!e.kept) return drop(std::move(e), drop_reason::commit_failed);
    session_->settled(e);
    broker_.return_failed(*session_, std::move(e));
}

void queue::dispatch(std::size_t budget) {
    const bool expiring = expiry_ && expiry_->armed();
    // What expires just now may still be handed out: the consumers of this turn are there "immediately" (x-message-ttl 0). Not so
    // to MQTT's subscribers [MQTT-3.3.2-5].
    const std::int64_t expired_by_wall_ms = broker_.now().wall_ms - (goes_by_qos() ? 0 : 1);
    while (!consumers_.empty() && head_is_ready(expired_by_wall_ms)) {
        if (budget-- == 0) {
            wake();
            break;
        }
        consumer* taker = next_taker(*ready_.head());
        if (!taker) break;
        entry e = pop_ready();  // first: what the taker does may bring others back to the front
        const handover how = taker->deliver(*this, e);
        if (how == handover::moved) continue;
        if (how == handover::unmappable || how == handover::too_large) {
            drop(std::move(e), how == handover::unmappable ? drop_reason::unmappable : drop_reason::too_large);
            continue;
        }
        ++broker_.counters_.delivered;
        if (e.redelivered()) ++broker_.counters_.redelivered;
        ++e.deliveries;
        if (how == handover::settled)
            finish(e);
        else
            keep_unacknowledged(std::move(e));
    }
    const entry* const head = ready_.head();
    if (expiring || (head && head->expires_wall_ms != 0)) {
        drop_expired(broker_.now().wall_ms);
        arm_expiry();
    }
    if (session_) session_->wake_shares();
}

std::optional<entry> queue::take(bool automatic) {
    if (lease_) renew_lease();
    if (!head_is_ready(broker_.now().wall_ms)) return std::nullopt;
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
    if (session_) session_->settled(e);
    return e.stored || e.kept ? erase_records(e) : 0;
}

commit_number queue::erase_records(const entry& e) {
    commit_number commit = 0;
    if (e.stored && e.seq != 0) commit = broker_.erase_entry(id_, e.seq, e);
    if (e.kept) commit = broker_.erase_entry(e.options->share, e.share_seq, e);
    return commit;
}

commit_number queue::release(std::uint64_t seq) {
    const auto at = find_unacknowledged(seq);
    if (at == unacknowledged_.end()) return 0;
    if (at->released) return at->gate;
    at->released = true;
    if (at->message) bytes_ -= at->message->size();
    at->gate = at->stored ? broker_.release_entry(*this, *at) : 0;
    if (at->kept) at->gate = broker_.erase_entry(at->options->share, at->share_seq, *at);
    at->kept = false;
    at->message = nullptr;
    return at->gate;
}

void queue::insert_ready(entry e) {
    count_ready(e);
    if (ready_.insert(std::move(e))) arm_expiry();
    wake();
}

/// A quorum queue keeps count also over a restart. What was on its way when a process died came back uncounted.
void queue::give_back(entry e) {
    if (limits_->delivery_limit && e.deliveries > *limits_->delivery_limit)
        return drop(std::move(e), drop_reason::delivery_limit);
    if (limits_->type == queue_type::quorum && e.stored) broker_.rewrite_entry(*this, e);
    insert_ready(std::move(e));
}

void queue::requeue(std::uint64_t seq) {
    const auto at = find_unacknowledged(seq);
    if (at != unacknowledged_.end()) give_back(extract_unacknowledged(at));
}

void queue::requeue_all() {
    while (!unacknowledged_.empty()) insert_ready(extract_unacknowledged(std::prev(unacknowledged_.end())));
}

void queue::reject(std::uint64_t seq, drop_reason reason) {
    const auto at = find_unacknowledged(seq);
    if (at != unacknowledged_.end()) drop(extract_unacknowledged(at), reason);
}

// --- away ---

/// What a full queue refuses stays with its publisher, unless it asks for both.
bool queue::dead_letters(drop_reason reason) const {
    switch (reason) {
        case drop_reason::rejected:
        case drop_reason::expired:
        case drop_reason::too_large:
        case drop_reason::unmappable:
        case drop_reason::delivery_limit: return true;
        case drop_reason::maxlen: return limits_->overflow != overflow::reject_publish;
        case drop_reason::no_consumer:
        case drop_reason::purged:
        case drop_reason::queue_deleted:
        case drop_reason::commit_failed:
        case drop_reason::cycle: break;
    }
    return false;
}

void queue::drop(entry e, drop_reason reason) {
    ++broker_.counters_.dropped[static_cast<std::size_t>(reason)];
    if (limits_->dead_letter_exchange && e.message && dead_letters(reason)) broker_.dead_letter(*this, e, reason);
    if (session_) session_->settled(e);
    erase_records(e);
}

std::size_t queue::purge() {
    const std::size_t count = ready_.size();
    drop_ready(drop_reason::purged);
    arm_expiry();
    return count;
}

void queue::drop_all(drop_reason reason) {
    drop_ready(reason);
    while (!unacknowledged_.empty()) drop(extract_unacknowledged(std::prev(unacknowledged_.end())), reason);
    arm_expiry();
}

}  // namespace causeway::core
