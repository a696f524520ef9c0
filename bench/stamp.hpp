#pragma once
// What every payload begins with: whose message it is, which one, and when it was due. Only the program that wrote it reads
// it, so it stays in the machine's byte order.

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace causeway::bench {

struct stamp {
    std::uint32_t run;
    std::uint32_t sender;
    std::uint64_t number;
    std::uint64_t due_ns;
};

inline constexpr std::size_t payload_bytes_min = sizeof(stamp);

/// Nothing if the payload is too short for one.
inline std::optional<stamp> read_stamp(std::string_view payload) {
    if (payload.size() < sizeof(stamp)) return std::nullopt;
    stamp s;
    std::memcpy(&s, payload.data(), sizeof s);
    return s;
}

}  // namespace causeway::bench
