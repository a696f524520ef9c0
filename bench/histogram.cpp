#include "bench/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace causeway::bench {

void histogram::add(const histogram& other) {
    for (std::size_t i = 0; i < buckets; ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
}

std::uint64_t histogram::percentile(double percent) const {
    const auto wanted =
        std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(percent / 100 * static_cast<double>(count_))));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets; ++i) {
        seen += counts_[i];
        if (seen >= wanted) return std::min(upper_end(i), max_);
    }
    return max_;
}

std::uint64_t histogram::upper_end(std::size_t bucket) {
    if (bucket < per_octave) return bucket;
    const std::uint64_t shift = bucket / per_octave - 1;
    return ((per_octave + bucket % per_octave) << shift) + ((std::uint64_t{1} << shift) - 1);
}

}  // namespace causeway::bench
