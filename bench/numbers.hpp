#pragma once
// Numbers as people read them.

#include <cstdint>
#include <string>

namespace causeway::bench {

/// 1,234,567
std::string with_commas(std::uint64_t number);

/// "870 ns", "12.3 us", "4.56 ms", "1.20 s"
std::string as_duration(std::uint64_t ns);

/// "512 B", "12.3 KiB", "4.56 MiB"
std::string as_bytes(double bytes);

/// Three decimals, for machines too: "0.123"
std::string fixed(double value, int decimals);

}  // namespace causeway::bench
