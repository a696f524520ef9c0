// queue: what becomes of entries that were handed out, and of those that go without having been consumed.

#include "core/broker.hpp"

namespace causeway::core {

std::optional<entry> queue::extract_unacknowledged(std::uint64_t seq) {
    std::optional<entry> e = unacknowledged_.extract(seq);
    if (e && e->message) bytes_ -= e->message->size();
    return e;
}

entry queue::extract_last_unacknowledged() {
    entry e = unacknowledged_.extract_last();
    if (e.message) bytes_ -= e.message->size();
    return e;
}

commit_number queue::acknowledge(std::uint64_t seq) {
    std::optional<entry> e = extract_unacknowledged(seq);
    return e ? finish(*e) : 0;
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
    entry* const e = unacknowledged_.find(seq);
    if (!e) return 0;
    if (e->released) return e->gate;
    e->released = true;
    if (e->message) bytes_ -= e->message->size();
    e->gate = e->stored ? broker_.release_entry(*this, *e) : 0;
    if (e->kept) e->gate = broker_.erase_entry(e->options->share, e->share_seq, *e);
    e->kept = false;
    e->message = nullptr;
    return e->gate;
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
    if (std::optional<entry> e = extract_unacknowledged(seq)) give_back(std::move(*e));
}

void queue::requeued() {
    if (!is_too_long()) return;
    if (limits_->type == queue_type::quorum) dispatch(broker_.options().dispatch_budget);
    trim_to_limits();
    arm_expiry();
}

void queue::requeue_all() {
    while (!unacknowledged_.empty()) insert_ready(extract_last_unacknowledged());
}

void queue::reject(std::uint64_t seq, drop_reason reason, const named_value* note) {
    if (std::optional<entry> e = extract_unacknowledged(seq)) drop(std::move(*e), reason, note);
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

void queue::drop(entry e, drop_reason reason, const named_value* note) {
    ++broker_.counters_.dropped[static_cast<std::size_t>(reason)];
    if (limits_->dead_letter_exchange && e.message && dead_letters(reason)) broker_.dead_letter(*this, e, reason, note);
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
    while (!unacknowledged_.empty()) drop(extract_last_unacknowledged(), reason);
    arm_expiry();
}

}  // namespace causeway::core
