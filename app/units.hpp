#pragma once
// Numbers as people write them in a configuration: "10MiB", "1h30m", "1883". What a parser complains of
// continues the sentence "'key' must be …".

#include <cstdint>
#include <string>
#include <string_view>

#include "app/parsed.hpp"

namespace causeway::app {

/// Digits only; '_' may group them.
parsed<std::uint64_t> parse_number(std::string_view text);

/// B, KiB, MiB, GiB, TiB (powers of 1024) and kB, MB, GB, TB (powers of 1000). A plain number counts bytes.
parsed<std::uint64_t> parse_bytes(std::string_view text);

/// ms, s, m, h, d; parts may follow each other ("1h30m"). A plain number counts seconds. In milliseconds.
parsed<std::uint64_t> parse_duration_ms(std::string_view text);

/// With the largest unit that keeps it whole: 10485760 → "10MiB", 90000 → "90s".
std::string bytes_text(std::uint64_t bytes);
std::string duration_text(std::uint64_t milliseconds);

}  // namespace causeway::app
