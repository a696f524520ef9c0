#pragma once
// How many connections each client address has at a listener. Thread-safe: connections come and go on any I/O thread.

#include <cstdint>
#include <mutex>

#include <boost/unordered/unordered_flat_map.hpp>

#include "net/remote_address.hpp"

namespace causeway::net {

class address_counts {
public:
    /// `max` of one address; 0: any number, and nothing is counted.
    explicit address_counts(std::uint32_t max) : max_(max) {}

    /// One more. False: it has all that it may have.
    bool enter(address_key who) {
        if (max_ == 0 || who == address_key::none) return true;
        const std::lock_guard lock(guard_);
        std::uint32_t& count = counts_[who];
        return count < max_ && ++count > 0;
    }

    /// One less, of those that have entered.
    void leave(address_key who) {
        if (max_ == 0 || who == address_key::none) return;
        const std::lock_guard lock(guard_);
        const auto at = counts_.find(who);
        if (at != counts_.end() && --at->second == 0) counts_.erase(at);
    }

private:
    const std::uint32_t max_;
    std::mutex guard_;
    boost::unordered_flat_map<address_key, std::uint32_t> counts_;  // guarded by guard_; none is 0
};

}  // namespace causeway::net
