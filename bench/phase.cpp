#include "bench/phase.hpp"

#include "bench/clock.hpp"

namespace causeway::bench {

stopwatch::stopwatch(std::optional<pid_t> server)
    : server_(server),
      before_(server ? usage_of(*server) : std::nullopt),
      own_before_(own_cpu_seconds()),
      started_ns_(now_ns()) {}

void stopwatch::stop(phase& p) const {
    p.seconds = static_cast<double>(now_ns() - started_ns_) / static_cast<double>(second_ns);
    p.own_cpu_seconds = own_cpu_seconds() - own_before_;
    const std::optional<usage> after = before_ ? usage_of(*server_) : std::nullopt;
    if (!after) return;
    p.server_cpu_seconds = after->cpu_seconds - before_->cpu_seconds;
    p.server_resident_bytes = after->resident_bytes;
}

}  // namespace causeway::bench
