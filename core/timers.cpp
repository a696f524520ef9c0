#include "core/timers.hpp"

#include <algorithm>
#include <limits>

namespace causeway::core {

namespace {
constexpr std::int64_t firing = std::numeric_limits<std::int64_t>::min();
}

void alarm::arm_at(std::int64_t steady_ms) {
    stop();
    due_steady_ms_ = steady_ms;
    owner_.due_.insert(*this);
}

void alarm::arm_in(std::int64_t delay_ms) { arm_at(owner_.now_ + std::max<std::int64_t>(delay_ms, 0)); }

void alarm::stop() {
    if (is_linked()) owner_.due_.erase(owner_.due_.iterator_to(*this));
}

void timers::advance(std::int64_t now_steady_ms) {
    now_ = now_steady_ms;
    // What an action arms for now or earlier fires in the next turn: whoever does a part of his work at a time does one part a turn.
    // The due ones stand in front, so that they may all be marked with the earliest time there is.
    for (auto at = due_.begin(); at != due_.end() && at->due_steady_ms_ <= now_; ++at) at->due_steady_ms_ = firing;
    while (!due_.empty() && due_.begin()->due_steady_ms_ == firing) {
        alarm& first = *due_.begin();
        first.stop();
        first.fire();
    }
}

std::int64_t timers::next_steady_ms() const {
    return due_.empty() ? std::numeric_limits<std::int64_t>::max() : due_.begin()->due_steady_ms_;
}

}  // namespace causeway::core
