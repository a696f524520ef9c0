#pragma once
// Who receives from a queue, and whose turn it is: the highest priority that can take something; among equals they take turns, and
// who comes is the last of them. With a single active consumer, that one gets everything until it goes. Belongs to the broker thread.

#include <cstddef>
#include <memory>
#include <vector>

#include "core/consumer.hpp"
#include "core/consumer_turns.hpp"

namespace causeway::core {

class queue_consumers {
public:
    explicit queue_consumers(bool single_active) : single_active_(single_active) {}

    bool empty() const { return !only_ && !several_; }
    std::size_t size() const { return several_ ? several_->size() : only_ != nullptr; }
    /// An inbox has one at the most. Not empty.
    consumer& first() const { return *only_; }
    /// There is one, and it wants to be the only one.
    bool exclusive() const { return exclusive_; }
    /// The single active one; nullptr: there is none, or all are active.
    const consumer* active() const { return several_ ? several_->active() : single_active_ ? only_ : nullptr; }

    /// May it come, as far as exclusiveness goes?
    bool admits(bool exclusive) const { return !exclusive_ && !(exclusive && (single_active_ || !empty())); }
    void add(consumer& c, bool exclusive);
    /// Returns whether it was there.
    bool remove(consumer& c);
    std::vector<consumer*> remove_all();

    /// Whose turn it is to take this one, and makes it the next one's turn; nullptr: nobody can.
    consumer* next_taker(const queue& from, const entry& e);
    /// It can take again: see consumer::calls_when_able.
    void wake(const consumer& c);

private:
    consumer* only_ = nullptr;                 // if there is one …
    std::unique_ptr<consumer_turns> several_;  // … or if there are more: most queues are inboxes, and never have any
    const bool single_active_;
    bool exclusive_ = false;
};

}  // namespace causeway::core
