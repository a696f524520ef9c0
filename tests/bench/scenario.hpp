#pragma once
// What the load generator can do. A scenario logs its clients in when it is constructed; then it publishes as fast as its
// windows allow: a window is how many messages may be on their way, so nothing is ever dropped or piled up.

#include <cstdint>
#include <memory>

#include "tests/bench/peer.hpp"

namespace causeway::bench {

struct options {
    std::uint16_t port = 0;
    unsigned clients = 50;  // pairs, or idle connections
    unsigned qos = 0;
    unsigned payload_bytes = 64;
    unsigned window = 20;  // per publisher
};

class scenario {
public:
    virtual ~scenario() = default;
    /// Publishes into every window; from now on each delivery makes room for the next message.
    virtual void start() = 0;
    /// No more publishing; what is on its way still arrives.
    virtual void stop() = 0;
    virtual bool drained() const = 0;
    virtual std::uint64_t delivered() const = 0;
};

std::unique_ptr<scenario> mqtt_pairs(const options& o, loop& on);
std::unique_ptr<scenario> amqp_queue(const options& o, loop& on);
/// Connections that have logged in and do nothing.
std::unique_ptr<scenario> mqtt_idle(const options& o, loop& on);

}  // namespace causeway::bench
