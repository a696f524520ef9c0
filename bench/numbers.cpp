#include "bench/numbers.hpp"

#include <cstdio>

namespace causeway::bench {

std::string with_commas(std::uint64_t number) {
    std::string out = std::to_string(number);
    for (std::size_t at = out.size(); at > 3; out.insert(at, ",")) at -= 3;
    return out;
}

std::string fixed(double value, int decimals) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
    return text;
}

std::string as_duration(std::uint64_t ns) {
    const auto value = static_cast<double>(ns);
    if (ns < 1'000) return std::to_string(ns) + " ns";
    if (ns < 1'000'000) return fixed(value / 1e3, 1) + " us";
    if (ns < 1'000'000'000) return fixed(value / 1e6, 2) + " ms";
    return fixed(value / 1e9, 2) + " s";
}

std::string as_bytes(double bytes) {
    if (bytes < 1024) return fixed(bytes, 0) + " B";
    if (bytes < 1024 * 1024) return fixed(bytes / 1024, 1) + " KiB";
    return fixed(bytes / (1024 * 1024), 1) + " MiB";
}

}  // namespace causeway::bench
