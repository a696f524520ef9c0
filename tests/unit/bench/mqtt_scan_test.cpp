#include "bench/mqtt_scan.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include "bench/mqtt_client.hpp"
#include "bench/stamp.hpp"
#include "protocols/mqtt/encode.hpp"

using namespace causeway;
using bench::scan;

namespace {

std::string publish_packet(unsigned qos, bool v5, std::string_view payload, bool with_properties = false) {
    mqtt::property_block properties;
    if (with_properties) properties.pair("key", std::string(200, 'v'));
    mqtt::publish p;
    p.qos = static_cast<mqtt::qos>(qos);
    p.topic = "a/topic";
    p.packet_id = qos > 0 ? 0x1234 : 0;
    p.properties = properties.view();
    p.payload = payload;
    std::string out;
    mqtt::encode(out, p, v5 ? mqtt::version::v5 : mqtt::version::v3_1_1);
    return out;
}

}  // namespace

TEST_CASE("of every PUBLISH that the codec writes the payload and the packet identifier are found (MQTT 3.3)") {
    for (const bool v5 : {false, true})
        for (unsigned qos = 0; qos <= 2; ++qos)
            for (const std::size_t size : {0U, 24U, 100U, 200U, 20'000U}) {
                const std::string payload(size, 'p');
                const std::string bytes = publish_packet(qos, v5, payload, v5 && size == 100), more = bytes + "next";
                bench::mqtt_packet packet;
                REQUIRE(bench::next_packet(more, packet) == scan::whole);
                CHECK(packet.size == bytes.size());
                CHECK(packet.type() == 3);
                CHECK(packet.qos() == qos);
                bench::mqtt_publish message;
                REQUIRE(bench::read_publish(packet, v5, message));
                CHECK(message.payload == payload);
                CHECK(message.packet_id == (qos > 0 ? 0x1234 : 0));
            }
}

TEST_CASE("a packet that has not come whole is waited for, however it is cut") {
    const std::string bytes = publish_packet(1, true, std::string(300, 'x'));
    bench::mqtt_packet packet;
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK(bench::next_packet(std::string_view(bytes).substr(0, size), packet) == scan::incomplete);
}

TEST_CASE("a Remaining Length of more than four bytes is broken (MQTT 1.5.5)") {
    bench::mqtt_packet packet;
    CHECK(bench::next_packet("\x30\xFF\xFF\xFF\xFF\x01", packet) == scan::broken);
    CHECK(bench::next_packet("\x30\xFF\xFF\xFF", packet) == scan::incomplete);
}

TEST_CASE("a PUBLISH that ends before what it announces is refused, never read beyond") {
    for (const bool v5 : {false, true}) {
        const std::string whole = publish_packet(1, v5, "", v5);
        bench::mqtt_packet packet;
        REQUIRE(bench::next_packet(whole, packet) == scan::whole);
        const std::string_view body = packet.body;
        for (std::size_t size = 0; size < body.size(); ++size) {
            const std::string exact(body.substr(0, size));
            packet.body = exact;
            bench::mqtt_publish message;
            CHECK_FALSE(bench::read_publish(packet, v5, message));
        }
    }
}

TEST_CASE("a prepared PUBLISH tells where its number, identifier and digits go") {
    for (const bool v5 : {false, true})
        for (unsigned qos = 0; qos <= 2; ++qos) {
            bench::plan how;
            how.qos = qos;
            how.v5 = v5;
            bench::message_template t = bench::mqtt_message(how, "numbered/", true, true);
            bench::write_topic_digits(t.bytes.data() + t.digits_at, 4321);
            const bench::stamp s{1, 2, 3, 4};
            std::memcpy(t.bytes.data() + t.stamp_at, &s, sizeof s);
            if (qos > 0) t.bytes[t.packet_id_at + 1] = 77;
            CHECK((qos > 0) == (t.packet_id_at > 0));

            bench::mqtt_packet packet;
            REQUIRE(bench::next_packet(t.bytes, packet) == scan::whole);
            CHECK((packet.first & 1) == 1);  // RETAIN (3.3.1.3)
            CHECK(packet.body.substr(2, 17) == "numbered/00004321");
            bench::mqtt_publish message;
            REQUIRE(bench::read_publish(packet, v5, message));
            CHECK(message.payload.size() == how.payload_bytes);
            CHECK(message.packet_id == (qos > 0 ? 77 : 0));
            CHECK(bench::read_stamp(message.payload)->number == 3);
        }
}

TEST_CASE("the digits of a prepared PUBLISH stand before what wildcards are for") {
    for (const bool v5 : {false, true}) {
        const bench::plan how{.qos = 1, .v5 = v5, .wildcards = true};
        bench::message_template t = bench::mqtt_message(how, "a/b/c/", false, true);
        bench::write_topic_digits(t.bytes.data() + t.digits_at, 4321);
        CHECK(t.bytes.find(bench::numbered_topic("a/b/c/", 4321, true)) != std::string::npos);
    }
}

TEST_CASE("a payload without room for a stamp has none") { CHECK_FALSE(bench::read_stamp("too short")); }
