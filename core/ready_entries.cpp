#include "core/ready_entries.hpp"

namespace causeway::core {

namespace {

constexpr int rank_shift = 56;
constexpr std::uint8_t priority_most = 255;

std::uint8_t rank_of(std::uint64_t seq) { return static_cast<std::uint8_t>(seq >> rank_shift); }

}  // namespace

std::uint64_t ready_entries::place_of(const message& m, std::uint64_t how_manieth) const {
    if (!levels_ || levels_->priority_max == 0) return how_manieth;
    const std::uint8_t priority = std::min(m.properties().priority.value_or(0), levels_->priority_max);
    return static_cast<std::uint64_t>(priority_most - priority) << rank_shift | how_manieth;
}

ready_entries::level& ready_entries::level_of(std::uint64_t seq) {
    std::vector<level>& all = levels_->by_rank;
    const std::uint8_t rank = rank_of(seq);
    auto at = std::lower_bound(all.begin(), all.end(), rank, [](const level& l, std::uint8_t r) { return l.rank < r; });
    if (at == all.end() || at->rank != rank) at = all.insert(at, {rank, {}});
    const auto index = static_cast<std::size_t>(at - all.begin());
    levels_->first = std::min(levels_->first, index);
    return *at;
}

entry* ready_entries::head() {
    if (empty()) return nullptr;
    if (!levels_) return &plain_.front();
    while (levels_->by_rank[levels_->first].entries.empty()) ++levels_->first;
    return &levels_->by_rank[levels_->first].entries.front();
}

entry ready_entries::pop_head() {
    entry* const first = head();
    entry e = std::move(*first);
    if (!levels_) {
        plain_.pop_front();
        return e;
    }
    levels_->by_rank[levels_->first].entries.pop_front();
    --levels_->count;
    if (e.message) levels_->body_bytes -= e.message->payload().size();
    return e;
}

bool ready_entries::push(entry e) {
    if (levels_) count(e);
    ring<entry>& where = levels_ ? level_of(e.seq).entries : plain_;
    where.push_back(std::move(e));
    return head() == &where.back();
}

bool ready_entries::insert(entry e) {
    if (levels_) count(e);
    ring<entry>& where = levels_ ? level_of(e.seq).entries : plain_;
    const auto at = std::partition_point(where.begin(), where.end(),
                                         [&e](const entry& other) { return other.seq != 0 && other.seq < e.seq; });
    const std::size_t index = at.index();
    where.insert(at, std::move(e));
    return head() == &where[index];
}

void ready_entries::count(const entry& e) {
    ++levels_->count;
    if (e.message) levels_->body_bytes += e.message->payload().size();
}

}  // namespace causeway::core
