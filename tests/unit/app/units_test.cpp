#include "app/units.hpp"

#include <catch2/catch.hpp>

using namespace causeway::app;

TEST_CASE("sizes are plain bytes, powers of 1024 or powers of 1000") {
    CHECK(parse_bytes("0").value() == 0);
    CHECK(parse_bytes("512").value() == 512);
    CHECK(parse_bytes("512B").value() == 512);
    CHECK(parse_bytes("64KiB").value() == 64 * 1024);
    CHECK(parse_bytes("10MiB").value() == 10 * 1024 * 1024);
    CHECK(parse_bytes("10 MiB").value() == 10 * 1024 * 1024);
    CHECK(parse_bytes("1TiB").value() == 1ULL << 40);
    CHECK(parse_bytes("10MB").value() == 10'000'000);
    CHECK(parse_bytes("1_000kB").value() == 1'000'000);
}

TEST_CASE("a size that is none says what a size looks like") {
    for (const char* wrong : {"", "MiB", "10Mib", "10 MiB 5", "10MiB5", "-1", "1.5GiB", "99999999TiB", "0x10"}) {
        CAPTURE(wrong);
        REQUIRE(!parse_bytes(wrong));
        CHECK(parse_bytes(wrong).error().text == "a size such as 10MiB, not '" + std::string(wrong) + "'");
    }
}

TEST_CASE("durations have units, parts that add up, or count seconds") {
    CHECK(parse_duration_ms("500ms").value() == 500);
    CHECK(parse_duration_ms("30s").value() == 30'000);
    CHECK(parse_duration_ms("30").value() == 30'000);
    CHECK(parse_duration_ms("5m").value() == 300'000);
    CHECK(parse_duration_ms("1h").value() == 3'600'000);
    CHECK(parse_duration_ms("1h30m").value() == 5'400'000);
    CHECK(parse_duration_ms("7d").value() == 604'800'000);
    CHECK(parse_duration_ms("0s").value() == 0);
}

TEST_CASE("a duration that is none says what a duration looks like") {
    for (const char* wrong : {"", "s", "5 parsecs", "1h-5m", "1.5h", "999999999999999999d"}) {
        CAPTURE(wrong);
        REQUIRE(!parse_duration_ms(wrong));
        CHECK(parse_duration_ms(wrong).error().text == "a duration such as 30s, 5m or 1h, not '" + std::string(wrong) + "'");
    }
}

TEST_CASE("numbers are digits, grouped if one likes, and never overflow") {
    CHECK(parse_number("1883").value() == 1883);
    CHECK(parse_number("1_000_000").value() == 1'000'000);
    CHECK(parse_number("18446744073709551615").value() == 18'446'744'073'709'551'615ULL);
    for (const char* wrong : {"", "_1", "-1", "1.0", "abc", "18446744073709551616", "99999999999999999999999"}) {
        CAPTURE(wrong);
        REQUIRE(!parse_number(wrong));
        CHECK(parse_number(wrong).error().text == "a whole number, not '" + std::string(wrong) + "'");
    }
}

TEST_CASE("numbers are shown with the largest unit that keeps them whole, and read back equal") {
    CHECK(bytes_text(10'485'760) == "10MiB");
    CHECK(bytes_text(1'000) == "1000B");
    CHECK(bytes_text(0) == "0");
    CHECK(duration_text(90'000) == "90s");
    CHECK(duration_text(60'000) == "1m");
    CHECK(duration_text(200) == "200ms");
    CHECK(duration_text(0) == "0s");
    for (const std::uint64_t value : {1ULL, 999ULL, 1'024ULL, 60'000ULL, 86'400'000ULL, 1ULL << 40, (1ULL << 40) + 1}) {
        CHECK(parse_bytes(bytes_text(value)).value() == value);
        CHECK(parse_duration_ms(duration_text(value)).value() == value);
    }
}
