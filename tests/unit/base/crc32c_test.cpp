#include <catch2/catch.hpp>

#include <string>

#include "base/crc32c.hpp"

using causeway::crc32c;

namespace {

/// Bit by bit, as the polynomial says.
std::uint32_t slow_crc32c(std::string_view bytes) {
    std::uint32_t crc = 0xFFFF'FFFF;
    for (const char c : bytes) {
        crc ^= static_cast<std::uint8_t>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F6'3B78 : 0);
    }
    return ~crc;
}

std::string counting(int from, int step) {
    std::string bytes;
    for (int i = 0; i < 32; ++i) bytes += static_cast<char>(from + i * step);
    return bytes;
}

}  // namespace

TEST_CASE("the check value of CRC-32C [RFC 3720, B.4 and the catalogue of parametrised CRCs]") {
    CHECK(crc32c("123456789") == 0xE306'9283);
    CHECK(crc32c("") == 0);
    CHECK(crc32c(std::string(32, '\0')) == 0x8A91'36AA);
    CHECK(crc32c(std::string(32, '\xff')) == 0x62A8'AB43);
    CHECK(crc32c(counting(0, 1)) == 0x46DD'794E);
    CHECK(crc32c(counting(31, -1)) == 0x113F'DB5C);
}

TEST_CASE("the fast ways give what the slow one gives, for every length and alignment") {
    std::string bytes;
    for (int i = 0; i < 100; ++i) bytes += static_cast<char>(i * 37 + 11);
    for (std::size_t from = 0; from < 9; ++from)
        for (std::size_t size = 0; from + size <= bytes.size(); ++size)
            REQUIRE(crc32c(std::string_view(bytes).substr(from, size)) == slow_crc32c(std::string_view(bytes).substr(from, size)));
}

TEST_CASE("a changed bit changes the checksum") {
    const std::string good = "a record of the store";
    for (std::size_t i = 0; i < good.size() * 8; ++i) {
        std::string bad = good;
        bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << i % 8));
        CHECK(crc32c(bad) != crc32c(good));
    }
}
