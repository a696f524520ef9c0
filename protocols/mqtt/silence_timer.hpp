#pragma once
// Tells when a client has been silent for too long. Hearing from it costs one assignment; the timer itself is moved only
// when it fires. Every client is one, so it is small: whom to tell it knows by inheritance.

#include <algorithm>
#include <cstdint>

#include "core/timers.hpp"

namespace causeway::mqtt {

class silence_timer : private core::alarm {
protected:
    explicit silence_timer(core::timers& timers) : alarm(timers) {}
    ~silence_timer() override = default;

    /// The client has been silent for as long as it may be. May destroy the client.
    virtual void fell_silent() = 0;

    /// From now on; 0: silence does not matter.
    void limit_silence(std::int64_t ms) {
        limit_ms_ = static_cast<std::uint32_t>(std::min(ms, limit_ms_max));
        heard();
        if (ms == 0)
            stop();
        else
            arm_in(limit_ms_);
    }
    void heard() { heard_ms_ = clock(); }
    /// The silence so far is excused.
    void excuse_silence() { limit_silence(limit_ms_); }
    void ignore_silence() { stop(); }

private:
    static constexpr std::int64_t limit_ms_max = 1LL << 31;

    /// Milliseconds that begin anew after 49 days, longer than any silence lasts: differences are right.
    std::uint32_t clock() const { return static_cast<std::uint32_t>(owner().now_steady_ms()); }
    void fire() override {
        const std::uint32_t silence_ms = clock() - heard_ms_;
        if (silence_ms >= limit_ms_) return fell_silent();
        arm_in(limit_ms_ - silence_ms);
    }

    std::uint32_t limit_ms_ = 0;
    std::uint32_t heard_ms_ = 0;
};

}  // namespace causeway::mqtt
