#pragma once
// Who receives from a queue, and whose turn it is: the highest priority that can take something; among equals they take turns, and
// who comes is the last of them. With a single active consumer, that one gets everything until it goes. Belongs to the broker thread.

#include <cstdint>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "core/consumer.hpp"

namespace causeway::core {

class queue_consumers {
public:
    explicit queue_consumers(bool single_active) : single_active_(single_active) {}

    bool empty() const { return all_.empty(); }
    std::size_t size() const { return all_.size(); }
    /// An inbox has one at the most. Not empty.
    consumer& first() const { return *all_.front(); }
    /// There is one, and it wants to be the only one.
    bool exclusive() const { return exclusive_; }
    /// The single active one; nullptr: there is none, or all are active.
    const consumer* active() const { return single_active_ && !empty() ? all_[next_] : nullptr; }

    /// May it come, as far as exclusiveness goes?
    bool admits(bool exclusive) const { return !exclusive_ && !(exclusive && (single_active_ || !empty())); }
    void add(consumer& c, bool exclusive);
    /// Returns whether it was there.
    bool remove(consumer& c);
    std::vector<consumer*> remove_all();

    /// Whose turn it is to take this one, and makes it the next one's turn; nullptr: nobody can.
    consumer* next_taker(const queue& from, const entry& e);

private:
    consumer* first_taker(const queue& from, const entry& e);
    void compare_priorities();

    boost::container::small_vector<consumer*, 1> all_;  // by priority; among equals in the order of their turns, or of arrival
    std::uint32_t next_ = 0;    // if all are of one priority: from here on it is their turn; or the single active one
    const bool single_active_;
    bool prioritized_ = false;  // they are not all of one priority
    bool exclusive_ = false;
};

}  // namespace causeway::core
