#include "bench/sequence.hpp"

#include <iterator>

namespace causeway::bench {

sequence::seen sequence::jump(std::uint64_t number) {
    const std::uint64_t skipped = number - next_;
    missing_.emplace(next_, number - 1);
    missing_count_ += skipped;
    next_ = number + 1;
    return {verdict::in_order, skipped + 1};
}

sequence::seen sequence::look_back(std::uint64_t number) {
    auto gap = missing_.upper_bound(number);
    if (gap == missing_.begin() || std::prev(gap)->second < number) return {verdict::doubled, 0};
    gap = std::prev(gap);
    const std::uint64_t first = gap->first, last = gap->second;
    missing_.erase(gap);
    if (first < number) missing_.emplace(first, number - 1);
    if (number < last) missing_.emplace(number + 1, last);
    --missing_count_;
    return {verdict::late, 0};
}

}  // namespace causeway::bench
