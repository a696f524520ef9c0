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
    : broker_(owner),
      id_(id),
      definition_(std::move(definition)),
      limits_(std::move(limits)),
      consumers_(limits_->single_active_consumer) {}

bool queue::durable() const {
    if (session_) return session_->durable();
    if (share_) return share_->stored;
    return definition_.durable && exclusive_owner == connection_id::none;
}

// --- consumers ---

/// A quorum queue knows of no exclusive consumers, as RabbitMQ's does not.
outcome<void> queue::add_consumer(consumer& c, bool exclusive) {
    exclusive = exclusive && limits_->type == queue_type::classic;
    if (!consumers_.admits(exclusive))
        return failure{error::access_refused,
                       "queue '" + name() + "' in vhost '" + broker_.options().vhost + "' in exclusive use"};
    consumers_.add(c, exclusive);
    if (lease_) lease_->stop();
    wake();
    if (session_ && session_->shares) broker_.member_came(*session_);
    return success();
}

void queue::remove_consumer(consumer& c) {
    if (!consumers_.remove(c)) return;
    if (session_) broker_.attend_shares(*session_);
    if (consumers_.empty() && definition_.auto_delete) {
        broker_.remove_queue(*this, drop_reason::queue_deleted);
        return;
    }
    renew_lease();
    wake();
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
    for (consumer* c : consumers_.remove_all()) c->queue_deleted(*this);
}

void queue::wake(const consumer& c) {
    consumers_.wake(c);
    wake();
}

void queue::wake() {
    if (woken) return;
    woken = true;
    broker_.woken_.push_back(this);
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

bool queue::push(entry&& e) {
    if (nobody_keeps(e)) {
        drop(std::move(e), drop_reason::no_consumer);
        return true;
    }
    if (limits_->ttl_ms) {
        const std::int64_t due = broker_.now().wall_ms + *limits_->ttl_ms;
        if (e.expires_wall_ms == 0 || due < e.expires_wall_ms) e.expires_wall_ms = due;
    }
    // Limits count what no consumer takes at once: who has credit is served first, without waiting for the end of the turn.
    if (passes_through(e)) return true;
    const bool served = !consumers_.empty() && !goes_by_qos();
    if (served && refuses(limits_->overflow) && !has_room_for(e)) dispatch(broker_.options().dispatch_budget);
    if (!make_room_for(e)) {
        drop(std::move(e), drop_reason::maxlen);
        return !refuses(limits_->overflow);
    }
    if (expires_on_arrival(e)) {
        drop(std::move(e), drop_reason::expired);
        return true;
    }
    ++broker_.counters_.enqueued;
    const bool is_head = append(std::move(e));
    if (share_) share_->pushed(ready_.plain().back());
    if (served && is_too_long()) dispatch(broker_.options().dispatch_budget);
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

void queue::accept(entry&& e) {
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
bool queue::append(entry&& e) {
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
// --- out of the middle ---

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
    unacknowledged_.each(forget);
}

std::size_t queue::count_of(queue_id share) const {
    const auto is_from_it = [share](const entry& e) { return e.options && e.options->share == share; };
    auto count = static_cast<std::size_t>(std::count_if(ready_.plain().begin(), ready_.plain().end(), is_from_it));
    unacknowledged_.each([&](const entry& e) { count += is_from_it(e); });
    return count;
}

free_credit queue::credit() const {
    if (consumers_.empty()) return {};
    free_credit credit = consumers_.first().credit();
    credit.entries -= std::min(credit.entries, ready_.size());
    return credit;
}

}  // namespace causeway::core
