#include <catch2/catch.hpp>

#include <cstdint>
#include <string>

#include "base/utf8.hpp"

using namespace causeway;

namespace {

/// UTF-8 by its definition (RFC 3629, section 3), also of what must not be encoded.
std::string encoded(std::uint32_t c) {
    const auto tail = [&](unsigned shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
    if (c < 0x80) return {static_cast<char>(c)};
    if (c < 0x800) return {static_cast<char>(0xC0 | c >> 6), tail(0)};
    if (c < 0x10000) return {static_cast<char>(0xE0 | c >> 12), tail(6), tail(0)};
    return {static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
}

bool is_scalar(std::uint32_t c) { return c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF); }

}  // namespace

TEST_CASE("each character is well formed, surrogates and what lies above U+10FFFF are not [MQTT-1.5.4-1]") {
    std::uint32_t wrong = 0;
    for (std::uint32_t c = 0; c < 0x11'2000; ++c)
        if (valid_utf8(encoded(c)) != is_scalar(c)) ++wrong;
    CHECK(wrong == 0);
}

TEST_CASE("each sequence of two bytes is judged as RFC 3629 says") {
    std::uint32_t wrong = 0;
    for (unsigned first = 0; first < 256; ++first) {
        for (unsigned second = 0; second < 256; ++second) {
            const char bytes[] = {static_cast<char>(first), static_cast<char>(second)};
            const bool expected = (first < 0x80 && second < 0x80) || (first >= 0xC2 && first <= 0xDF && second >= 0x80 && second <= 0xBF);
            if (valid_utf8({bytes, 2}) != expected) ++wrong;
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("overlong sequences are refused [MQTT-1.5.4-1]") {
    for (const char* bytes : {"\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xe0\x9f\xbf", "\xf0\x80\x80\xaf", "\xf0\x8f\xbf\xbf"})
        CHECK_FALSE(valid_utf8(bytes));
}

TEST_CASE("sequences that are cut short or broken are refused, wherever they stand") {
    for (const char* bad : {"\xc3", "\xe2\x82", "\xf0\x9f\x98", "\x80", "\xbf", "\xfe", "\xff", "\xe2\x28\xa1", "\xf8\x88\x80\x80\x80"}) {
        for (std::size_t before = 0; before < 20; ++before) {
            CHECK_FALSE(valid_utf8(std::string(before, 'a') + bad));
            CHECK_FALSE(valid_utf8(std::string(before, 'a') + bad + "more than eight bytes"));
        }
    }
}

TEST_CASE("long texts are well formed wherever their wide characters stand") {
    for (std::size_t before = 0; before < 20; ++before) CHECK(valid_utf8(std::string(before, 'a') + "\xe2\x82\xac and more \xf0\x9f\x98\x80"));
    CHECK(valid_utf8(""));
}

TEST_CASE("an MQTT text has no U+0000, wherever it stands [MQTT-1.5.4-2]") {
    using namespace std::string_view_literals;
    CHECK(valid_utf8("a\0b"sv));
    CHECK_FALSE(valid_mqtt_text("a\0b"sv));
    CHECK_FALSE(valid_mqtt_text("\0"sv));
    CHECK_FALSE(valid_mqtt_text("123456789\0"sv));
    CHECK(valid_mqtt_text(""));
    CHECK(valid_mqtt_text("a/\xc3\xa4"));
    CHECK_FALSE(valid_mqtt_text("\xff"));
}

TEST_CASE("U+FEFF is a character like others [MQTT-1.5.4-3]") { CHECK(valid_mqtt_text("\xef\xbb\xbf")); }
