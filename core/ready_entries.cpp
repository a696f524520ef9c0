#include "core/ready_entries.hpp"

#include <algorithm>

namespace causeway::core {

namespace {

constexpr int rank_shift = 56;
constexpr std::uint8_t priority_most = 255;

std::uint8_t rank_of(std::uint64_t seq) { return static_cast<std::uint8_t>(seq >> rank_shift); }

}  // namespace

void ready_entries::use_levels(broker& owner, queue& of, std::uint8_t priority_max, bool paged) {
    levels_.reset(new levels{owner, of, priority_max, paged});
}

std::uint64_t ready_entries::place_of(const message& m, std::uint64_t how_manieth) const {
    if (!levels_ || levels_->priority_max == 0) return how_manieth;
    const std::uint8_t priority = std::min(m.properties().priority.value_or(0), levels_->priority_max);
    return static_cast<std::uint64_t>(priority_most - priority) << rank_shift | how_manieth;
}

ready_level& ready_entries::level_of(std::uint64_t seq) {
    levels& all = *levels_;
    const std::uint8_t rank = rank_of(seq);
    auto at = std::lower_bound(all.by_rank.begin(), all.by_rank.end(), rank,
                               [](const ranked& l, std::uint8_t r) { return l.rank < r; });
    if (at == all.by_rank.end() || at->rank != rank)
        at = all.by_rank.insert(at, {rank, std::make_unique<ready_level>(all.owner, all.of, all.totals, all.paged)});
    all.first = std::min(all.first, static_cast<std::size_t>(at - all.by_rank.begin()));
    return *at->level;
}

/// Of those that are not empty. There must be one.
ready_level& ready_entries::first_level() {
    while (levels_->by_rank[levels_->first].level->empty()) ++levels_->first;
    return *levels_->by_rank[levels_->first].level;
}

entry* ready_entries::head() {
    if (empty()) return nullptr;
    return levels_ ? first_level().head() : &plain_.front();
}

entry ready_entries::pop_head() {
    if (levels_) return first_level().pop_head();
    entry e = std::move(plain_.front());
    plain_.pop_front();
    return e;
}

bool ready_entries::push(entry&& e) {
    if (!levels_) {
        plain_.push_back(std::move(e));
        return plain_.size() == 1;
    }
    ready_level& to = level_of(e.seq);
    const bool only = to.empty();
    to.push(std::move(e));
    return only && &first_level() == &to;
}

bool ready_entries::insert(entry&& e) {
    if (levels_) {
        ready_level& to = level_of(e.seq);
        return to.insert(std::move(e)) && &first_level() == &to;
    }
    const auto at = std::partition_point(plain_.begin(), plain_.end(),
                                         [&e](const entry& other) { return other.seq != 0 && other.seq < e.seq; });
    const bool first = at == plain_.begin();
    plain_.insert(at, std::move(e));
    return first;
}

bool ready_entries::settle() {
    bool waits = false;
    for (ranked& l : levels_->by_rank) waits = l.level->settle() || waits;
    return waits;
}

void ready_entries::shed() {
    for (ranked& l : levels_->by_rank) l.level->shed();
}

bool ready_entries::has_room(std::uint64_t seq) { return !level_of(seq).is_full(); }

void ready_entries::restore(entry e) {
    levels_->totals.recovered_upto = std::max(levels_->totals.recovered_upto, e.seq & place_number_max);
    level_of(e.seq).restore(std::move(e));
}

void ready_entries::restore_cold(std::uint64_t seq, const record::entry_outline& what) {
    levels_->totals.recovered_upto = std::max(levels_->totals.recovered_upto, seq & place_number_max);
    level_of(seq).restore_cold(seq, what);
}

std::size_t ready_entries::give_up_cold(std::vector<place_range>& records) {
    std::size_t count = 0;
    if (levels_)
        for (ranked& l : levels_->by_rank) count += l.level->give_up_cold(records);
    return count;
}

}  // namespace causeway::core
