#pragma once
// Timers of the broker thread. Time is told by advance(); nothing here asks a clock. A timer is owned by its user and
// stops when it is destroyed. O(log n) per arm and fire, no memory besides the timer itself.

#include <cstdint>
#include <functional>
#include <utility>

#include <boost/intrusive/set.hpp>

namespace causeway::core {

class timers;

/// What fires; who is one himself needs no memory for an action.
class alarm : public boost::intrusive::set_base_hook<> {
public:
    alarm(const alarm&) = delete;
    alarm& operator=(const alarm&) = delete;

    /// Fires once at that steady time (of instant::steady_ms); arming again moves it.
    void arm_at(std::int64_t steady_ms);
    void arm_in(std::int64_t delay_ms);
    void stop();
    bool armed() const { return is_linked(); }

protected:
    explicit alarm(timers& owner) : owner_(owner) {}
    virtual ~alarm() { stop(); }
    timers& owner() const { return owner_; }

private:
    friend class timers;
    /// May destroy it.
    virtual void fire() = 0;

    timers& owner_;
    std::int64_t due_steady_ms_ = 0;
};

class timer final : public alarm {
public:
    timer(timers& owner, std::function<void()> action) : alarm(owner), action_(std::move(action)) {}

private:
    void fire() override {
        const std::function<void()> action = action_;  // a copy: it may destroy its timer
        action();
    }

    std::function<void()> action_;
};

class timers {
public:
    /// Fires what is due. Actions may arm, stop and destroy timers, also their own.
    void advance(std::int64_t now_steady_ms);

    std::int64_t now_steady_ms() const { return now_; }

    /// When the next one is due; INT64_MAX if none.
    std::int64_t next_steady_ms() const;

private:
    friend class alarm;
    struct by_due_time {
        using type = std::int64_t;
        std::int64_t operator()(const alarm& t) const { return t.due_steady_ms_; }
    };
    boost::intrusive::multiset<alarm, boost::intrusive::key_of_value<by_due_time>> due_;
    std::int64_t now_ = 0;
};

}  // namespace causeway::core
