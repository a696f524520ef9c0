#pragma once
// Heartbeats of one connection (AMQP 0-9-1, 4.2.7): looks twice per interval, sends one when nothing else was sent since,
// and gives the peer up when it has been silent for two intervals.

#include <cstdint>
#include <functional>

#include "core/timers.hpp"
#include "protocols/amqp/context.hpp"

namespace causeway::amqp {

class heartbeat {
public:
    /// `dead` may destroy the heartbeat. 0: none are sent and none are expected.
    heartbeat(core::timers& timers, context& at, std::uint16_t interval_s, std::function<void()> dead);

    /// Something came from the peer.
    void heard() { silent_halves_ = 0; }
    /// While nothing is read from the peer its silence means nothing.
    void listen(bool on) {
        listening_ = on;
        silent_halves_ = 0;
    }

private:
    void tick();

    context& at_;
    std::int64_t half_ms_;
    std::function<void()> dead_;
    int silent_halves_ = 0;
    bool listening_ = true;
    core::timer timer_;
};

}  // namespace causeway::amqp
