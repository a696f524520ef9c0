#pragma once
// Variable Byte Integer: seven bits a byte, lowest first, the top bit says "more"; at most four bytes, never longer than
// needed [MQTT-1.5.5-1].

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/byte_reader.hpp"

namespace causeway::mqtt {

inline constexpr std::uint32_t variable_integer_max = 268'435'455;

/// Bytes that this number takes: 1..4.
constexpr std::size_t variable_size(std::uint32_t value) {
    return value < 128 ? 1 : value < 16'384 ? 2 : value < 2'097'152 ? 3 : 4;
}

/// Fails the reader if the number is longer than four bytes or than needed.
inline std::uint32_t read_variable(byte_reader& in) {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
        const std::uint8_t byte = in.u8();
        value |= static_cast<std::uint32_t>(byte & 0x7F) << shift;
        if (byte >= 0x80) continue;
        if (byte == 0 && shift > 0) in.fail();
        return value;
    }
    in.fail();
    return 0;
}

/// Writes it at `at` and returns the position after it. Needs variable_size(value) bytes of room.
inline char* put_variable(char* at, std::uint32_t value) {
    for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
    *at++ = static_cast<char>(value);
    return at;
}

inline void append_variable(std::string& out, std::uint32_t value) {
    char bytes[4];
    out.append(bytes, static_cast<std::size_t>(put_variable(bytes, value) - bytes));
}

}  // namespace causeway::mqtt
