#pragma once
// Tells when a client has been silent for too long. Hearing from it costs one assignment; the timer itself is moved only
// when it fires.

#include <algorithm>
#include <cstdint>
#include <functional>

#include "core/timers.hpp"

namespace causeway::mqtt {

class silence_timer {
public:
    silence_timer(core::timers& timers, std::function<void()> silent)
        : timers_(timers), silent_(std::move(silent)), timer_(timers, [this] { look(); }) {}

    /// From now on; 0: silence does not matter.
    void limit(std::int64_t ms) {
        limit_ms_ = ms;
        heard();
        if (ms == 0)
            timer_.stop();
        else
            timer_.arm_in(ms);
    }
    void heard() { heard_ms_ = timers_.now_steady_ms(); }
    /// The silence so far is excused.
    void again() { limit(limit_ms_); }
    void stop() { timer_.stop(); }

private:
    void look() {
        const std::int64_t due_ms = heard_ms_ + limit_ms_;
        if (due_ms > timers_.now_steady_ms())
            timer_.arm_at(due_ms);
        else
            silent_();
    }

    core::timers& timers_;
    std::function<void()> silent_;
    core::timer timer_;
    std::int64_t limit_ms_ = 0;
    std::int64_t heard_ms_ = 0;
};

}  // namespace causeway::mqtt
