#pragma once
// The consumers of a queue that has several, and whose turn it is. One that has no credit and says when it has again is not asked
// meanwhile: what an entry costs does not grow with those who wait. Belongs to the broker thread.

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "core/consumer.hpp"

namespace causeway::core {

class consumer_turns {
public:
    explicit consumer_turns(bool single_active) : single_active_(single_active) {}

    std::size_t size() const { return places_.size(); }
    /// The single active one; nullptr: all are active.
    consumer* active() const { return active_; }
    /// The highest priority first.
    std::vector<consumer*> all() const;

    /// Behind all of its priority.
    void add(consumer& c);
    /// Returns whether it was there.
    bool remove(consumer& c);

    /// Whose turn it is to take this one: it goes behind its equals. nullptr: nobody can.
    consumer* next_taker(const queue& from, const entry& e);
    /// It can take again.
    void wake(const consumer& c);

private:
    struct level {
        std::list<consumer*> turns;    // who is next comes first
        std::list<consumer*> resting;  // until they are woken
    };
    struct place {
        level* in;
        std::list<consumer*>::iterator at;
        bool resting = false;
    };
    consumer* next_taker(level& of, const queue& from, const entry& e);

    std::map<std::int64_t, level, std::greater<>> levels_;  // by priority
    boost::unordered_flat_map<const consumer*, place> places_;
    consumer* active_ = nullptr;
    const bool single_active_;
};

}  // namespace causeway::core
