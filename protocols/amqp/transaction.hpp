#pragma once
// What a channel in tx mode has promised to do at tx.commit (AMQP 0-9-1, 1.9): messages to publish and deliveries to settle.
// Both happen in one turn, so in one batch of the store: all of it is durable, or nothing.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/message.hpp"
#include "protocols/amqp/unacked.hpp"

namespace causeway::amqp {

enum class settlement : std::uint8_t { acknowledge, requeue, reject };

/// A message on its way from a channel to the broker.
struct outgoing_publish {
    core::message_ptr message;
    std::vector<std::string> further_keys{};  // CC and BCC
    bool mandatory = false;
    std::string exchange{};  // in a transaction only: by name, because it may be deleted before the commit
};

struct transaction {
    struct settle {
        std::vector<delivery> which;
        settlement how;
    };
    std::vector<outgoing_publish> publishes;
    std::vector<settle> settlements;
};

}  // namespace causeway::amqp
