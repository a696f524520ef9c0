#include <catch2/catch.hpp>

#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"

using namespace causeway;

TEST_CASE("integers are written with the high byte first, after what is there") {
    std::string out = "x";
    byte_writer w(out);
    w.u8(0x01);
    w.u16(0x0203);
    w.u32(0x04050607);
    w.u64(0x08090a0b0c0d0e0fULL);
    CHECK(out == "x\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f");
}

TEST_CASE("what is written is read back") {
    std::string out;
    byte_writer w(out);
    w.u8(0xff);
    w.u16(0xfffe);
    w.u32(0xffff'fffd);
    w.u64(0xffff'ffff'ffff'fffcULL);
    w.bytes8(std::string(255, 'a'));
    w.bytes16(std::string(65'535, 'b'));
    w.bytes32(std::string(70'000, 'c'));
    w.bytes("tail");
    byte_reader in(out);
    CHECK(in.u8() == 0xff);
    CHECK(in.u16() == 0xfffe);
    CHECK(in.u32() == 0xffff'fffd);
    CHECK(in.u64() == 0xffff'ffff'ffff'fffcULL);
    CHECK(in.bytes8() == std::string(255, 'a'));
    CHECK(in.bytes16() == std::string(65'535, 'b'));
    CHECK(in.bytes32() == std::string(70'000, 'c'));
    CHECK(in.rest() == "tail");
    CHECK_FALSE(in.failed());
}

TEST_CASE("a length can be filled in once it is known") {
    std::string out = "before";
    byte_writer w(out);
    const std::size_t at = w.position();
    w.u32(0);
    w.bytes("body");
    w.put_u32(at, 4);
    CHECK(out == std::string("before\0\0\0\4body", 14));
}
