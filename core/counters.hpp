#pragma once
// What happened, counted. Read by management and by what MQTT says about the broker; written on the broker thread only.

#include <algorithm>
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
    std::uint64_t expired_sessions = 0;
};

/// What came and went over the connections of one protocol, as its endpoints count it.
struct traffic {
    struct direction {
        std::uint64_t bytes = 0;          // of packets, without what TLS and WebSocket add
        std::uint64_t packets = 0;
        std::uint64_t messages = 0;       // of packets
        std::uint64_t message_bytes = 0;  // payloads
    };
    direction in;
    direction out;                        // counted when it is handed to the transport
    std::uint64_t sockets = 0;            // connections that were made
    std::uint64_t logins = 0;             // of these, asked to be let in
    std::uint64_t connected = 0;          // let in, and here now
    std::uint64_t connected_max = 0;
    std::uint64_t in_flight = 0;          // messages that were sent and are not yet acknowledged, now

    void client_came() { connected_max = std::max(connected_max, ++connected); }
    void client_went() { --connected; }
};

}  // namespace causeway::core
