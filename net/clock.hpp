#pragma once
// The clocks of the machine, read once a turn.

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/time.hpp"

namespace causeway::net {

inline std::int64_t steady_now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline instant now() {
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    return {steady_now_ms(), std::chrono::duration_cast<std::chrono::milliseconds>(wall).count()};
}

/// When steady_now_ms() will be that; far times are cut to an hour from now.
inline std::chrono::steady_clock::time_point steady_time(std::int64_t ms) {
    const auto latest = std::chrono::steady_clock::now() + std::chrono::hours(1);
    return std::min(latest, std::chrono::steady_clock::time_point(std::chrono::milliseconds(
                                std::min<std::int64_t>(ms, std::chrono::duration_cast<std::chrono::milliseconds>(
                                                               latest.time_since_epoch()).count()))));
}

}  // namespace causeway::net
