#pragma once
// What a phase of the work counts, over all of its clients.

#include <cstdint>

#include "bench/histogram.hpp"

namespace causeway::bench {

struct meter {
    std::uint64_t published = 0;
    std::uint64_t confirmed = 0;  // by the server: PUBACK, PUBCOMP, basic.ack
    std::uint64_t refused = 0;    // with a reason of 0x80 and above, or basic.nack
    std::uint64_t received = 0;   // without those that came again
    std::uint64_t doubled = 0;
    std::uint64_t misordered = 0;  // behind one that was published later
    std::uint64_t foreign = 0;     // not of this run
    histogram delivery{};          // ns from when it was due to be sent
    histogram confirmation{};
};

}  // namespace causeway::bench
