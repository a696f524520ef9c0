#include "tests/unit/mqtt/mqtt_world.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using namespace causeway::mqtt::test;

namespace {

connect with(std::string_view id, const property_block& block) {
    return {.version = version::v5, .properties = block.view(), .client_id = id};
}

std::size_t count_of(const lines& got, std::string_view start) {
    return static_cast<std::size_t>(std::count_if(got.begin(), got.end(), [&](const auto& l) { return l.starts_with(start); }));
}

}  // namespace

TEST_CASE("no more than the client's Receive Maximum is under way [MQTT-3.3.4-9]") {
    mqtt_world w;
    property_block two;
    two.number(property::receive_maximum, 2);
    peer s = w.client(with("s", two));
    s.sends(subscription_to("t", qos::at_least_once)).gets();
    peer p = w.client("p");
    for (std::uint16_t id = 1; id <= 4; ++id) p.sends(message("t", "x", qos::at_least_once, id));
    CHECK(count_of(s.gets(), "PUBLISH") == 2);
    s.sends(puback{.packet_id = 1});
    CHECK(s.gets() == lines{"PUBLISH q1 id=3 't' payload=1 \"x\""});
    s.sends(puback{.packet_id = 3}).sends(puback{.packet_id = 2});
    CHECK(s.gets() == lines{"PUBLISH q1 id=4 't' payload=1 \"x\""});
}

TEST_CASE("a message over the client's Maximum Packet Size is left out and counted [MQTT-3.1.2-24, -25]") {
    mqtt_world w;
    property_block small;
    small.number(property::maximum_packet_size, 40);
    peer s = w.client(with("s", small));
    s.sends(subscription_to("t", qos::at_least_once)).gets();
    peer p = w.client("p");
    p.sends(message("t", std::string(100, 'x'), qos::at_least_once, 1)).sends(message("t", "fits", qos::at_least_once, 2));
    CHECK(s.gets() == lines{"PUBLISH q1 id=2 't' payload=4 \"fits\""});
    CHECK(w.dropped(core::drop_reason::too_large) == 1);
    CHECK(w.world.broker().find_session("s")->inbox().unacknowledged_count() == 1);
}

TEST_CASE("a refusing PUBACK or PUBREC gives the message up [3.4.2.1, 3.5.2.1]") {
    mqtt_world w;
    peer s = w.subscriber("s", "t");
    peer p = w.client("p");
    p.sends(message("t", "x", qos::at_least_once, 1)).sends(message("t", "y", qos::exactly_once, 2));
    CHECK(count_of(s.gets(), "PUBLISH") == 2);
    s.sends(puback{.packet_id = 1, .code = reason::unspecified_error});
    s.sends(pubrec{.packet_id = 2, .code = reason::payload_format_invalid});
    CHECK(s.gets().empty());
    CHECK(w.dropped(core::drop_reason::rejected) == 2);
    CHECK(w.world.broker().find_session("s")->inbox().unacknowledged_count() == 0);
}

TEST_CASE("acknowledgements of the wrong kind are protocol errors, unknown ones are not [4.3]") {
    mqtt_world w;
    peer s = w.subscriber("s", "t");
    peer p = w.client("p");
    p.sends(message("t", "y", qos::exactly_once, 2));
    s.gets();
    s.sends(puback{.packet_id = 700}).sends(pubcomp{.packet_id = 700}).sends(pubrec{.packet_id = 700});
    CHECK(s.gets() == lines{"PUBREL id=700 reason='packet identifier not found'"});
    s.sends(puback{.packet_id = 1});
    CHECK(s.gets() == lines{"DISCONNECT reason='protocol error'"});
}

TEST_CASE("a client that allows topic aliases gets each topic once [MQTT-3.1.2-26, MQTT-3.1.2-27]") {
    mqtt_world w;
    property_block one;
    one.number(property::topic_alias_maximum, 1);
    peer s = w.client(with("s", one));
    s.sends(subscription_to("#")).gets();
    peer p = w.client("p");
    p.sends(message("a/b", "1")).sends(message("other", "2")).sends(message("a/b", "3"));
    CHECK(s.gets() == lines{"PUBLISH q0 'a/b' payload=1 {topic_alias=1} \"1\"", "PUBLISH q0 'other' payload=1 \"2\"",
                            "PUBLISH q0 '' payload=1 {topic_alias=1} \"3\""});
}

TEST_CASE("a topic is not given an alias by a packet that is left out") {
    mqtt_world w;
    property_block block;
    block.number(property::topic_alias_maximum, 5).number(property::maximum_packet_size, 30);
    peer s = w.client(with("s", block));
    s.sends(subscription_to("#")).gets();
    peer p = w.client("p");
    p.sends(message("a/b", std::string(100, 'x'))).sends(message("a/b", "3"));
    CHECK(s.gets() == lines{"PUBLISH q0 'a/b' payload=1 {topic_alias=1} \"3\""});
}

TEST_CASE("a message's properties arrive as they were sent, its expiry as what is left [MQTT-3.3.2-6, MQTT-3.3.2-17]") {
    mqtt_world w;
    peer s = w.lasting_client("s");
    s.sends(subscription_to("t", qos::at_least_once)).gets();
    s.breaks();
    property_block block;
    block.pair("k", "1").number(property::message_expiry_s, 60).text(property::content_type, "text/x").pair("k", "2");
    publish m = message("t", "x", qos::at_least_once, 1);
    m.properties = block.view();
    w.client("p").sends(m).gets();
    w.world.pass_ms(20'500);
    peer again = w.stranger();
    property_block lasting;
    again.sends(mqtt_world::lasting("s", version::v5, lasting));
    const lines got = again.gets();
    REQUIRE(got.size() == 2);
    CHECK(got[1].starts_with("PUBLISH q1 id=1 't' payload=1 {"));
    CHECK(got[1].find("message_expiry_s=40") != std::string::npos);
    CHECK(got[1].find("user_property='k':'1', content_type='text/x', user_property='k':'2'") != std::string::npos);
}

TEST_CASE("an expired message is not delivered [MQTT-3.3.2-5]") {
    mqtt_world w;
    peer s = w.lasting_client("s");
    s.sends(subscription_to("t", qos::at_least_once)).gets();
    s.breaks();
    property_block block;
    block.number(property::message_expiry_s, 10);
    publish m = message("t", "x", qos::at_least_once, 1);
    m.properties = block.view();
    w.client("p").sends(m).gets();
    w.world.pass_ms(10'000);
    CHECK(w.lasting_client("s").gets().empty());
    CHECK(w.dropped(core::drop_reason::expired) == 1);
}

TEST_CASE("a client that does not take its messages keeps them in its inbox, and gets them when it does") {
    mqtt_world w(options{.output_bytes_max = 10'000});
    peer s = w.subscriber("s", "t");
    peer other = w.subscriber("o", "t");
    s.link().takes(false);
    peer p = w.client("p");
    for (int i = 0; i < 100; ++i) p.sends(message("t", std::string(1000, 'x')));
    for (int i = 0; i < 20; ++i) w.world.turn();
    CHECK(count_of(other.gets(), "PUBLISH") == 100);
    CHECK(s.got().empty());
    CHECK(s.link().output().size() < 12'000);
    CHECK(w.world.broker().find_session("s")->inbox().ready_count() > 80);
    s.link().takes(true);
    for (int i = 0; i < 20; ++i) w.world.turn();
    CHECK(count_of(s.gets(), "PUBLISH") == 100);
}

TEST_CASE("a client that asks and does not take the answers is not read any more") {
    mqtt_world w(options{.output_bytes_max = 1'000});
    peer p = w.client("p");
    p.link().takes(false);
    for (int i = 0; i < 2'000; ++i) p.sends(pingreq{});
    w.world.settle();
    CHECK_FALSE(p.link().reading());
    CHECK(p.link().output().size() <= 1'002);
    p.link().takes(true);
    for (int i = 0; i < 10; ++i) w.world.turn();
    CHECK(count_of(p.gets(), "PINGRESP") == 2'000);
}

TEST_CASE("each of many receivers of one message gets it as it asked for it, under its own packet id [MQTT-2.2.1-4, MQTT-3.3.1-9]") {
    struct wanted {
        const char* id;
        version v;
        qos q;
        int before;  // messages that only this one has got
        std::string gets;
    };
    const std::string block = " {user_property='k':'1'}";
    const std::string payload(30, 'x');
    const std::string text = '"' + payload + '"';
    const wanted all[] = {
        {"a", version::v3_1_1, qos::at_least_once, 0, "PUBLISH q1 id=1 't' payload=30 " + text},
        {"b", version::v3_1_1, qos::at_least_once, 2, "PUBLISH q1 id=3 't' payload=30 " + text},
        {"c", version::v3_1_1, qos::at_least_once, 4, "PUBLISH q1 id=5 't' payload=30 " + text},
        {"d", version::v3_1_1, qos::at_most_once, 0, "PUBLISH q0 't' payload=30 " + text},
        {"e", version::v3_1_1, qos::at_most_once, 0, "PUBLISH q0 't' payload=30 " + text},
        {"f", version::v3_1_1, qos::at_most_once, 0, "PUBLISH q0 't' payload=30 " + text},
        {"g", version::v5, qos::at_least_once, 0, "PUBLISH q1 id=1 't' payload=30" + block + " " + text},
        {"h", version::v5, qos::at_least_once, 1, "PUBLISH q1 id=2 't' payload=30" + block + " " + text},
        {"i", version::v5, qos::at_least_once, 3, "PUBLISH q1 id=4 't' payload=30" + block + " " + text},
        {"j", version::v3_1, qos::at_least_once, 0, "PUBLISH q1 id=1 't' payload=30 " + text},
    };
    mqtt_world w;
    peer p = w.client("p");
    std::vector<peer> receivers;
    std::uint16_t id = 0;
    for (const wanted& each : all) {
        receivers.push_back(w.subscriber(each.id, "t", each.q, each.v));
        receivers.back().sends(subscription_to(each.id, each.q, 2)).gets();
        for (int i = 0; i < each.before; ++i) p.sends(message(each.id, "own", qos::at_least_once, ++id)).gets();
        receivers.back().gets();
    }
    property_block small;
    small.number(property::maximum_packet_size, 40);
    peer narrow = w.client(with("narrow", small));
    narrow.sends(subscription_to("t", qos::at_least_once)).gets();

    property_block pair;
    pair.pair("k", "1");
    publish m = message("t", payload, qos::at_least_once, ++id);
    m.properties = pair.view();
    p.sends(m).gets();
    for (std::size_t i = 0; i < receivers.size(); ++i) CHECK(receivers[i].got() == lines{all[i].gets});
    CHECK(narrow.got().empty());
    p.sends(message("t", "next", qos::at_most_once)).gets();
    for (peer& each : receivers) CHECK(each.got() == lines{"PUBLISH q0 't' payload=4 \"next\""});
    CHECK(narrow.got() == lines{"PUBLISH q0 't' payload=4 \"next\""});
}

TEST_CASE("large payloads arrive whole, to many, in every version") {
    mqtt_world w;
    const std::string payload(100'000, 'z');
    peer three = w.subscriber("three", "t", qos::at_least_once, version::v3_1_1);
    peer five = w.subscriber("five", "t", qos::at_least_once);
    w.client("p").sends(message("t", payload, qos::at_least_once, 1)).gets();
    CHECK(three.got() == lines{"PUBLISH q1 id=1 't' payload=100000 \"" + payload + "\""});
    CHECK(five.got() == lines{"PUBLISH q1 id=1 't' payload=100000 \"" + payload + "\""});
}

TEST_CASE("a message whose delivery has begun is sent again even if it has expired meanwhile [MQTT-4.4.0-1]") {
    mqtt_world w;
    peer s = w.lasting_client("s");
    s.sends(subscription_to("t")).gets();
    property_block block;
    block.number(property::message_expiry_s, 5);
    publish m = message("t", "x", qos::exactly_once, 1);
    m.properties = block.view();
    w.client("p").sends(m).gets();
    CHECK(s.gets().size() == 1);
    s.breaks();
    w.world.pass_ms(6'000);
    w.lasting_client("s").gets();
    CHECK(w.world.broker().find_session("s")->inbox().unacknowledged_count() == 1);
}
