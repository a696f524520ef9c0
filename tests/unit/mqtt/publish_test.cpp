#include "tests/unit/mqtt/mqtt_world.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using namespace causeway::mqtt::test;

TEST_CASE("QoS 0 arrives and is not acknowledged [MQTT-4.3.1-1]") {
    mqtt_world w;
    peer s = w.subscriber("s", "a/+");
    peer p = w.client("p");
    p.sends(message("a/b", "hello"));
    CHECK(s.gets() == lines{"PUBLISH q0 'a/b' payload=5 \"hello\""});
    CHECK(p.got().empty());
}

TEST_CASE("QoS 1 is acknowledged with PUBACK [MQTT-4.3.2-4]") {
    mqtt_world w;
    peer s = w.subscriber("s", "#", qos::at_least_once, version::v3_1_1);
    peer p = w.client("p", version::v3_1_1);
    p.sends(message("t", "x", qos::at_least_once, 7));
    CHECK(p.gets() == lines{"PUBACK id=7"});
    CHECK(s.got() == lines{"PUBLISH q1 id=1 't' payload=1 \"x\""});
}

TEST_CASE("QoS 1 and 2 without any subscriber say so in MQTT 5 [3.4.2.1, 3.5.2.1]") {
    mqtt_world w;
    peer p = w.client("p");
    p.sends(message("t", "x", qos::at_least_once, 1)).sends(message("t", "x", qos::exactly_once, 2));
    CHECK(p.gets() == lines{"PUBACK id=1 reason='no matching subscribers'", "PUBREC id=2 reason='no matching subscribers'"});
}

TEST_CASE("an acknowledgement waits until the dead letter of a message that dies on arrival is stored") {
    mqtt_world w;
    core::broker& b = w.world.broker();
    const auto declare = [&](const char* name, bool durable, core::field_table arguments) -> core::queue& {
        return *b.declare_queue({.name = name, .durable = durable, .arguments = std::move(arguments)}, {}).value().it;
    };
    declare("dead", true, {});
    core::queue& q = declare("q", false, {{"x-message-ttl", std::int32_t{0}},
                                          {"x-dead-letter-exchange", std::string()},
                                          {"x-dead-letter-routing-key", std::string("dead")}});
    REQUIRE(b.bind({.source = &b.mqtt_exchange(), .to_queue = &q, .from = b.origins().mqtt, .key = "t", .arguments = {}, .options = {}}));
    peer p = w.client("p");
    w.world.store().hold();
    p.sends(message("t", "x", qos::at_least_once, 1)).sends(message("t", "y", qos::exactly_once, 2));
    CHECK(p.gets().empty());
    w.world.store().release();
    CHECK(p.gets() == lines{"PUBACK id=1", "PUBREC id=2"});
    CHECK(b.find_queue("dead")->ready_count() == 2);
}

TEST_CASE("an acknowledgement waits until everything durable is stored") {
    mqtt_world w;
    peer s = w.lasting_client("s");
    s.sends(subscription_to("t")).gets();
    peer p = w.client("p");
    w.world.store().hold();
    p.sends(message("t", "x", qos::at_least_once, 1)).sends(message("t", "y", qos::exactly_once, 2));
    CHECK(p.gets().empty());
    w.world.store().release();
    CHECK(p.gets() == lines{"PUBACK id=1", "PUBREC id=2"});
}

TEST_CASE("acknowledgements keep the order of their messages [MQTT-4.6.0-2]") {
    mqtt_world w;
    peer s = w.lasting_client("s");
    s.sends(subscription_to("durable")).gets();
    peer p = w.client("p");
    w.world.store().hold();
    p.sends(message("durable", "x", qos::at_least_once, 1)).sends(message("nobody", "y", qos::at_least_once, 2));
    CHECK(p.gets().empty());
    w.world.store().release();
    CHECK(p.gets() == lines{"PUBACK id=1", "PUBACK id=2 reason='no matching subscribers'"});
}

TEST_CASE("a failed commit is told with 0x97 in MQTT 5 and closes in 3.1.1 [3.4.2.1]") {
    mqtt_world w;
    peer s = w.lasting_client("s");
    s.sends(subscription_to("t")).gets();
    peer five = w.client("five");
    peer three = w.client("three", version::v3_1_1);
    w.world.store().hold();
    five.sends(message("t", "x", qos::at_least_once, 1));
    three.sends(message("t", "y", qos::at_least_once, 1));
    w.world.turn();
    w.world.store().break_down();
    w.world.store().release();
    CHECK(five.gets() == lines{"PUBACK id=1 reason='quota exceeded'"});
    CHECK(three.gets().empty());
    CHECK(three.is_closed());

    SECTION("and service resumes by itself") {
        five.sends(message("t", "z", qos::at_least_once, 2));
        CHECK(five.gets() == lines{"PUBACK id=2 reason='quota exceeded'"});
        w.world.store().repair();
        five.sends(message("t", "z", qos::at_least_once, 3));
        CHECK(five.gets() == lines{"PUBACK id=3"});
    }
}

TEST_CASE("a topic that is not the client's is refused with 0x87, and closes in 3.1.1 [MQTT-3.3.5-2]") {
    mqtt_world w;
    peer five = w.client("five");
    five.sends(message("forbidden/t", "x", qos::at_least_once, 1)).sends(message("forbidden/t", "x", qos::exactly_once, 2));
    five.sends(message("forbidden/t", "x"));
    CHECK(five.gets() == lines{"PUBACK id=1 reason='not authorized'", "PUBREC id=2 reason='not authorized'"});
    peer three = w.client("three", version::v3_1_1);
    three.sends(message("forbidden/t", "x", qos::at_least_once, 1));
    CHECK(three.gets().empty());
    CHECK(three.is_closed());
}

TEST_CASE("a topic alias stands for its topic [MQTT-3.3.2-12]") {
    mqtt_world w;
    peer s = w.subscriber("s", "#");
    peer p = w.client("p");
    property_block alias;
    alias.number(property::topic_alias, 3);
    publish first = message("long/topic", "1");
    first.properties = alias.view();
    publish second = message("", "2");
    second.properties = alias.view();
    p.sends(first).sends(second);
    CHECK(s.gets() == lines{"PUBLISH q0 'long/topic' payload=1 \"1\"", "PUBLISH q0 'long/topic' payload=1 \"2\""});
}

TEST_CASE("an alias beyond the maximum is 0x94, one without a meaning a protocol error [MQTT-3.3.2-9]") {
    mqtt_world w;
    const auto answer = [&w](std::string_view topic, std::uint32_t number) {
        property_block alias;
        alias.number(property::topic_alias, number);
        publish m = message(topic, "x");
        m.properties = alias.view();
        peer p = w.client("p");
        p.sends(m);
        return p.gets();
    };
    CHECK(answer("t", 101) == lines{"DISCONNECT reason='topic alias invalid'"});
    CHECK(answer("", 5) == lines{"DISCONNECT reason='protocol error'"});
}

TEST_CASE("more than the Receive Maximum is 0x93 [MQTT-3.3.4-7, MQTT-3.3.4-9]") {
    mqtt_world w(options{.receive_max = 2});
    peer s = w.subscriber("s", "t");
    peer p = w.client("p");
    p.sends(message("t", "x", qos::exactly_once, 1)).sends(message("t", "x", qos::exactly_once, 2));
    CHECK(p.gets() == lines{"PUBREC id=1", "PUBREC id=2"});

    SECTION("until one is complete") {
        p.sends(pubrel{.packet_id = 1}).sends(message("t", "x", qos::exactly_once, 3));
        CHECK(p.gets() == lines{"PUBCOMP id=1", "PUBREC id=3"});
    }
    SECTION("and is not waited for") {
        p.sends(message("t", "x", qos::at_least_once, 3));
        CHECK(p.gets() == lines{"DISCONNECT reason='receive maximum exceeded'"});
    }
}

TEST_CASE("a subscription identifier from a client is a protocol error [MQTT-3.3.4-6]") {
    mqtt_world w;
    property_block block;
    block.number(property::subscription_id, 1);
    publish m = message("t", "x");
    m.properties = block.view();
    peer p = w.client("p");
    p.sends(m);
    CHECK(p.gets() == lines{"DISCONNECT reason='protocol error'"});
}

TEST_CASE("retained messages can be switched off [MQTT-3.2.2-14]") {
    mqtt_world w(options{.retain_available = false});
    peer p = w.stranger();
    p.sends(connect{.version = version::v5, .client_id = "p"});
    CHECK(p.gets()[0].find("retain_available=0") != std::string::npos);
    publish m = message("t", "x");
    m.retain = true;
    p.sends(m);
    CHECK(p.gets() == lines{"DISCONNECT reason='retain not supported'"});
}

TEST_CASE("publishers wait at their next PUBLISH while memory is short, acknowledgements do not") {
    core::broker_options small;
    small.memory_bytes_max = 20'000;
    mqtt_world w({}, small);
    peer s = w.lasting_client("s");
    s.sends(subscription_to("t", qos::at_least_once)).gets();
    s.breaks();
    peer p = w.client("p");
    for (std::uint16_t id = 1; id <= 10; ++id) p.sends(message("t", std::string(3000, 'x'), qos::at_least_once, id));
    p.gets();
    p.sends(pingreq{}).sends(message("t", "late", qos::at_least_once, 11));
    CHECK(p.gets() == lines{"PINGRESP"});
    CHECK_FALSE(p.link().reading());

    peer again = w.lasting_client("s");
    for (std::uint16_t id = 1; id <= 10; ++id) again.sends(puback{.packet_id = id});
    CHECK(again.gets() == lines{"PUBLISH q1 id=11 't' payload=4 \"late\""});
    CHECK(p.got() == lines{"PUBACK id=11"});
    CHECK(p.link().reading());
}

TEST_CASE("a client that is held back is not taken for dead [MQTT-3.1.2-22]") {
    core::broker_options small;
    small.memory_bytes_max = 1'000;
    mqtt_world w({}, small);
    w.lasting_client("s").sends(subscription_to("t", qos::at_least_once)).gets();
    peer p = w.client(connect{.version = version::v5, .keep_alive_s = 10, .client_id = "p"});
    p.sends(message("t", std::string(3000, 'x'), qos::at_least_once, 1)).gets();
    p.sends(message("t", "y")).gets();
    CHECK_FALSE(p.link().reading());
    w.world.pass_ms(100'000);
    CHECK_FALSE(p.is_closed());
}

TEST_CASE("what a PUBLISH must not hold ends the connection, with its reason in MQTT 5 [3.3.1, 3.3.2, 4.13.1]") {
    struct wrong {
        const char* what;
        std::string bytes;
        const char* reason;
    };
    using namespace std::string_literals;
    const auto [what, bytes, why] = GENERATE(values<wrong>({
        {"DUP with QoS 0 [MQTT-3.3.1-2]", "\x38\x05\x00\x01t\x00x"s, "malformed packet"},
        {"both QoS bits [MQTT-3.3.1-4]", "\x36\x07\x00\x01t\x00\x01\x00x"s, "malformed packet"},
        {"packet id 0 [MQTT-2.2.1-3]", "\x32\x07\x00\x01t\x00\x00\x00x"s, "protocol error"},
        {"U+0000 in the topic [MQTT-1.5.4-2]", "\x30\x05\x00\x01\x00\x00x"s, "malformed packet"},
        {"a topic that is not UTF-8 [MQTT-1.5.4-1]", "\x30\x05\x00\x01\xC0\x00x"s, "malformed packet"},
        {"a wildcard in the topic [MQTT-3.3.2-2]", "\x30\x05\x00\x01#\x00x"s, "topic name invalid"},
        {"neither topic nor alias (3.3.2.1)", "\x30\x04\x00\x00\x00x"s, "protocol error"},
        {"topic alias 0 [MQTT-3.3.2-8]", "\x30\x08\x00\x01t\x03\x23\x00\x00x"s, "topic alias invalid"},
        {"a wildcard in the response topic [MQTT-3.3.2-14]", "\x30\x09\x00\x01t\x04\x08\x00\x01+x"s, "protocol error"},
        {"a property of another packet (2.2.2.2)", "\x30\x0A\x00\x01t\x05\x11\x00\x00\x00\x01x"s, "malformed packet"},
        {"a content type that is not UTF-8 [MQTT-3.3.2-19]", "\x30\x09\x00\x01t\x04\x03\x00\x01\xC0x"s, "malformed packet"},
        {"a payload format of 2 (3.3.2.3.2)", "\x30\x07\x00\x01t\x02\x01\x02x"s, "protocol error"},
    }));
    CAPTURE(what);
    mqtt_world w;
    peer s = w.subscriber("s", "#");
    peer p = w.client("p");
    p.sends_bytes(bytes);
    CHECK(p.gets() == lines{"DISCONNECT reason='" + std::string(why) + "'"});
    CHECK(p.is_closed());
    CHECK(s.gets().empty());
}

TEST_CASE("an alias means what was said last, and nothing on the next connection [3.3.2.3.4, MQTT-3.3.2-7]") {
    mqtt_world w;
    peer s = w.subscriber("s", "#");
    property_block alias;
    alias.number(property::topic_alias, 1);
    const auto aliased = [&alias](std::string_view topic) {
        publish m = message(topic, "x");
        m.properties = alias.view();
        return m;
    };
    peer p = w.client("p");
    p.sends(aliased("one")).sends(aliased("two")).sends(aliased(""));
    CHECK(s.gets() == lines{"PUBLISH q0 'one' payload=1 \"x\"", "PUBLISH q0 'two' payload=1 \"x\"", "PUBLISH q0 'two' payload=1 \"x\""});
    p.breaks();
    peer again = w.client("p");
    again.sends(aliased(""));
    CHECK(again.gets() == lines{"DISCONNECT reason='protocol error'"});
}

TEST_CASE("a server without aliases takes none [MQTT-3.3.2-9]") {
    mqtt_world w(options{.topic_alias_max = 0});
    property_block alias;
    alias.number(property::topic_alias, 1);
    publish m = message("t", "x");
    m.properties = alias.view();
    peer p = w.client("p");
    p.sends(m);
    CHECK(p.gets() == lines{"DISCONNECT reason='topic alias invalid'"});
}

TEST_CASE("DUP is about one hop and is not passed on [MQTT-3.3.1-3]") {
    mqtt_world w;
    peer s = w.subscriber("s", "t", qos::at_least_once);
    peer p = w.client("p");
    publish m = message("t", "x", qos::at_least_once, 1);
    m.dup = true;
    p.sends(m);
    CHECK(s.gets() == lines{"PUBLISH q1 id=1 't' payload=1 \"x\""});
}

TEST_CASE("a message that expires at once reaches nobody, live or later [3.3.2.3.3, MQTT-3.3.2-5]") {
    mqtt_world w;
    peer s = w.subscriber("s", "t");
    property_block expiry;
    expiry.number(property::message_expiry_s, 0);
    publish m = message("t", "x", qos::at_least_once, 1);
    m.retain = true;
    m.properties = expiry.view();
    peer p = w.client("p");
    p.sends(m);
    CHECK(p.gets() == lines{"PUBACK id=1"});
    CHECK(s.gets().empty());
    CHECK(w.dropped(core::drop_reason::expired) == 1);
    peer late = w.client("late");
    late.sends(subscription_to("t"));
    CHECK(late.gets() == lines{"SUBACK id=1 'granted QoS 2'"});
}

TEST_CASE("Receive Maximum counts QoS 1 and 2 until their last acknowledgement, and QoS 0 never [4.9]") {
    mqtt_world w(options{.receive_max = 1});
    peer s = w.lasting_client("s");
    s.sends(subscription_to("t")).gets();
    peer p = w.client("p");
    for (int i = 0; i < 5; ++i) p.sends(message("t", "x"));
    p.sends(message("t", "x", qos::at_least_once, 1));
    CHECK(p.gets() == lines{"PUBACK id=1"});
    w.world.store().hold();
    p.sends(message("t", "x", qos::at_least_once, 2)).sends(message("t", "x"));
    CHECK(p.gets().empty());
    CHECK_FALSE(p.is_closed());
    p.sends(message("t", "x", qos::at_least_once, 3));
    CHECK(p.gets() == lines{"DISCONNECT reason='receive maximum exceeded'"});
}

TEST_CASE("a PUBREC that refuses ends the exchange and gives its place back [4.9, MQTT-4.3.3-10]") {
    mqtt_world w(options{.receive_max = 1});
    peer p = w.client("p");
    p.sends(message("forbidden/t", "x", qos::exactly_once, 1));
    CHECK(p.gets() == lines{"PUBREC id=1 reason='not authorized'"});
    p.sends(message("t", "x", qos::exactly_once, 1));
    CHECK(p.gets() == lines{"PUBREC id=1 reason='no matching subscribers'"});
}
