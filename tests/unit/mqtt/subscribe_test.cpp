#include "tests/unit/mqtt/mqtt_world.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using namespace causeway::mqtt::test;

namespace {

publish retained(std::string_view topic, std::string_view payload) {
    publish m = message(topic, payload);
    m.retain = true;
    return m;
}

subscribe with(subscription s, std::uint16_t packet_id = 1) { return {.packet_id = packet_id, .subscriptions = {s}}; }

}  // namespace

TEST_CASE("SUBACK answers each filter in order [MQTT-3.8.4-6, MQTT-3.9.3-1]") {
    mqtt_world w;
    for (const version v : {version::v3_1_1, version::v5}) {
        peer p = w.client("p", v);
        subscribe s{.packet_id = 9};
        s.subscriptions = {{.filter = "a", .qos = qos::exactly_once},
                           {.filter = "forbidden", .qos = qos::at_most_once},
                           {.filter = "b/#", .qos = qos::at_most_once},
                           {.filter = "$share/g/t", .qos = qos::at_least_once},
                           {.filter = "$share//t", .qos = qos::at_least_once}};
        p.sends(s);
        const bool five = v == version::v5;
        const std::string refused = five ? "'not authorized'" : "'unspecified error'";
        const std::string malformed = five ? "'topic filter invalid'" : "'unspecified error'";
        CHECK(p.gets() == lines{"SUBACK id=9 'granted QoS 2' " + refused + " 'success' 'granted QoS 1' " + malformed});
    }
}

TEST_CASE("the QoS of a message is the lower of published and granted [MQTT-3.8.4-8]") {
    mqtt_world w;
    peer s = w.subscriber("s", "t", qos::at_least_once);
    peer p = w.client("p");
    p.sends(message("t", "2", qos::exactly_once, 1)).sends(message("t", "0"));
    CHECK(s.gets() == lines{"PUBLISH q1 id=1 't' payload=1 \"2\"", "PUBLISH q0 't' payload=1 \"0\""});
}

TEST_CASE("overlapping subscriptions give one copy with all identifiers [MQTT-3.3.4-4]") {
    mqtt_world w;
    peer s = w.client("s");
    std::uint16_t id = 0;
    for (const auto& [filter, q] : {std::pair("a/#", qos::at_most_once), {"+/b", qos::at_least_once}}) {
        property_block block;
        block.number(property::subscription_id, ++id + 40U);
        subscribe sub = subscription_to(filter, q, id);
        sub.properties = block.view();
        s.sends(sub);
    }
    s.gets();
    peer p = w.client("p");
    p.sends(message("a/b", "x", qos::exactly_once, 1));
    const lines got = s.gets();
    REQUIRE(got.size() == 1);
    CHECK(got[0].starts_with("PUBLISH q1 id=1 'a/b' payload=1 {subscription_id="));
    CHECK(got[0].find("subscription_id=41") != std::string::npos);
    CHECK(got[0].find("subscription_id=42") != std::string::npos);
}

TEST_CASE("No Local keeps a client's own messages from it [MQTT-3.8.3-3]") {
    mqtt_world w;
    peer p = w.client("p");
    p.sends(with({.filter = "t", .qos = qos::at_least_once, .no_local = true}));
    p.gets();
    p.sends(message("t", "mine"));
    CHECK(p.gets().empty());
    peer other = w.client("o");
    other.sends(message("t", "theirs"));
    CHECK(p.gets() == lines{"PUBLISH q0 't' payload=6 \"theirs\""});
}

TEST_CASE("No Local keeps from a client what it retained in an earlier session [MQTT-3.8.3-3]") {
    mqtt_world w;
    w.client("p").sends(retained("t", "mine")).gets();
    peer p = w.client("p");
    p.sends(with({.filter = "t", .qos = qos::at_least_once, .no_local = true}));
    CHECK(p.gets() == lines{"SUBACK id=1 'granted QoS 1'"});
    peer other = w.client("o");
    other.sends(with({.filter = "t", .no_local = true}));
    CHECK(other.gets() == lines{"SUBACK id=1 'success'", "PUBLISH q0 retain 't' payload=4 \"mine\""});
}

TEST_CASE("the subscriptions of a bridge bring the retain flag along, and nothing of its own") {
    mqtt_world w;
    for (const version v : {version::v3_1, version::v3_1_1}) {
        peer bridge = w.stranger(v);
        bridge.sends(connect{.version = v, .bridge = true, .client_id = "b"});
        bridge.sends(subscription_to("#", qos::at_most_once)).gets();
        bridge.sends(retained("t", "mine"));
        CHECK(bridge.gets().empty());
        w.client("o").sends(retained("t", "theirs"));
        CHECK(bridge.gets() == lines{"PUBLISH q0 retain 't' payload=6 \"theirs\""});
    }
}

TEST_CASE("a session of a bridge that goes on as a plain client's gets its own messages, without their retain flag") {
    for (const bool over_a_restart : {false, true}) {
        mqtt_world w;
        peer bridge = w.stranger(version::v3_1_1);
        bridge.sends(connect{.version = version::v3_1_1, .bridge = true, .clean_start = false, .client_id = "b"});
        bridge.sends(subscription_to("#", qos::at_most_once)).gets();
        bridge.sends(retained("t", "own"));
        CHECK(bridge.gets().empty());
        bridge.breaks();
        if (over_a_restart) w.world.restart();
        peer plain = w.stranger(version::v3_1_1);
        plain.sends(connect{.version = version::v3_1_1, .clean_start = false, .client_id = "b"}).gets();
        plain.sends(retained("t", "mine"));
        CHECK(plain.gets() == lines{"PUBLISH q0 't' payload=4 \"mine\""});
        plain.breaks();
        peer again = w.stranger(version::v3_1_1);
        again.sends(connect{.version = version::v3_1_1, .bridge = true, .clean_start = false, .client_id = "b"}).gets();
        again.sends(retained("t", "mine"));
        CHECK(again.gets().empty());
        w.client("o").sends(retained("t", "theirs"));
        CHECK(again.gets() == lines{"PUBLISH q0 retain 't' payload=6 \"theirs\""});
    }
}

TEST_CASE("No Local on a shared subscription is a protocol error [MQTT-3.8.3-4]") {
    mqtt_world w;
    peer p = w.client("p");
    p.sends(with({.filter = "$share/g/t", .no_local = true}));
    CHECK(p.gets() == lines{"DISCONNECT reason='protocol error'"});
}

TEST_CASE("a new subscription gets what was retained, flagged, after its SUBACK [MQTT-3.3.1-6, MQTT-3.3.1-8]") {
    mqtt_world w;
    peer p = w.client("p");
    p.sends(retained("a/b", "old")).gets();
    for (const version v : {version::v3_1_1, version::v5}) {
        peer s = w.client("s", v);
        s.sends(subscription_to("a/+"));
        CHECK(s.gets() == lines{"SUBACK id=1 'granted QoS 2'", "PUBLISH q0 retain 'a/b' payload=3 \"old\""});
    }
}

TEST_CASE("retained messages wait for the SUBACK of a durable subscription") {
    mqtt_world w;
    peer p = w.client("p");
    p.sends(retained("a/b", "old")).gets();
    peer s = w.lasting_client("s");
    w.world.store().hold();
    s.sends(subscription_to("a/+"));
    CHECK(s.gets().empty());
    w.world.store().release();
    CHECK(s.gets() == lines{"SUBACK id=1 'granted QoS 2'", "PUBLISH q0 retain 'a/b' payload=3 \"old\""});
}

TEST_CASE("what is published while the SUBACK of a durable subscription waits, waits as well") {
    mqtt_world w;
    peer p = w.client("p");
    peer s = w.lasting_client("s");
    w.world.store().hold();
    s.sends(subscription_to("a/+"));
    CHECK(s.gets().empty());
    p.sends(message("a/b", "live")).gets();
    CHECK(s.got().empty());
    w.world.store().release();
    CHECK(s.gets() == lines{"SUBACK id=1 'granted QoS 2'", "PUBLISH q0 'a/b' payload=4 \"live\""});
}

TEST_CASE("a durable subscription that cannot be stored is refused [3.9.3]") {
    mqtt_world w;
    peer s = w.lasting_client("s");
    w.world.store().hold();
    s.sends(subscription_to("t"));
    w.world.turn();
    w.world.store().break_down();
    w.world.store().release();
    CHECK(s.gets() == lines{"SUBACK id=1 'quota exceeded'"});
}

TEST_CASE("Retain Handling decides what a repeated subscription is sent [MQTT-3.3.1-9, -10, -11]") {
    mqtt_world w;
    peer p = w.client("p");
    p.sends(retained("t", "old")).gets();
    peer s = w.client("s");
    const auto replayed = [&s](retain_handling h) {
        s.sends(with({.filter = "t", .retain_handling = h}));
        return s.gets().size() == 2;
    };
    CHECK_FALSE(replayed(retain_handling::never));
    CHECK_FALSE(replayed(retain_handling::send_if_new));
    CHECK(replayed(retain_handling::send));
    s.sends(unsubscribe{.packet_id = 2, .filters = {"t"}}).gets();
    CHECK(replayed(retain_handling::send_if_new));
}

TEST_CASE("the retain flag reaches a live subscriber only with Retain As Published [MQTT-3.3.1-12, -13]") {
    mqtt_world w;
    peer plain = w.subscriber("a", "t");
    peer as_published = w.client("b");
    as_published.sends(with({.filter = "t", .retain_as_published = true}));
    as_published.gets();
    peer p = w.client("p");
    p.sends(retained("t", "x"));
    CHECK(plain.gets() == lines{"PUBLISH q0 't' payload=1 \"x\""});
    CHECK(as_published.got() == lines{"PUBLISH q0 retain 't' payload=1 \"x\""});
}

TEST_CASE("an empty retained message clears its topic [MQTT-3.3.1-6]") {
    mqtt_world w;
    peer p = w.client("p");
    p.sends(retained("t", "x")).sends(retained("t", "")).gets();
    peer s = w.client("s");
    s.sends(subscription_to("t"));
    CHECK(s.gets() == lines{"SUBACK id=1 'granted QoS 2'"});
}

TEST_CASE("UNSUBACK tells what was there, and nothing comes after it [MQTT-3.10.4-1, MQTT-3.11.3-1]") {
    mqtt_world w;
    peer s = w.subscriber("s", "t");
    s.sends(unsubscribe{.packet_id = 5, .filters = {"t", "never"}});
    CHECK(s.gets() == lines{"UNSUBACK id=5 'success' 'no subscription existed'"});
    peer p = w.client("p");
    p.sends(message("t", "x"));
    CHECK(s.gets().empty());
}

TEST_CASE("a leading wildcard does not match topics that begin with $ [MQTT-4.7.2-1]") {
    mqtt_world w;
    peer s = w.subscriber("s", "#");
    peer p = w.client("p");
    p.sends(message("$secret/t", "x")).sends(message("open/t", "y"));
    CHECK(s.gets() == lines{"PUBLISH q0 'open/t' payload=1 \"y\""});
}

TEST_CASE("on one connection SUBACK and PUBACK precede the messages that they cause") {
    mqtt_world w;
    peer p = w.client("p");
    p.sends(subscription_to("t", qos::at_least_once)).sends(message("t", "x", qos::at_least_once, 4));
    CHECK(p.gets() == lines{"SUBACK id=1 'granted QoS 1'", "PUBACK id=4", "PUBLISH q1 id=1 't' payload=1 \"x\""});
}

TEST_CASE("a filter or a retained topic with thousands of levels is refused, not walked down [3.9.3, 3.4.2.1]") {
    mqtt_world w;
    const std::string deep(60'000, '/');
    peer p = w.client("p");
    p.sends(subscription_to(deep)).sends(unsubscribe{.packet_id = 2, .filters = {deep}});
    CHECK(p.gets() == lines{"SUBACK id=1 'topic filter invalid'", "UNSUBACK id=2 'topic filter invalid'"});
    publish m = message(deep, "x", qos::at_least_once, 3);
    m.retain = true;
    p.sends(m);
    CHECK(p.gets() == lines{"PUBACK id=3 reason='topic name invalid'"});
}
