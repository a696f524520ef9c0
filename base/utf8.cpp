#include "base/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace causeway {

namespace {

bool ascii8(const char* at) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    return (word & 0x8080'8080'8080'8080ULL) == 0;
}

bool continuation(char c) { return (static_cast<std::uint8_t>(c) & 0xC0) == 0x80; }

/// Length of the well-formed sequence at `at`, 0 if it is none. Table 3-7 of the Unicode standard.
std::size_t sequence(const char* at, std::size_t left) {
    const auto lead = static_cast<std::uint8_t>(at[0]);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || left < length) return 0;
    const auto second = static_cast<std::uint8_t>(at[1]);
    const std::uint8_t low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (second < low || second > high) return 0;
    for (std::size_t i = 2; i < length; ++i)
        if (!continuation(at[i])) return 0;
    return length;
}

}  // namespace

bool valid_utf8(std::string_view bytes) {
    const char* at = bytes.data();
    std::size_t left = bytes.size();
    while (left > 0) {
        if (left >= 8 && ascii8(at)) {
            at += 8;
            left -= 8;
            continue;
        }
        const std::size_t length = sequence(at, left);
        if (length == 0) return false;
        at += length;
        left -= length;
    }
    return true;
}

bool valid_mqtt_text(std::string_view bytes) {
    return bytes.find('\0') == std::string_view::npos && valid_utf8(bytes);
}

}  // namespace causeway
