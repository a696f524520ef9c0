#pragma once
// Random inputs for property tests. Seeded by Catch's --rng-seed, so every failure can be repeated.

#include <catch2/catch.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace causeway::test {

class dice {
public:
    dice() : source_(0x9E37'79B9'7F4A'7C15ULL ^ Catch::rngSeed()) {}

    /// From 0 to below `limit`.
    std::size_t below(std::size_t limit) { return static_cast<std::size_t>(source_() % limit); }
    std::uint64_t bits() { return source_(); }
    bool one_in(std::size_t count) { return below(count) == 0; }

    std::string text(std::string_view alphabet, std::size_t size_max) {
        std::string out(below(size_max + 1), ' ');
        for (char& c : out) c = alphabet[below(alphabet.size())];
        return out;
    }
    std::string bytes(std::size_t size_max) {
        std::string out(below(size_max + 1), ' ');
        for (char& c : out) c = static_cast<char>(source_());
        return out;
    }

private:
    std::mt19937_64 source_;
};

}  // namespace causeway::test
