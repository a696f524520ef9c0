// queue: who gets what waits, and when: what expires first, what waits for its commit, whose turn it is.

#include <algorithm>

#include "base/check.hpp"
#include "core/broker.hpp"

namespace causeway::core {

entry queue::pop_ready() {
    entry e = ready_.pop_head();
    if (!ready_.has_levels() && e.message) bytes_ -= e.message->size();
    return e;
}

/// A message whose delivery to an MQTT client has begun goes on, whatever its age [MQTT-3.3.2-5, MQTT-4.4.0-1].
bool queue::can_expire(const entry& e) const {
    return e.expires_wall_ms != 0 && !e.released && !(session_ && e.deliveries > 0);
}

void queue::drop_expired(std::int64_t by_wall_ms, std::size_t most) {
    for (const entry* head = ready_.head(); head && most-- > 0 && can_expire(*head) && head->expires_wall_ms <= by_wall_ms;
         head = ready_.head())
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
            // Thousands may expire together: so many a turn, that others are not kept waiting.
            drop_expired(broker_.now().wall_ms, broker_.options().dispatch_budget);
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

/// It can take it.
void queue::hand_to(consumer& taker, entry&& e) {
    const handover how = taker.deliver(*this, e);
    if (how == handover::moved) return;
    if (how == handover::unmappable || how == handover::too_large)
        return drop(std::move(e), how == handover::unmappable ? drop_reason::unmappable : drop_reason::too_large);
    ++broker_.counters_.delivered;
    if (e.redelivered()) ++broker_.counters_.redelivered;
    ++e.deliveries;
    if (how == handover::settled)
        finish(e);
    else
        keep_unacknowledged(std::move(e));
}

/// An online client that keeps up gets what comes for it without a stop in its inbox. False: it must wait its turn. What a new
/// subscription brings is behind its SUBACK, and what the client has caused itself behind its PUBACK: these are still to be written.
bool queue::passes_through(entry& e) {
    if (!session_ || consumers_.empty() || !ready_.empty() || e.gate != 0 || e.options->retained_replay) return false;
    if (e.message->qos() != qos::at_most_once && e.message->published_by(session_->id())) return false;
    if (hold_ != 0 && broker_.state_of(hold_) == commit_state::pending) return false;
    if (e.expires_wall_ms != 0 && e.expires_wall_ms <= broker_.now().wall_ms) return false;
    if (!has_room_for(e)) return false;  // what it has not acknowledged counts to its session's limit
    e.seq = must_be_acknowledged(e) ? next_seq_ : 0;
    consumer& client = consumers_.first();
    if (!client.can_take(*this, e)) return false;
    next_seq_ += e.seq != 0;
    ++broker_.counters_.enqueued;
    if (e.stored) broker_.store_entry(*this, e);
    hand_to(client, std::move(e));
    return true;
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
        consumer* taker = consumers_.next_taker(*this, *ready_.head());
        if (!taker) break;
        hand_to(*taker, pop_ready());  // popped first: what the taker does may bring others back to the front
    }
    const entry* const head = ready_.head();
    if (expiring || (head && head->expires_wall_ms != 0)) {
        drop_expired(broker_.now().wall_ms, broker_.options().dispatch_budget);
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

void queue::keep_unacknowledged(entry&& e) {
    if (e.message) bytes_ += e.message->size();
    unacknowledged_.insert(std::move(e));
}

}  // namespace causeway::core
