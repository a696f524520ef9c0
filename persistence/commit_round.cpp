#include "persistence/commit_round.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>

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
    const auto number = static_cast<std::uint32_t>(batches_.size());
    batches_.push_back(&what);
    for (std::size_t i = 0; i < what.size(); ++i) {
        const core::batch::operation o = what[i];
        steps_.push_back({eight_bytes(o.key, 0), eight_bytes(o.key, 8), number, static_cast<std::uint32_t>(i),
                          static_cast<std::uint16_t>(o.key.size()), o.where, o.erase, o.fresh});
    }
}

int commit_round::compare_keys(const step& a, const step& b) const {
    if (a.where != b.where) return a.where < b.where ? -1 : 1;
    if (a.high != b.high) return a.high < b.high ? -1 : 1;
    if (a.low != b.low) return a.low < b.low ? -1 : 1;
    if (a.key_size == b.key_size && a.key_size <= 16) return 0;
    return operation_of(a).key.compare(operation_of(b).key);
}

bool commit_round::before(const step& a, const step& b) const {
    if (const int order = compare_keys(a, b); order != 0) return order < 0;
    return a.batch != b.batch ? a.batch < b.batch : a.index < b.index;
}

void commit_round::find_runs() {
    runs_.clear();
    std::uint32_t first = 0;
    for (std::uint32_t i = 1; i <= steps_.size(); ++i) {
        if (i < steps_.size() && !before(steps_[i], steps_[i - 1])) continue;
        runs_.push_back({first, i});
        first = i;
    }
}

/// To the end of sorted_. Each pass merges neighbours, so no step is moved more often than the logarithm of how many runs there are.
void commit_round::merge(std::span<const run> overlapping) {
    const auto begin = static_cast<std::ptrdiff_t>(sorted_.size());
    ends_.assign(1, begin);
    for (const run& r : overlapping) {
        sorted_.insert(sorted_.end(), steps_.begin() + r.first, steps_.begin() + r.last);
        ends_.push_back(static_cast<std::ptrdiff_t>(sorted_.size()));
    }
    const auto order = [this](const step& a, const step& b) { return before(a, b); };
    while (ends_.size() > 2) {
        merged_.clear();
        std::size_t left = 1;
        for (std::size_t i = 0; i + 1 < ends_.size(); i += 2) {
            const auto from = sorted_.begin() + ends_[i];
            const auto middle = sorted_.begin() + ends_[i + 1];
            const auto to = i + 2 < ends_.size() ? sorted_.begin() + ends_[i + 2] : middle;
            std::merge(from, middle, middle, to, std::back_inserter(merged_), order);
            ends_[left++] = to - sorted_.begin();
        }
        ends_.resize(left);
        std::copy(merged_.begin(), merged_.end(), sorted_.begin() + begin);
    }
}

void commit_round::sort() {
    find_runs();
    std::sort(runs_.begin(), runs_.end(), [this](const run& a, const run& b) { return before(steps_[a.first], steps_[b.first]); });
    sorted_.clear();
    sorted_.reserve(steps_.size());
    for (std::size_t i = 0; i < runs_.size();) {
        std::uint32_t highest = runs_[i].last - 1;
        std::size_t end = i + 1;
        for (; end < runs_.size() && before(steps_[runs_[end].first], steps_[highest]); ++end)
            if (before(steps_[highest], steps_[runs_[end].last - 1])) highest = runs_[end].last - 1;
        merge(std::span(runs_).subspan(i, end - i));
        i = end;
    }
}

/// The last one counts.
void commit_round::keep(std::span<const step> of_one_key) {
    const step& last = of_one_key.back();
    if (last.erase && of_one_key.front().fresh) return;  // it came and went
    bool erased_before = false;
    for (const step& s : of_one_key.first(of_one_key.size() - 1)) erased_before = erased_before || s.erase;
    const core::batch::operation o = operation_of(last);
    left_.push_back({o.key, o.value, o.where, o.erase, erased_before});
}

std::span<const commit_round::operation> commit_round::collapse() {
    sort();
    left_.reserve(sorted_.size());
    for (std::size_t i = 0; i < sorted_.size();) {
        std::size_t end = i + 1;
        while (end < sorted_.size() && compare_keys(sorted_[i], sorted_[end]) == 0) ++end;
        keep(std::span(sorted_).subspan(i, end - i));
        i = end;
    }
    return left_;
}

void commit_round::clear() {
    batches_.clear();
    steps_.clear();
    left_.clear();
}

}  // namespace causeway::persistence
