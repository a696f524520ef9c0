#pragma once
// A session's part in shares. Belongs to the broker thread.

#include <cstddef>
#include <vector>

#include "core/entry.hpp"
#include "core/store.hpp"

namespace causeway::core {

class session;
class share;

/// One session's place in one share, from joining to leaving. Kept by the share, at one address.
struct membership {
    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

    core::share* of;
    session* who;
    options_ptr options{};            // with `share` set; null until it has joined
    bool stored = false;              // has a record
    commit_number saved_by = 0;       // the commit of its record
    bool passing = false;             // while it is there: its session ends with its connection
    bool left_behind = false;         // went when nobody else was there: may hold entries that another one could have
    std::size_t attended_at = nowhere;  // its place among those who are there …
    std::size_t free_at = nowhere;      // … and among those of them who may have credit
};

/// All that a session has of shares.
struct session_shares {
    /// What it still holds of a share that it has left.
    struct remainder {
        core::share* of;
        std::size_t entries;
    };
    std::vector<membership*> joined;
    std::vector<remainder> left;  // only where there is something left
};

}  // namespace causeway::core
