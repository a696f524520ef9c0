#include <catch2/catch.hpp>

#include "base/byte_reader.hpp"

using causeway::byte_reader;

namespace {

constexpr std::string_view counting("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f", 15);

}  // namespace

TEST_CASE("integers are read with the high byte first") {
    byte_reader in(counting);
    CHECK(in.u8() == 0x01);
    CHECK(in.u16() == 0x0203);
    CHECK(in.u32() == 0x04050607);
    CHECK(in.u64() == 0x08090a0b0c0d0e0fULL);
    CHECK(in.empty());
    CHECK_FALSE(in.failed());
}

TEST_CASE("bytes with the top bit set are no negative numbers") {
    byte_reader in("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
    CHECK(in.u8() == 0xff);
    CHECK(in.u16() == 0xffff);
    CHECK(in.u32() == 0xffff'ffff);
    CHECK(in.u64() == 0xffff'ffff'ffff'ffffULL);
}

TEST_CASE("bytes behind a length are views of the input") {
    const std::string_view bytes("\x01" "a" "\x00\x02" "bc" "\x00\x00\x00\x03" "def", 13);
    byte_reader in(bytes);
    CHECK(in.bytes8() == "a");
    CHECK(in.bytes16() == "bc");
    const std::string_view last = in.bytes32();
    CHECK(last == "def");
    CHECK(last.data() == bytes.data() + 10);
    CHECK_FALSE(in.failed());
}

TEST_CASE("the rest may be empty") {
    byte_reader in("ab");
    CHECK(in.take(1) == "a");
    CHECK(in.remaining() == 1);
    CHECK(in.rest() == "b");
    CHECK(in.rest().empty());
    CHECK_FALSE(in.failed());
}

TEST_CASE("reading past the end fails, and everything after it gives nothing") {
    byte_reader in("\x01\x02\x03");
    CHECK(in.u16() == 0x0102);
    CHECK(in.u16() == 0);
    CHECK(in.failed());
    CHECK(in.empty());
    CHECK(in.u8() == 0);
    CHECK(in.take(1).empty());
    CHECK(in.rest().empty());
}

TEST_CASE("a length that lies fails") {
    byte_reader one("\x05" "abcd");
    CHECK(one.bytes8().empty());
    CHECK(one.failed());
    byte_reader two(std::string_view("\x00\x05" "abcd", 6));
    CHECK(two.bytes16().empty());
    CHECK(two.failed());
    byte_reader four("\xff\xff\xff\xff");
    CHECK(four.bytes32().empty());
    CHECK(four.failed());
}

TEST_CASE("nothing can be read from no bytes") {
    byte_reader in;
    CHECK(in.empty());
    CHECK_FALSE(in.failed());
    CHECK(in.rest().empty());
    CHECK(in.u8() == 0);
    CHECK(in.failed());
}

TEST_CASE("a reader can be failed by its user") {
    byte_reader in("abc");
    in.fail();
    CHECK(in.failed());
    CHECK(in.u8() == 0);
}
