#pragma once
// One measured part of the work, and what came out of it.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "bench/meter.hpp"
#include "bench/usage.hpp"

namespace causeway::bench {

struct phase {
    std::string_view name{};
    std::string_view unit = "messages";  // what costs and rates are per
    std::uint64_t count = 0;             // of them
    double seconds = 0;
    meter counts{};
    std::uint64_t lost = 0;         // published, not refused, and not received by somebody who should have
    std::uint64_t unconfirmed = 0;  // where the server should have confirmed
    bool order_matters = true;
    bool times_deliveries = false;

    double own_cpu_seconds = 0;
    std::optional<double> server_cpu_seconds{};
    std::optional<std::uint64_t> server_resident_bytes{};
    std::optional<double> server_bytes_each{};  // that each of them has added
};

/// Nothing is missing, and nothing came that should not have.
inline bool all_well(const phase& p, bool may_double) {
    return p.lost == 0 && p.unconfirmed == 0 && p.counts.refused == 0 && (may_double || p.counts.doubled == 0) &&
           (!p.order_matters || p.counts.misordered == 0);
}

/// Measures from its construction on.
class stopwatch {
public:
    explicit stopwatch(std::optional<pid_t> server);
    /// Fills in times and costs.
    void stop(phase& p) const;

private:
    std::optional<pid_t> server_;
    std::optional<usage> before_;
    double own_before_;
    std::uint64_t started_ns_;
};

}  // namespace causeway::bench
