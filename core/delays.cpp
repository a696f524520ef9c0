// Messages that wait for their time at a delaying exchange. What becomes of one that is stored, in an order in which neither a crash nor
// a failed commit, of which the erases stay, can lose or double it: the batch that brings its entries also writes in its record that it
// is awakened; they wait for that batch; if it fails the message waits on; and only then the record goes.

#include <algorithm>
#include <utility>

#include "core/broker.hpp"

namespace causeway::core {

namespace {

constexpr int awakened_per_turn = 1'000;
constexpr std::int64_t retry_ms = 1'000;  // while the store takes nothing

record::short_key key_of(delayed::place at) { return record::key(static_cast<std::uint64_t>(at.due_wall_ms), at.id); }

}  // namespace

/// fate::routed: it is not refused.
receipt::fate broker::refused_delay(const message& m) const {
    if (delayed_.bytes() + m.size() * delaying_.size() > options_.delayed_bytes_max) return receipt::fate::refused_by_limit;
    const auto is_durable = [](const exchange* x) { return x->definition().durable; };
    const bool must_be_stored = m.durable() && std::any_of(delaying_.begin(), delaying_.end(), is_durable);
    return must_be_stored && !store_.available() ? receipt::fate::refused_by_storage : receipt::fate::routed;
}

receipt broker::hold_back(receipt so_far, const message_ptr& m, other_names more) {
    if (so_far.what == receipt::fate::refused_by_storage) return so_far;
    for (const exchange* at : delaying_) so_far.commit = std::max(so_far.commit, hold_back(*at, m, more));
    if (so_far.what == receipt::fate::no_target) so_far.what = receipt::fate::routed;
    arm_delayed();
    return so_far;
}

/// In a durable exchange even a transient message waits in the store, as with RabbitMQ's plugin: it may wait for weeks.
commit_number broker::hold_back(const exchange& at, const message_ptr& m, other_names more) {
    const delayed::place place{now_.wall_ms + delay_ms_of(*m).value_or(0), ++last_id_};
    delayed::item it{.what = {.exchange = at.name(), .more_names = {more.begin(), more.end()}, .message = m},
                     .stored = at.definition().durable && store_.available()};
    commit_number commit = 0;
    if (it.stored) {
        commit = put_record(table::delayed, key_of(place), it.what);
    }
    delayed_.add(place, std::move(it));
    return commit;
}

/// So many a turn, that others are not kept waiting.
void broker::awaken_delayed() {
    std::vector<std::pair<delayed::place, delayed::item>> waiting_on;
    for (int i = 0; i < awakened_per_turn; ++i) {
        auto due = delayed_.take_due(now_.wall_ms);
        if (!due) break;
        if (!awaken(due->first, due->second)) waiting_on.push_back(std::move(*due));
    }
    for (auto& [place, it] : waiting_on) delayed_.add(place, std::move(it));
    arm_delayed(waiting_on.empty() ? 0 : retry_ms);
}

/// False: the store, which it needs, takes nothing at the moment.
bool broker::awaken(delayed::place at, delayed::item& it) {
    if (it.stored && !store_.available()) return false;
    receipt r{receipt::fate::no_target, 0};
    if (exchange* to = find_exchange(it.what.exchange)) {
        const message_ptr m = awakened(*it.what.message);
        r = deliver(route(*to, *m, it.what.more_names), m, it.stored ? next_commit_ : 0, it.stored);
    }
    if (r.what == receipt::fate::refused_by_storage) return false;
    if (r.what == receipt::fate::no_target) ++counters_.unroutable;
    if (!it.stored) return true;
    awakened_.push_back({put_record(table::delayed, key_of(at), record::delayed_record{}), at, std::move(it)});
    return true;
}

void broker::settle_awakened() {
    bool again = false;
    while (!awakened_.empty() && state_of(awakened_.front().commit) != commit_state::pending) {
        awakened_item& first = awakened_.front();
        if (state_of(first.commit) == commit_state::stored) {
            erase(table::delayed, key_of(first.at));
        } else {
            delayed_.add(first.at, std::move(first.what));
            again = true;
        }
        awakened_.pop_front();
    }
    if (again) arm_delayed();
}

void broker::arm_delayed(std::int64_t wait_ms_least) {
    const std::optional<std::int64_t> due = delayed_.next_wall_ms();
    if (!due) return;
    if (!delayed_timer_) delayed_timer_ = std::make_unique<timer>(timers_, [this] { awaken_delayed(); });
    delayed_timer_->arm_at(now_.steady_ms + std::max(*due - now_.wall_ms, wait_ms_least));
}

}  // namespace causeway::core
