#pragma once
// Ways to cut bytes into pieces, for the rule that any split of the input gives the same events.

#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>
#include <vector>

namespace causeway::tests {

using chunks = std::vector<std::string_view>;

/// Pieces of `size` bytes; the last may be shorter.
inline chunks pieces_of(std::string_view bytes, std::size_t size) {
    chunks pieces;
    for (std::size_t at = 0; at < bytes.size(); at += size) pieces.push_back(bytes.substr(at, size));
    return pieces;
}

/// Pieces of 0 to `size_max` bytes; the same for the same seed.
inline chunks random_pieces(std::string_view bytes, std::size_t size_max, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    chunks pieces;
    for (std::size_t at = 0; at < bytes.size(); at += pieces.back().size())
        pieces.push_back(bytes.substr(at, random() % (size_max + 1)));
    return pieces;
}

/// use(chunks) with many splits of the same bytes: whole, byte by byte, at each position up to a bound, and at random.
template <class Use>
void each_split(std::string_view bytes, Use&& use) {
    constexpr std::size_t positions_max = 300;
    constexpr std::uint64_t seeds = 50;
    use(chunks{bytes});
    for (std::size_t size : {1, 2, 3, 7}) use(pieces_of(bytes, size));
    for (std::size_t at = 1; at < bytes.size() && at <= positions_max; ++at) use(chunks{bytes.substr(0, at), bytes.substr(at)});
    for (std::uint64_t seed = 0; seed < seeds; ++seed) use(random_pieces(bytes, 40, seed));
}

}  // namespace causeway::tests
