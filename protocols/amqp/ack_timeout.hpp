#pragma once
// Closes a channel whose client does not acknowledge in time (RabbitMQ's consumer_timeout). As there, it is the oldest delivery
// that counts, with the timeout of the queue that it came from. One timer for each channel, which runs while something waits.

#include <cstdint>
#include <memory>

#include "core/timers.hpp"

namespace causeway::amqp {

class channel;
struct delivery;

class ack_timeout {
public:
    explicit ack_timeout(channel& owner) : owner_(owner) {}

    /// Something waits for its acknowledgement.
    void watch() {
        if (!watching_) start();
    }

private:
    void start();
    void look();
    /// 0: it may wait as long as it likes.
    std::int64_t timeout_ms(const delivery& d) const;

    channel& owner_;
    std::unique_ptr<core::timer> timer_;  // since the first delivery
    bool watching_ = false;               // it is armed
};

}  // namespace causeway::amqp
