#include "protocols/amqp/heartbeat.hpp"

#include <utility>

#include "protocols/amqp/framing.hpp"

namespace causeway::amqp {

heartbeat::heartbeat(core::timers& timers, context& at, std::uint16_t interval_s, std::function<void()> dead)
    : at_(at), half_ms_(interval_s * 500), dead_(std::move(dead)), timer_(timers, [this] { tick(); }) {
    if (half_ms_ > 0) timer_.arm_in(half_ms_);
}

void heartbeat::tick() {
    if (listening_ && ++silent_halves_ > 4) {
        const auto dead = std::move(dead_);
        return dead();
    }
    if (!std::exchange(at_.sent, false)) {
        write_heartbeat(at_.link.output().tail());
        at_.count_out(frame_overhead_bytes, 1);
        at_.link.touch();
    }
    timer_.arm_in(half_ms_);
}

}  // namespace causeway::amqp
