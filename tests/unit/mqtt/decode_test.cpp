// What the vectors cannot say: fields that printing leaves out, versions, views into the input. The rest is in vectors_test.

#include <catch2/catch.hpp>

#include "protocols/mqtt/decode.hpp"
#include "tests/support/mqtt_vectors.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using tests::mqtt_bytes;

namespace {

frame framed(const std::string& bytes, version v) { return *next_frame(bytes, packet_bytes_max, v).value(); }

bool inside(std::string_view part, const std::string& whole) {
    return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

}  // namespace

TEST_CASE("a decoded PUBLISH points into its input and holds all of it [MQTT 3.3]") {
    const std::string bytes = mqtt_bytes("3d r s'a/b' 0102 p( content_type s't' ) 'hello'");
    const publish p = decode_publish(framed(bytes, version::v5), version::v5).value();
    CHECK(p.topic == "a/b");
    CHECK(p.packet_id == 0x102);
    CHECK(p.qos == qos::exactly_once);
    CHECK((p.dup && p.retain));
    CHECK(p.payload == "hello");
    CHECK(p.properties.text(property::content_type) == "t");
    CHECK(inside(p.topic, bytes));
    CHECK(inside(p.payload, bytes));
    CHECK(inside(p.properties.bytes(), bytes));
}

TEST_CASE("a decoded CONNECT holds the password and the will's payload as bytes [MQTT 3.1.3]") {
    const std::string bytes = mqtt_bytes("10 r s'MQTT' 05 c6 000a p() s'me' p() s'w' s'\\x00\\xff' s'u' s'\\xff\\x00'");
    const packet decoded = decode(framed(bytes, version::v3_1_1), version::v3_1_1).value();
    const auto& p = std::get<connect>(decoded);
    CHECK(p.will->payload == std::string_view("\x00\xff", 2));
    CHECK(p.password == std::string_view("\xff\x00", 2));
    CHECK(p.version == version::v5);
}

TEST_CASE("the same bytes are different packets in different versions [MQTT 3.3.2.3]") {
    const std::string bytes = mqtt_bytes("30 r s'a' 00 'x'");
    CHECK(decode_publish(framed(bytes, version::v5), version::v5).value().payload == "x");
    CHECK(decode_publish(framed(bytes, version::v3_1_1), version::v3_1_1).value().payload == std::string_view("\0x", 2));
}

TEST_CASE("the version of a CONNECT is known even if the rest of it is malformed [MQTT-3.1.2-2]") {
    const auto version_in = [](const char* notation) {
        const std::string bytes = mqtt_bytes(notation);
        return version_of_connect(framed(bytes, version::v3_1_1));
    };
    CHECK(version_in("10 r s'MQTT' 05") == version::v5);
    CHECK(version_in("10 r s'MQTT' 04 ff") == version::v3_1_1);
    CHECK(version_in("10 r s'MQIsdp' 03 ff") == version::v3_1);
    CHECK_FALSE(version_in("10 r s'MQTT' 06"));
    CHECK_FALSE(version_in("10 r s'MQTT'"));
    CHECK_FALSE(version_in("10 00"));
    CHECK_FALSE(version_in("30 r s'MQTT' 05"));
}

TEST_CASE("a SUBSCRIBE may hold more filters than fit into the packet itself [MQTT 3.8.3]") {
    std::string filters;
    for (int i = 0; i < 1000; ++i) filters += " s'a/" + std::to_string(i) + "' 01";
    const std::string bytes = mqtt_bytes("82 r 0001 p()" + filters);
    const packet decoded = decode(framed(bytes, version::v5), version::v5).value();
    const auto& p = std::get<subscribe>(decoded);
    REQUIRE(p.subscriptions.size() == 1000);
    CHECK(p.subscriptions[999].filter == "a/999");
    CHECK(p.subscriptions[999].qos == qos::at_least_once);
}
