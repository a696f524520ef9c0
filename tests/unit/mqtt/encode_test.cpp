#include <catch2/catch.hpp>

#include "base/output_buffer.hpp"
#include "protocols/mqtt/decode.hpp"
#include "protocols/mqtt/encode.hpp"
#include "tests/support/mqtt_vectors.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using tests::mqtt_bytes;

namespace {

std::string encoded(const packet& p, version v) {
    std::string out;
    encode(out, p, v);
    return out;
}

std::string encoded(const outgoing_publish& p, std::string_view payload, version v) {
    std::string out = "before";
    const publish_sizes sizes = sizes_of(p, payload.size(), v);
    encode(out, p, sizes, payload, v);
    CHECK(out.starts_with("before"));
    CHECK(sizes.whole == out.size() - 6);
    return out.substr(6);
}

}  // namespace

TEST_CASE("encoders append to what is there") {
    std::string out = "x";
    encode(out, pingresp{}, version::v5);
    encode(out, puback{.packet_id = 1}, version::v5);
    CHECK(out == mqtt_bytes("'x' d0 00 40 02 0001"));
}

TEST_CASE("a CONNACK says in MQTT 3 the return code that comes closest [MQTT 3.1.1, 3.2.2.3]") {
    const auto return_code = [](reason code) { return static_cast<int>(encoded(connack{.code = code}, version::v3_1_1).back()); };
    CHECK(return_code(reason::success) == 0);
    CHECK(return_code(reason::unsupported_protocol_version) == 1);
    CHECK(return_code(reason::client_identifier_not_valid) == 2);
    CHECK(return_code(reason::server_unavailable) == 3);
    CHECK(return_code(reason::bad_user_name_or_password) == 4);
    CHECK(return_code(reason::not_authorized) == 5);
    CHECK(return_code(reason::banned) == 5);
    CHECK(return_code(reason::bad_authentication_method) == 5);
    CHECK(return_code(reason::server_busy) == 3);
    CHECK(return_code(reason::quota_exceeded) == 3);
}

TEST_CASE("a refused subscription is 0x80 in MQTT 3 and its own reason in MQTT 5 [MQTT-3.9.3-2]") {
    const suback p{.packet_id = 1, .codes = {reason::granted_qos_1, reason::not_authorized}};
    CHECK(encoded(p, version::v3_1_1) == mqtt_bytes("90 r 0001 01 80"));
    CHECK(encoded(p, version::v5) == mqtt_bytes("90 r 0001 p() 01 87"));
}

TEST_CASE("what MQTT 3 does not have is left out") {
    property_block why;
    why.text(property::reason_string, "no");
    CHECK(encoded(pubrec{.packet_id = 7, .code = reason::quota_exceeded, .properties = why.view()}, version::v3_1_1) == mqtt_bytes("50 02 0007"));
    CHECK(encoded(connack{.session_present = true, .properties = why.view()}, version::v3_1_1) == mqtt_bytes("20 02 01 00"));
    CHECK(encoded(connack{.session_present = true}, version::v3_1) == mqtt_bytes("20 02 00 00"));
    CHECK(encoded(disconnect{.code = reason::server_shutting_down, .properties = why.view()}, version::v3_1_1) == mqtt_bytes("e0 00"));
    CHECK(encoded(unsuback{.packet_id = 7, .codes = {reason::success}}, version::v3_1_1) == mqtt_bytes("b0 02 0007"));
    CHECK(encoded(subscribe{.packet_id = 7, .subscriptions = {{.filter = "a", .qos = qos::at_least_once, .no_local = true}}}, version::v3_1_1) ==
          mqtt_bytes("82 r 0007 s'a' 01"));
}

TEST_CASE("an outgoing PUBLISH carries the message's properties and those of the hop [MQTT 3.3.2.3]") {
    const std::string forwarded = mqtt_bytes("content_type s't' user_property s'k' s'v'");
    const std::uint32_t ids[] = {1, 200};
    const outgoing_publish p{.dup = true,
                             .qos = qos::at_least_once,
                             .retain = true,
                             .topic = "a/b",
                             .packet_id = 0x102,
                             .forwarded_properties = forwarded,
                             .expiry_s = 60,
                             .subscription_ids = ids,
                             .topic_alias = 5};
    CHECK(encoded(p, "hello", version::v5) ==
          mqtt_bytes("3b r s'a/b' 0102 p( topic_alias 0005 message_expiry_s 0000003c subscription_id 01 subscription_id c801 "
                     "content_type s't' user_property s'k' s'v' ) 'hello'"));
    CHECK(encoded(p, "hello", version::v3_1_1) == mqtt_bytes("3b r s'a/b' 0102 'hello'"));
}

TEST_CASE("an outgoing PUBLISH of QoS 0 has no packet identifier [MQTT-2.2.1-2]") {
    CHECK(encoded(outgoing_publish{.topic = "a"}, "x", version::v5) == mqtt_bytes("30 r s'a' p() 'x'"));
    CHECK(encoded(outgoing_publish{.topic = "a"}, "", version::v3_1_1) == mqtt_bytes("30 r s'a'"));
}

TEST_CASE("an outgoing PUBLISH may have an alias instead of its topic [MQTT 3.3.2.3.4]") {
    CHECK(encoded(outgoing_publish{.topic_alias = 9}, "x", version::v5) == mqtt_bytes("30 r s'' p( topic_alias 0009 ) 'x'"));
}

TEST_CASE("sizes are right around each step of the lengths [MQTT 1.5.5]") {
    for (std::size_t payload : {0, 100, 123, 124, 125, 16'379, 16'380, 2'097'147, 2'097'148}) {
        const std::string bytes = encoded(outgoing_publish{.topic = "a"}, std::string(payload, 'x'), version::v3_1_1);
        CHECK(next_frame(bytes, packet_bytes_max, version::v3_1_1).value()->size == bytes.size());
    }
    for (std::size_t properties : {100, 120, 121, 122, 16'300, 16'377, 16'378}) {
        std::string block;
        property_writer(block).text(property::content_type, std::string(properties, 'x'));
        const std::string bytes = encoded(outgoing_publish{.topic = "a", .forwarded_properties = block}, "payload", version::v5);
        const auto decoded = decode_publish(*next_frame(bytes, packet_bytes_max, version::v5).value(), version::v5);
        CHECK(decoded.value().payload == "payload");
    }
}

TEST_CASE("the size of a PUBLISH that no packet can hold is larger than any packet [MQTT 2.1.4]") {
    CHECK(sizes_of(outgoing_publish{.topic = "a"}, variable_integer_max - 3, version::v3_1_1).whole == packet_bytes_max);
    CHECK(sizes_of(outgoing_publish{.topic = "a"}, variable_integer_max, version::v3_1_1).whole > packet_bytes_max);
}

TEST_CASE("a large payload follows its head by reference") {
    const shared_bytes payload(std::string(10'000, 'x'));
    const outgoing_publish p{.topic = "a"};
    const publish_sizes sizes = sizes_of(p, payload.size(), version::v5);
    output_buffer out;
    encode(out.tail(), p, sizes, {}, version::v5);
    out.append(payload);
    iovec pieces[4];
    REQUIRE(out.gather(pieces) == 2);
    CHECK(pieces[1].iov_base == payload.view().data());
    CHECK(out.size() == sizes.whole);
}

TEST_CASE("what an outgoing PUBLISH forwards is what its publisher sent [MQTT-3.3.2-4, MQTT-3.3.2-15, MQTT-3.3.2-16, MQTT-3.3.2-20]") {
    const std::string in = mqtt_bytes("30 r s'a' p( topic_alias 0003 user_property s'k' s'v' correlation_data s'c' "
                                      "message_expiry_s 00000009 payload_format 01 ) 'x'");
    const publish p = decode_publish(*next_frame(in, packet_bytes_max, version::v5).value(), version::v5).value();
    std::string scratch;
    const outgoing_publish out{.topic = p.topic, .forwarded_properties = p.properties.forwardable(scratch), .expiry_s = 4};
    CHECK(encoded(out, p.payload, version::v5) ==
          mqtt_bytes("30 r s'a' p( message_expiry_s 00000004 user_property s'k' s'v' correlation_data s'c' payload_format 01 ) 'x'"));
}
