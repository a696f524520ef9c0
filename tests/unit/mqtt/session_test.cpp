#include "tests/unit/mqtt/mqtt_world.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using namespace causeway::mqtt::test;

namespace {

/// A client of the given version whose session is kept; the packets that greet it.
struct greeted {
    peer p;
    lines got;
};
greeted resume(mqtt_world& w, std::string_view id, version v = version::v5, bool clean = false) {
    property_block block;
    connect c = mqtt_world::lasting(id, v, block);
    c.clean_start = clean;
    peer p = w.stranger(v);
    p.sends(c);
    lines got = p.gets();
    return {std::move(p), std::move(got)};
}

}  // namespace

TEST_CASE("a kept session is present again, with its subscriptions and messages [MQTT-3.1.2-5, MQTT-3.2.2-3]") {
    const version v = GENERATE(version::v3_1_1, version::v5);
    mqtt_world w;
    greeted first = resume(w, "s", v);
    CHECK(first.got[0].starts_with("CONNACK"));
    CHECK(first.got[0].find("present") == std::string::npos);
    first.p.sends(subscription_to("t", qos::at_least_once)).gets();
    SECTION("reconnect") { first.p.breaks(); }
    SECTION("restart") { w.world.restart(); }
    SECTION("crash") { w.world.crash(); }
    w.client("p").sends(message("t", "kept", qos::at_least_once, 1)).gets();
    const greeted second = resume(w, "s", v);
    REQUIRE(second.got.size() == 2);
    CHECK(second.got[0].starts_with("CONNACK present"));
    CHECK(second.got[1] == "PUBLISH q1 id=1 't' payload=4 \"kept\"");
}

TEST_CASE("MQTT 3.1 has no session present flag") {
    mqtt_world w;
    resume(w, "s", version::v3_1).p.breaks();
    CHECK(resume(w, "s", version::v3_1).got == lines{"CONNACK"});
}

TEST_CASE("clean start throws the old session away [MQTT-3.1.2-4]") {
    mqtt_world w;
    greeted first = resume(w, "s");
    first.p.sends(subscription_to("t")).gets();
    first.p.breaks();
    CHECK(resume(w, "s", version::v5, true).got[0].find("present") == std::string::npos);
    peer p = w.client("p");
    p.sends(message("t", "x", qos::at_least_once, 1));
    CHECK(p.gets() == lines{"PUBACK id=1 reason='no matching subscribers'"});
}

TEST_CASE("a session ends when its expiry has passed, or with the connection if it has none [MQTT-3.1.2-23]") {
    mqtt_world w;
    resume(w, "s").p.breaks();
    w.world.pass_ms(999'000);
    CHECK(w.world.broker().find_session("s") != nullptr);
    w.world.pass_ms(1'001);
    CHECK(w.world.broker().find_session("s") == nullptr);

    w.client("short").breaks();
    CHECK(w.world.broker().find_session("short") == nullptr);
}

TEST_CASE("the server may shorten an expiry and says so [3.2.2.3.2]") {
    core::broker_options options;
    options.session_expiry_s_max = 100;
    mqtt_world w({}, options);
    CHECK(resume(w, "s").got[0].find("session_expiry_s=100") != std::string::npos);
}

TEST_CASE("DISCONNECT may change the expiry [3.14.2.2.2]") {
    mqtt_world w;
    property_block never;
    never.number(property::session_expiry_s, 0);
    resume(w, "s").p.sends(disconnect{.properties = never.view()}).gets();
    CHECK(w.world.broker().find_session("s") == nullptr);
}

TEST_CASE("DISCONNECT cannot give an expiry to a session that had none [3.14.2.2.2]") {
    mqtt_world w;
    property_block later;
    later.number(property::session_expiry_s, 10);
    peer p = w.client("s");
    p.sends(disconnect{.properties = later.view()});
    CHECK(p.gets() == lines{"DISCONNECT reason='protocol error'"});
    CHECK(w.world.broker().find_session("s") == nullptr);
}

TEST_CASE("CONNACK of a session that is kept waits until it is stored") {
    mqtt_world w;
    w.world.store().hold();
    greeted g = resume(w, "s");
    CHECK(g.got.empty());
    g.p.sends(pingreq{});
    CHECK(g.p.gets().empty());
    w.world.store().release();
    const lines got = g.p.gets();
    REQUIRE(got.size() == 2);
    CHECK(got[1] == "PINGRESP");
}

TEST_CASE("a session that cannot be stored is refused if it is new, and goes on if it is old") {
    mqtt_world w;
    resume(w, "old").p.breaks();
    w.world.store().break_down();
    const greeted fresh = resume(w, "new");
    CHECK(fresh.got == lines{"CONNACK reason='quota exceeded'"});
    CHECK(fresh.p.is_closed());
    const greeted three = resume(w, "three", version::v3_1_1);
    CHECK(three.got == lines{"CONNACK reason='server unavailable'"});
    const greeted old = resume(w, "old");
    CHECK(old.got[0].starts_with("CONNACK present"));
}

TEST_CASE("a session belongs to the user who opened it") {
    mqtt_world w;
    property_block block;
    connect c = mqtt_world::lasting("s", version::v5, block);
    c.user = "alice";
    c.password = "secret";
    w.client(c).breaks();
    c.user = "bob";
    peer p = w.stranger();
    p.sends(c);
    CHECK(p.gets() == lines{"CONNACK reason='not authorized'"});
}

TEST_CASE("unacknowledged messages come again with DUP, in their order [MQTT-4.4.0-1, MQTT-4.6.0-1]") {
    mqtt_world w;
    greeted s = resume(w, "s");
    s.p.sends(subscription_to("t", qos::at_least_once)).gets();
    peer p = w.client("p");
    for (std::uint16_t id = 1; id <= 3; ++id) p.sends(message("t", std::to_string(id), qos::at_least_once, id));
    s.p.gets();
    s.p.sends(puback{.packet_id = 2}).gets();
    s.p.breaks();
    p.sends(message("t", "4", qos::at_least_once, 4)).gets();
    const greeted again = resume(w, "s");
    REQUIRE(again.got.size() == 4);
    CHECK(again.got[1] == "PUBLISH q1 dup id=1 't' payload=1 \"1\"");
    CHECK(again.got[2] == "PUBLISH q1 dup id=3 't' payload=1 \"3\"");
    CHECK(again.got[3] == "PUBLISH q1 id=4 't' payload=1 \"4\"");
}

TEST_CASE("the newer connection takes the session over [MQTT-3.1.4-3]") {
    mqtt_world w;
    greeted first = resume(w, "s");
    first.p.sends(subscription_to("t", qos::at_least_once)).gets();
    w.client("p").sends(message("t", "x", qos::at_least_once, 1)).gets();
    CHECK(first.p.got().size() == 1);
    const greeted second = resume(w, "s");
    CHECK(first.p.got() == lines{"DISCONNECT reason='session taken over'"});
    CHECK(first.p.is_closed());
    REQUIRE(second.got.size() == 2);
    CHECK(second.got[0].starts_with("CONNACK present"));
    CHECK(second.got[1] == "PUBLISH q1 dup id=1 't' payload=1 \"x\"");
}

TEST_CASE("two connections that claim one client identifier in the same turn leave one") {
    mqtt_world w;
    peer a = w.stranger(version::v3_1_1);
    peer b = w.stranger(version::v3_1_1);
    a.sends(connect{.version = version::v3_1_1, .clean_start = false, .client_id = "s"});
    b.sends(connect{.version = version::v3_1_1, .clean_start = false, .client_id = "s"});
    CHECK(a.gets().empty());
    CHECK(a.is_closed());
    CHECK(b.got() == lines{"CONNACK present"});
}

TEST_CASE("a session that could not be stored is not present the next time") {
    mqtt_world w;
    w.world.store().break_down();
    CHECK(resume(w, "s").got == lines{"CONNACK reason='quota exceeded'"});
    CHECK(resume(w, "s").got == lines{"CONNACK reason='quota exceeded'"});
    w.world.store().repair();
    CHECK(resume(w, "s").got[0].find("present") == std::string::npos);
}
