#pragma once
// All chance of a run comes from here, so a seed is a run.

#include <cstddef>
#include <cstdint>
#include <random>

namespace causeway::simulation {

class dice {
public:
    explicit dice(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t next() { return engine_(); }
    /// 0 … sides - 1. (Not a std distribution: those differ between libraries.)
    std::size_t below(std::size_t sides) { return static_cast<std::size_t>(engine_() % sides); }
    bool one_in(std::size_t sides) { return below(sides) == 0; }

private:
    std::mt19937_64 engine_;
};

}  // namespace causeway::simulation
