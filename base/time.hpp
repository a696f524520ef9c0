#pragma once
// Time is an argument: the broker is told what time it is once a turn and never asks a clock.

#include <cstdint>

namespace causeway {

/// One reading of both clocks. Timers count on steady_ms; expiries that outlive the process on wall_ms (Unix epoch).
struct instant {
    std::int64_t steady_ms = 0;
    std::int64_t wall_ms = 0;
};

}  // namespace causeway
