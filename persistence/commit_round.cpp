#include "persistence/commit_round.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace causeway::persistence {

namespace {

/// Eight bytes from `at` on as a number that orders as they do; missing ones count as 0.
std::uint64_t eight_bytes(std::string_view key, std::size_t at) {
    if (at >= key.size()) return 0;
    std::uint64_t value = 0;
    std::memcpy(&value, key.data() + at, std::min<std::size_t>(8, key.size() - at));
    return std::endian::native == std::endian::little ? __builtin_bswap64(value) : value;
}

}  // namespace

void commit_round::add(const core::batch& what) {
    for (std::size_t i = 0; i < what.size(); ++i) {
        const core::batch::operation o = what[i];
        steps_.push_back({eight_bytes(o.key, 0), eight_bytes(o.key, 8), {o.key, o.value, o.where, o.erase, false},
                          static_cast<std::uint32_t>(steps_.size())});
    }
}

bool commit_round::before(const step& a, const step& b) {
    if (a.what.where != b.what.where) return a.what.where < b.what.where;
    if (a.high != b.high) return a.high < b.high;
    if (a.low != b.low) return a.low < b.low;
    if (const int order = a.what.key.compare(b.what.key); order != 0) return order < 0;
    return a.order < b.order;
}

bool commit_round::same_key(const step& a, const step& b) {
    return a.what.where == b.what.where && a.high == b.high && a.low == b.low && a.what.key == b.what.key;
}

std::span<const commit_round::operation> commit_round::collapse() {
    if (!std::is_sorted(steps_.begin(), steps_.end(), before)) std::sort(steps_.begin(), steps_.end(), before);
    left_.reserve(steps_.size());
    bool erased = false;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        if (i + 1 < steps_.size() && same_key(steps_[i], steps_[i + 1])) {
            erased = erased || steps_[i].what.erase;
            continue;
        }
        left_.push_back(steps_[i].what);
        left_.back().erased_before = erased;
        erased = false;
    }
    return left_;
}

void commit_round::clear() {
    steps_.clear();
    left_.clear();
}

}  // namespace causeway::persistence
