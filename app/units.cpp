#include "app/units.hpp"

#include <array>
#include <limits>

namespace causeway::app {

namespace {

struct scale {
    std::string_view name;
    std::uint64_t factor;
};

// Within each table the units that output may use stand first, largest first.
constexpr std::array byte_scales{
    scale{"TiB", 1ULL << 40},
    scale{"GiB", 1ULL << 30},
    scale{"MiB", 1ULL << 20},
    scale{"KiB", 1ULL << 10},
    scale{"B", 1},
    scale{"TB", 1'000'000'000'000},
    scale{"GB", 1'000'000'000},
    scale{"MB", 1'000'000},
    scale{"kB", 1'000},
};
constexpr std::array duration_scales{
    scale{"d", 86'400'000}, scale{"h", 3'600'000}, scale{"m", 60'000}, scale{"s", 1'000}, scale{"ms", 1},
};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// text[at …] up to the first character that is none of the wanted.
template <class Wanted>
std::string_view take_while(std::string_view text, std::size_t& at, Wanted wanted) {
    const std::size_t from = at;
    while (at < text.size() && wanted(text[at])) ++at;
    return text.substr(from, at - from);
}

bool multiply_add(std::uint64_t& sum, std::uint64_t value, std::uint64_t factor) {
    std::uint64_t product = 0;
    return !__builtin_mul_overflow(value, factor, &product) && !__builtin_add_overflow(sum, product, &sum);
}

template <std::size_t N>
const scale* find_scale(const std::array<scale, N>& scales, std::string_view name) {
    for (const scale& s : scales)
        if (s.name == name) return &s;
    return nullptr;
}

/// One number and its unit at text[at …], added to `sum`. A missing unit is `plain`.
template <std::size_t N>
bool add_part(std::string_view text, std::size_t& at, const std::array<scale, N>& scales, const scale& plain,
              std::uint64_t& sum) {
    const auto value = parse_number(take_while(text, at, [](char c) { return is_digit(c) || c == '_'; }));
    take_while(text, at, [](char c) { return c == ' '; });
    const std::string_view name = take_while(text, at, [](char c) { return !is_digit(c) && c != ' '; });
    const scale* in = name.empty() ? &plain : find_scale(scales, name);
    return value && in && multiply_add(sum, value.value(), in->factor);
}

template <std::size_t N>
std::string with_unit(std::uint64_t value, const std::array<scale, N>& scales, std::string_view zero) {
    if (value == 0) return std::string(zero);
    for (const scale& s : scales)
        if (value % s.factor == 0) return std::to_string(value / s.factor) + std::string(s.name);
    return std::to_string(value);
}

}  // namespace

parsed<std::uint64_t> parse_number(std::string_view text) {
    const complaint wrong{"a whole number, not '" + std::string(text) + "'"};
    if (text.empty() || !is_digit(text.front())) return wrong;
    std::uint64_t value = 0;
    for (const char c : text) {
        if (c == '_') continue;
        std::uint64_t next = static_cast<std::uint64_t>(c - '0');
        if (!is_digit(c) || !multiply_add(next, value, 10)) return wrong;
        value = next;
    }
    return value;
}

parsed<std::uint64_t> parse_bytes(std::string_view text) {
    std::uint64_t sum = 0;
    std::size_t at = 0;
    if (!add_part(text, at, byte_scales, {"", 1}, sum) || at != text.size())
        return complaint{"a size such as 10MiB, not '" + std::string(text) + "'"};
    return sum;
}

parsed<std::uint64_t> parse_duration_ms(std::string_view text) {
    std::uint64_t sum = 0;
    std::size_t at = 0;
    do {
        if (!add_part(text, at, duration_scales, {"", 1'000}, sum))
            return complaint{"a duration such as 30s, 5m or 1h, not '" + std::string(text) + "'"};
    } while (at < text.size());
    return sum;
}

std::string bytes_text(std::uint64_t bytes) { return with_unit(bytes, byte_scales, "0"); }

std::string duration_text(std::uint64_t milliseconds) { return with_unit(milliseconds, duration_scales, "0s"); }

}  // namespace causeway::app
