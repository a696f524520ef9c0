#pragma once
// Reads from the store beside the turns, for whoever owns what is there. Belongs to the broker thread. What could not be read is
// asked for again after a while, so every reader gets its page in the end, unless it cancels.

#include <cstdint>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "core/store.hpp"
#include "core/timers.hpp"

namespace causeway::core {

class page_reader {
public:
    virtual ~page_reader() = default;
    /// In the beginning of a turn. May read on and cancel.
    virtual void page_arrived(page&& found) = 0;
};

class pager {
public:
    pager(store& from, timers& clock) : store_(from), retry_(clock, [this] { ask_again(); }) {}
    pager(const pager&) = delete;
    pager& operator=(const pager&) = delete;

    /// Returns what to cancel it by; never 0.
    std::uint64_t read(page_reader& who, page_request what);
    void cancel(std::uint64_t id) { asked_.erase(id); }
    /// Hands out what has arrived. Returns whether there was anything.
    bool collect();

private:
    struct asked {
        page_reader* by;
        page_request what;
    };
    void ask_again();

    store& store_;
    boost::unordered_flat_map<std::uint64_t, asked> asked_;
    std::vector<page> arrived_;
    std::vector<std::uint64_t> failed_;
    std::uint64_t last_id_ = 0;
    timer retry_;
};

}  // namespace causeway::core
