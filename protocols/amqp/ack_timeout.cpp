#include "protocols/amqp/ack_timeout.hpp"

#include <algorithm>
#include <string>

#include "core/consumer_timeout.hpp"
#include "protocols/amqp/channels.hpp"

namespace causeway::amqp {

namespace {

/// The oldest delivery changes, and so may the policy that sets its timeout: looked at anew after so long, as RabbitMQ does.
constexpr std::int64_t interval_ms = 60'000;

refusal timed_out(std::uint16_t channel, std::int64_t timeout_ms) {
    return refuse(reply_code::precondition_failed,
                  "delivery acknowledgement on channel " + std::to_string(channel) + " timed out. Timeout value used: " +
                      std::to_string(timeout_ms) +
                      " ms. This timeout value can be configured, see consumers doc guide to learn more");
}

}  // namespace

std::int64_t ack_timeout::timeout_ms(const delivery& d) const {
    const core::queue* q = d.from->find(owner_.broker());
    const auto of_queue = q != nullptr ? core::consumer_timeout_ms(*q, owner_.broker().policies()) : std::nullopt;
    return of_queue.value_or(owner_.at.limits.consumer_timeout_ms);
}

/// Only arms the timer: this may be in the middle of a delivery.
void ack_timeout::start() {
    const delivery* oldest = owner_.waiting.oldest();
    if (oldest == nullptr) return;
    if (!timer_) timer_ = std::make_unique<core::timer>(owner_.broker().timers(), [this] { look(); });
    watching_ = true;
    const std::int64_t timeout = timeout_ms(*oldest);
    const std::int64_t left = timeout - oldest->age_ms(owner_.broker().now().steady_ms);
    timer_->arm_in(timeout == 0 ? interval_ms : std::min(left, interval_ms));
}

void ack_timeout::look() {
    watching_ = false;
    const delivery* oldest = owner_.waiting.oldest();
    if (oldest == nullptr) return;
    const std::int64_t timeout = timeout_ms(*oldest);
    if (timeout != 0 && oldest->age_ms(owner_.broker().now().steady_ms) >= timeout)
        owner_.at.all_channels->close(owner_, timed_out(owner_.number, timeout));
    else
        start();
}

}  // namespace causeway::amqp
