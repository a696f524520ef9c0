#include "core/homecoming.hpp"

#include <utility>

#include "core/broker.hpp"

namespace causeway::core {

void homecomings::begin(share& to, const entry& back, queue_id inbox, std::uint64_t inbox_seq) {
    const place where{to.id(), back.seq};
    known_[where] = {.inbox = inbox, .seq = inbox_seq, .message = back.message};
    broker_.count_record(back);
    if (broker_.state_of(back.gate) == commit_state::stored)
        write(where);
    else
        await(where, back.gate);
}

void homecomings::correct(share& to, const entry& back) {
    const place where{to.id(), back.seq};
    known_[where] = {};
    write(where);
}

void homecomings::resume(share& to, std::uint64_t seq) {
    const auto at = known_.find({to.id(), seq});
    if (at != known_.end() && at->second.commit == 0) due_.push_back(at->first);
}

void homecomings::settle_commits() {
    while (!waiting_.empty() && broker_.state_of(waiting_.begin()->first) != commit_state::pending) {
        const auto [commit, where] = *waiting_.begin();
        waiting_.erase(waiting_.begin());
        const auto at = known_.find(where);
        if (at == known_.end() || at->second.commit != commit) continue;  // settled meanwhile, perhaps back again
        const bool stored = broker_.state_of(commit) == commit_state::stored;
        if (!stored && !at->second.written) continue;  // never published: its queue drops it
        if (stored && at->second.written) {
            forget(where);
            broker_.shares_by_queue_.at(where.share)->wake_if_starved();
        } else {
            at->second.commit = 0;
            due_.push_back(where);
        }
    }
}

void homecomings::write_due() {
    for (const place& where : std::exchange(due_, {}))
        if (const auto at = known_.find(where); at != known_.end() && at->second.commit == 0) write(where);
}

void homecomings::await(const place& where, commit_number commit) {
    known_.at(where).commit = commit;
    waiting_.emplace(commit, where);
}

/// One that has been handed on meanwhile is written when it is back: until then, or until it is settled, the inbox's record stays.
void homecomings::write(const place& where) {
    const queue& home = broker_.shares_by_queue_.at(where.share)->queue();
    const entry* e = home.ready(where.seq);
    if (!e) return;
    known_.at(where).written = true;
    await(where, broker_.store_entry_again(home, *e));
}

void homecomings::forget(const place& where) {
    const auto at = known_.find(where);
    if (at == known_.end()) return;
    const origin o = std::move(at->second);
    known_.erase(at);
    if (o.inbox == queue_id::none) return;
    broker_.give_up_message(o.message);
    broker_.erase(table::entries, record::key(number(o.inbox), o.seq));
}

}  // namespace causeway::core
