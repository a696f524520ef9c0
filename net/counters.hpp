#pragma once
// What one I/O side counts. Written by its thread only, read by any.

#include <atomic>
#include <cstdint>

#include "net/loop.hpp"

namespace causeway::net {

/// A number with one writer: adding costs no bus lock.
class counter {
public:
    void add(std::uint64_t count) { value_.store(value() + count, std::memory_order_relaxed); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

struct worker_counters {
    counter refused, closed, handshakes_failed, bytes_in, bytes_out, reads, writes;

    void add_to(loop_counters& sum) const {
        sum.refused += refused.value();
        sum.closed += closed.value();
        sum.handshakes_failed += handshakes_failed.value();
        sum.bytes_in += bytes_in.value();
        sum.bytes_out += bytes_out.value();
        sum.reads += reads.value();
        sum.writes += writes.value();
    }
};

}  // namespace causeway::net
