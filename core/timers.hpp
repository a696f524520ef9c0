#pragma once
// Timers of the broker thread. Time is told by advance(); nothing here asks a clock. A timer is owned by its user and
// stops when it is destroyed. O(log n) per arm and fire, no memory besides the timer itself.

#include <cstdint>
#include <functional>
#include <utility>

#include <boost/intrusive/set.hpp>

namespace causeway::core {

class timers;

class timer : public boost::intrusive::set_base_hook<> {
public:
    timer(timers& owner, std::function<void()> action) : owner_(owner), action_(std::move(action)) {}
    ~timer() { stop(); }
    timer(const timer&) = delete;
    timer& operator=(const timer&) = delete;

    /// Fires once at that steady time (of instant::steady_ms); arming again moves it.
    void arm_at(std::int64_t steady_ms);
    void arm_in(std::int64_t delay_ms);
    void stop();
    bool armed() const { return is_linked(); }

private:
    friend class timers;
    timers& owner_;
    std::function<void()> action_;
    std::int64_t due_steady_ms_ = 0;
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
    struct by_due_time {
        using type = std::int64_t;
        std::int64_t operator()(const timer& t) const { return t.due_steady_ms_; }
    };
    boost::intrusive::multiset<timer, boost::intrusive::key_of_value<by_due_time>> due_;
    std::int64_t now_ = 0;
};

}  // namespace causeway::core
