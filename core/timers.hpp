#pragma once
// Timers of the broker thread. Time is told by advance(); nothing here asks a clock. A timer is owned by its user and
// stops when it is destroyed. O(log n) per arm and fire.

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

namespace causeway::core {

class timers;

class timer {
public:
    timer(timers& owner, std::function<void()> action) : owner_(owner), action_(std::move(action)) {}
    ~timer() { stop(); }
    timer(const timer&) = delete;
    timer& operator=(const timer&) = delete;

    /// Fires once at that steady time (of instant::steady_ms); arming again moves it.
    void arm_at(std::int64_t steady_ms);
    void arm_in(std::int64_t delay_ms);
    void stop();
    bool armed() const { return armed_; }

private:
    friend class timers;
    timers& owner_;
    std::function<void()> action_;
    std::multimap<std::int64_t, timer*>::iterator place_;
    bool armed_ = false;
};

class timers {
public:
    /// Fires what is due. Actions may arm, stop and destroy timers, also their own.
    void advance(std::int64_t now_steady_ms);

    std::int64_t now_steady_ms() const { return now_; }

    /// When the next one is due; INT64_MAX if none.
    std::int64_t next_steady_ms() const;

private:
    friend class timer;
    std::multimap<std::int64_t, timer*> due_;
    std::int64_t now_ = 0;
};

}  // namespace causeway::core
