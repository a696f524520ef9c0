#pragma once
// How often each duration was seen, in buckets that are 1/64 of their value wide: percentiles are never more than 1.6 %
// above what was recorded. Recording costs a few instructions and no memory, whatever comes.

#include <array>
#include <bit>
#include <cstdint>

namespace causeway::bench {

class histogram {
public:
    void record(std::uint64_t value) {
        ++counts_[bucket_of(value)];
        ++count_;
        if (value > max_) max_ = value;
    }
    void add(const histogram& other);

    std::uint64_t count() const { return count_; }
    std::uint64_t max() const { return max_; }
    /// The value that `percent` (0 to 100) of all are not above: the upper end of its bucket, and never above max(). 0 if
    /// empty.
    std::uint64_t percentile(double percent) const;

private:
    static constexpr unsigned precision_bits = 6;
    static constexpr std::uint64_t per_octave = 1U << precision_bits;
    static constexpr std::size_t buckets = (64 - precision_bits + 1) * per_octave;

    /// Values below 64 have a bucket each; above, each power of two is cut into 64.
    static std::size_t bucket_of(std::uint64_t value) {
        if (value < per_octave) return value;
        const auto octave = static_cast<unsigned>(std::bit_width(value)) - precision_bits;  // 1 for 64..127
        return octave * per_octave + (value >> (octave - 1)) - per_octave;
    }
    static std::uint64_t upper_end(std::size_t bucket);

    std::array<std::uint64_t, buckets> counts_{};
    std::uint64_t count_ = 0;
    std::uint64_t max_ = 0;
};

}  // namespace causeway::bench
