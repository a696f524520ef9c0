#include "core/queue_consumers.hpp"

#include <algorithm>
#include <utility>

namespace causeway::core {

void queue_consumers::compare_priorities() {
    prioritized_ = !all_.empty() && all_.front()->priority() != all_.back()->priority();
}

void queue_consumers::add(consumer& c, bool exclusive) {
    if (!single_active_) {  // who is next stands first now, and it comes behind all of its equals
        std::rotate(all_.begin(), all_.begin() + next_, all_.end());
        next_ = 0;
    }
    const auto behind = std::find_if(all_.begin(), all_.end(),
                                     [p = c.priority()](const consumer* other) { return other->priority() < p; });
    const auto place = static_cast<std::size_t>(behind - all_.begin());
    if (single_active_ && !all_.empty() && place <= next_) ++next_;  // who is active stays it
    all_.insert(behind, &c);
    compare_priorities();
    exclusive_ = exclusive;
}

bool queue_consumers::remove(consumer& c) {
    const auto at = std::find(all_.begin(), all_.end(), &c);
    if (at == all_.end()) return false;
    const auto index = static_cast<std::size_t>(at - all_.begin());
    all_.erase(at);
    if (index < next_)
        --next_;
    else if (single_active_ && index == next_)
        next_ = 0;  // the next is the first of those with the highest priority
    compare_priorities();
    exclusive_ = false;
    return true;
}

std::vector<consumer*> queue_consumers::remove_all() {
    std::vector<consumer*> gone(all_.begin(), all_.end());
    all_.clear();
    next_ = 0;
    compare_priorities();
    exclusive_ = false;
    return gone;
}

consumer* queue_consumers::next_taker(const queue& from, const entry& e) {
    if (all_.size() == 1) return all_.front()->can_take(from, e) ? all_.front() : nullptr;
    if (prioritized_ || single_active_) return first_taker(from, e);
    for (std::size_t tried = 0; tried < all_.size(); ++tried) {
        if (next_ >= all_.size()) next_ = 0;
        consumer* c = all_[next_++];
        if (c->can_take(from, e)) return c;
    }
    return nullptr;
}

/// Who takes one goes behind its equals.
consumer* queue_consumers::first_taker(const queue& from, const entry& e) {
    if (single_active_) {
        consumer* active = all_[next_];
        return active->can_take(from, e) ? active : nullptr;
    }
    const auto at = std::find_if(all_.begin(), all_.end(), [&](consumer* c) { return c->can_take(from, e); });
    if (at == all_.end()) return nullptr;
    consumer* taker = *at;
    const auto lower = std::find_if(at, all_.end(), [p = taker->priority()](const consumer* c) { return c->priority() != p; });
    std::rotate(at, at + 1, lower);
    return taker;
}

}  // namespace causeway::core
