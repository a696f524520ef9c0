#pragma once
// Tells when a client has been silent for too long. Hearing from it costs one assignment; the timer itself is moved only
// when it fires.

#include <cstdint>
#include <functional>
#include <utility>

#include "core/timers.hpp"

namespace causeway::mqtt {

class silence_timer {
public:
    /// `look` is called when the silence may have become too long: ask too_long().
    silence_timer(core::timers& timers, std::function<void()> look) : timers_(timers), timer_(timers, std::move(look)) {}

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

    /// If not, it looks again in time.
    bool too_long() {
        const std::int64_t due_ms = heard_ms_ + limit_ms_;
        if (due_ms <= timers_.now_steady_ms()) return true;
        timer_.arm_at(due_ms);
        return false;
    }

private:
    core::timers& timers_;
    core::timer timer_;
    std::int64_t limit_ms_ = 0;
    std::int64_t heard_ms_ = 0;
};

}  // namespace causeway::mqtt
