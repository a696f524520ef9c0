#include "protocols/mqtt/rate_limit.hpp"

#include <algorithm>
#include <utility>

namespace causeway::mqtt {

namespace {

std::int64_t divided_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

token_bucket::token_bucket(std::uint64_t per_second, std::int64_t now_ms)
    : rate_(static_cast<std::int64_t>(per_second)), level_(rate_ * parts), at_ms_(now_ms) {}

void token_bucket::fill(std::int64_t now_ms) {
    const std::int64_t missing = rate_ * parts - level_;
    const bool full = now_ms - at_ms_ >= divided_up(missing, rate_);  // and no product can overflow
    level_ = full ? rate_ * parts : level_ + (now_ms - at_ms_) * rate_;
    at_ms_ = now_ms;
}

std::int64_t token_bucket::ready_ms(std::uint64_t wanted, std::int64_t now_ms) {
    if (rate_ == 0) return now_ms;
    fill(now_ms);
    const std::int64_t needed = std::min(static_cast<std::int64_t>(wanted), rate_) * parts;
    return now_ms + std::max(std::int64_t{0}, divided_up(needed - level_, rate_));
}

publish_gate::publish_gate(const options& limits, core::timers& timers, std::function<void()> opened)
    : timers_(timers), messages_(limits.publish_rate_max, timers.now_steady_ms()),
      bytes_(limits.publish_bytes_rate_max, timers.now_steady_ms()), opens_(timers, std::move(opened)) {}

bool publish_gate::admit(std::uint64_t bytes) {
    const std::int64_t now_ms = timers_.now_steady_ms();
    const std::int64_t ready_ms = std::max(messages_.ready_ms(1, now_ms), bytes_.ready_ms(bytes, now_ms));
    if (ready_ms > now_ms) {
        opens_.arm_at(ready_ms);
        return false;
    }
    messages_.take(1);
    bytes_.take(bytes);
    return true;
}

}  // namespace causeway::mqtt
