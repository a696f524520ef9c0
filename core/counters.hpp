#pragma once
// What happened, counted. Read by management; written on the broker thread only.

#include <array>
#include <cstdint>

#include "core/queue.hpp"

namespace causeway::core {

struct counters {
    std::uint64_t published = 0;           // messages that came in through broker::publish
    std::uint64_t unroutable = 0;          // of these, without a target
    std::uint64_t refused = 0;             // of these, refused by a limit or by the store
    std::uint64_t enqueued = 0;            // entries pushed
    std::uint64_t delivered = 0;           // entries handed to a consumer
    std::uint64_t acknowledged = 0;
    std::uint64_t redelivered = 0;         // of delivered
    std::array<std::uint64_t, drop_reason_count> dropped{};
    std::uint64_t commits = 0;
    std::uint64_t failed_commits = 0;
};

}  // namespace causeway::core
