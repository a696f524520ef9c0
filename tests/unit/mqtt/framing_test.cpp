#include <catch2/catch.hpp>

#include "protocols/mqtt/framing.hpp"
#include "tests/support/mqtt_vectors.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using tests::mqtt_bytes;

namespace {

auto frame_of(const std::string& bytes, std::size_t bytes_max = packet_bytes_max, version v = version::v5) {
    return next_frame(bytes, bytes_max, v);
}

}  // namespace

TEST_CASE("a frame says what it is, what is in it and how long it is [MQTT 2.1]") {
    const std::string bytes = mqtt_bytes("3d 05 0001 'a' 0007 c0 00");
    const frame f = *frame_of(bytes).value();
    CHECK(f.header.type == packet_type::publish);
    CHECK(f.header.flags == 0xd);
    CHECK(f.body == mqtt_bytes("0001 'a' 0007"));
    CHECK(f.size == 7);
    CHECK(frame_of(bytes.substr(f.size)).value()->header.type == packet_type::pingreq);
}

TEST_CASE("no bytes are no packet") { CHECK_FALSE(frame_of("").value()); }

TEST_CASE("the Remaining Length has one to four bytes [MQTT 2.1.4]") {
    for (std::size_t size : {0, 127, 128, 16'383, 16'384, 2'097'151, 2'097'152}) {
        std::string bytes = "\x30";
        append_variable(bytes, static_cast<std::uint32_t>(size));
        bytes += std::string(size, 'x');
        CHECK_FALSE(frame_of(bytes.substr(0, bytes.size() - 1)).value());
        CHECK(frame_of(bytes).value()->size == bytes.size());
        CHECK(frame_of(bytes).value()->body.size() == size);
    }
}

TEST_CASE("the size of a packet is known with the last byte of its length, not before [MQTT 2.1.4]") {
    for (std::uint32_t length : {0U, 127U, 128U, 16'383U, 16'384U, 2'097'152U, variable_integer_max}) {
        std::string bytes = "\x30";
        append_variable(bytes, length);
        CHECK(begun_packet_bytes(bytes) == bytes.size() + length);
        CHECK(begun_packet_bytes(bytes + "x") == bytes.size() + length);
        for (std::size_t cut = 0; cut < bytes.size(); ++cut) CHECK(begun_packet_bytes(bytes.substr(0, cut)) == 0);
    }
}

TEST_CASE("a packet that is too large is refused before its body has come [MQTT-3.1.2-24]") {
    CHECK(frame_of(mqtt_bytes("30 7e"), 127).error() == reason::packet_too_large);
    CHECK_FALSE(frame_of(mqtt_bytes("30 7d"), 127).value());
    CHECK(frame_of(mqtt_bytes("30 ffffff7f"), packet_bytes_max - 1).error() == reason::packet_too_large);
    CHECK_FALSE(frame_of(mqtt_bytes("30 ffffff7f")).value());
}

TEST_CASE("the limit counts the whole packet, fixed header included [MQTT 3.1.2.11.4]") {
    const std::string bytes = mqtt_bytes("30 05 0001 'a' 00 'x'");
    CHECK(frame_of(bytes, bytes.size()).value()->size == bytes.size());
    CHECK(frame_of(bytes, bytes.size() - 1).error() == reason::packet_too_large);
}

TEST_CASE("each first byte is accepted or refused by itself [MQTT-2.1.3-1]") {
    const auto flags_allowed = [](int type, int flags) {
        if (type == 0) return false;
        if (type == 3) return (flags & 6) != 6 && (flags & 0xe) != 8;
        return flags == (type == 6 || type == 8 || type == 10 ? 2 : 0);
    };
    for (int first = 0; first < 256; ++first) {
        const std::string bytes(1, static_cast<char>(first));
        const bool allowed = flags_allowed(first >> 4, first & 0xf);
        INFO(first);
        CHECK(frame_of(bytes).has_value() == allowed);
        CHECK(frame_of(bytes, packet_bytes_max, version::v3_1_1).has_value() == (allowed && first >> 4 != 15));
    }
}

TEST_CASE("Variable Byte Integers are written as short as they can be and read back [MQTT-1.5.5-1]") {
    for (std::uint32_t value : {0U, 1U, 127U, 128U, 321U, 16'383U, 16'384U, 2'097'151U, 2'097'152U, variable_integer_max}) {
        std::string bytes;
        append_variable(bytes, value);
        CHECK(bytes.size() == variable_size(value));
        byte_reader in(bytes);
        CHECK(read_variable(in) == value);
        CHECK(in.empty());
        CHECK_FALSE(in.failed());
    }
}
