#pragma once
// Bytes as hexadecimal text, two lower-case digits each.

#include <cstdint>
#include <string>
#include <string_view>

namespace causeway {

inline std::string hex_of(std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        text.push_back(digits[static_cast<std::uint8_t>(c) >> 4]);
        text.push_back(digits[static_cast<std::uint8_t>(c) & 15]);
    }
    return text;
}

}  // namespace causeway
