#include "tests/unit/mqtt/mqtt_world.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using namespace causeway::mqtt::test;

namespace {

connect with_will(version v = version::v5, const property_block& of_will = {}, const property_block& of_connect = {}) {
    connect c{.version = v, .properties = of_connect.view(), .client_id = "mortal"};
    c.will = mqtt::will{.topic = "will/mortal", .payload = "gone", .qos = qos::at_least_once, .properties = of_will.view()};
    return c;
}

const lines published = {"PUBLISH q1 id=1 'will/mortal' payload=4 \"gone\""};

}  // namespace

TEST_CASE("the will is published when the connection breaks, and not after DISCONNECT [MQTT-3.1.2-8, MQTT-3.1.2-10]") {
    for (const version v : {version::v3_1_1, version::v5}) {
        mqtt_world w;
        peer s = w.subscriber("s", "will/#");
        w.client(with_will(v)).sends(disconnect{}).gets();
        CHECK(s.gets().empty());
        w.client(with_will(v)).breaks();
        CHECK(s.gets() == published);
    }
}

TEST_CASE("DISCONNECT with reason 0x04 publishes the will [3.14.2.1]") {
    mqtt_world w;
    peer s = w.subscriber("s", "will/#");
    w.client(with_will()).sends(disconnect{.code = reason::disconnect_with_will}).gets();
    CHECK(s.gets() == published);
}

TEST_CASE("a protocol error and a missed keep alive publish the will [3.1.2.5]") {
    mqtt_world w;
    peer s = w.subscriber("s", "will/#", qos::at_most_once);
    const lines published_at_most_once = {"PUBLISH q0 'will/mortal' payload=4 \"gone\""};
    w.client(with_will()).sends(pingresp{}).gets();
    CHECK(s.gets() == published_at_most_once);
    connect c = with_will();
    c.keep_alive_s = 10;
    peer p = w.client(c);
    w.world.pass_ms(15'000);
    CHECK(s.gets() == published_at_most_once);
}

TEST_CASE("a delayed will waits, and is not published if the client comes back [MQTT-3.1.3-9]") {
    mqtt_world w;
    peer s = w.subscriber("s", "will/#");
    property_block delay;
    delay.number(property::will_delay_s, 30);
    property_block kept;
    kept.number(property::session_expiry_s, 100);
    w.client(with_will(version::v5, delay, kept)).breaks();
    w.world.pass_ms(29'000);
    CHECK(s.gets().empty());

    SECTION("it stays away") {
        w.world.pass_ms(1'000);
        CHECK(s.gets() == published);
    }
    SECTION("it comes back") {
        peer back = w.lasting_client("mortal");
        w.world.pass_ms(100'000);
        CHECK(s.gets().empty());
    }
    SECTION("the server restarts meanwhile") {
        w.world.restart();
        peer again = w.subscriber("s", "will/#");
        w.world.pass_ms(1'000);
        CHECK(again.gets() == published);
    }
}

TEST_CASE("a delayed will is due when its session ends [3.1.3.2.2]") {
    mqtt_world w;
    peer s = w.subscriber("s", "will/#");
    property_block delay;
    delay.number(property::will_delay_s, 30);
    w.client(with_will(version::v5, delay)).breaks();
    CHECK(s.gets() == published);
}

TEST_CASE("a takeover publishes the will of the connection that loses [3.1.4]") {
    mqtt_world w;
    peer s = w.subscriber("s", "will/#");
    peer first = w.client(with_will());
    peer second = w.client("mortal");
    CHECK(first.is_closed());
    CHECK(s.gets() == published);
}

TEST_CASE("a will's properties and expiry go with it [3.1.3.2]") {
    mqtt_world w;
    peer s = w.subscriber("s", "will/#");
    property_block block;
    block.number(property::message_expiry_s, 60).text(property::content_type, "text/x").pair("why", "lost");
    peer p = w.client(with_will(version::v5, block));
    w.world.pass_ms(1'000'000);
    p.breaks();
    const lines got = s.gets();
    REQUIRE(got.size() == 1);
    CHECK(got[0].find("content_type='text/x', user_property='why':'lost'") != std::string::npos);
    CHECK(got[0].find("message_expiry_s=60") != std::string::npos);
}

TEST_CASE("a retained will is retained [MQTT-3.1.2-15]") {
    mqtt_world w;
    connect c = with_will();
    c.will->retain = true;
    w.client(c).breaks();
    peer s = w.client("s");
    s.sends(subscription_to("will/#"));
    CHECK(s.gets() == lines{"SUBACK id=1 'granted QoS 2'", "PUBLISH q1 retain id=1 'will/mortal' payload=4 \"gone\""});
}

TEST_CASE("a will to a topic that is not the client's is refused with its CONNECT") {
    mqtt_world w;
    connect c = with_will();
    c.will->topic = "forbidden/will";
    peer p = w.stranger();
    p.sends(c);
    CHECK(p.gets() == lines{"CONNACK reason='not authorized'"});
    CHECK(p.is_closed());
}

TEST_CASE("a client that was never accepted leaves no will [MQTT-3.1.2-7]") {
    mqtt_world w;
    peer s = w.subscriber("s", "will/#");
    property_block kept;
    kept.number(property::session_expiry_s, 100);
    w.world.store().hold();
    peer p = w.stranger();
    p.sends(with_will(version::v5, {}, kept)).gets();
    p.breaks();
    w.world.store().release();
    CHECK(s.gets().empty());
}

TEST_CASE("a client that is taken over before its CONNACK leaves no will [MQTT-3.1.2-7]") {
    mqtt_world w;
    peer s = w.subscriber("s", "will/#");
    property_block kept;
    kept.number(property::session_expiry_s, 100);
    w.world.store().hold();
    peer first = w.stranger();
    first.sends(with_will(version::v5, {}, kept)).gets();
    peer second = w.stranger();
    property_block lasting;
    second.sends(mqtt_world::lasting("mortal", version::v5, lasting)).gets();
    CHECK(first.is_closed());
    w.world.store().release();
    CHECK(s.gets().empty());
}
