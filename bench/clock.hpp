#pragma once
// The steady clock in nanoseconds: what latencies and rates are counted in.

#include <time.h>

#include <cstdint>

namespace causeway::bench {

inline constexpr std::uint64_t second_ns = 1'000'000'000;

inline std::uint64_t now_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * second_ns + static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace causeway::bench
