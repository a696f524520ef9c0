// What an operator may limit (docs/limits.md), one test for each limit that has none beside its subject.

#include "tests/unit/mqtt/mqtt_world.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using namespace causeway::mqtt::test;

namespace {

std::string levels(std::size_t count) {
    std::string topic = "a";
    while (--count > 0) topic += "/a";
    return topic;
}

const lines refused_publish = {"PUBACK id=1 reason='topic name invalid'", "PUBREC id=2 reason='topic name invalid'"};

}  // namespace

TEST_CASE("a topic with more levels than the operator allows is refused with 0x90, and closes in 3.1.1 [3.4.2.1]") {
    mqtt_world w(options{.topic_levels_max = 3});
    peer s = w.subscriber("s", "#", qos::at_most_once);
    peer five = w.client("five");
    five.sends(message(levels(4), "x", qos::at_least_once, 1)).sends(message(levels(4), "x", qos::exactly_once, 2));
    CHECK(five.gets() == refused_publish);
    CHECK(s.gets().empty());
    five.sends(message("a//", "x", qos::at_least_once, 3));
    CHECK(five.gets() == lines{"PUBACK id=3"});
    CHECK(s.gets() == lines{"PUBLISH q0 'a//' payload=1 \"x\""});

    peer three = w.client("three", version::v3_1_1);
    three.sends(message("a///", "x"));
    CHECK(three.gets().empty());
    CHECK_FALSE(three.is_closed());
    three.sends(message("a///", "x", qos::at_least_once, 1)).gets();
    CHECK(three.is_closed());
    CHECK(w.world.broker().counted().refused == 4);
}

TEST_CASE("the default takes as many levels as the broker can, and topics of any length") {
    mqtt_world w;
    peer s = w.subscriber("s", "#", qos::at_most_once);
    peer p = w.client("p");
    p.sends(message(levels(257), "x", qos::at_least_once, 1)).sends(message(levels(256), "x", qos::at_least_once, 2));
    p.sends(message(std::string(65'535, 't'), "x", qos::at_least_once, 3));
    CHECK(p.gets() == lines{"PUBACK id=1 reason='topic name invalid'", "PUBACK id=2", "PUBACK id=3"});
    CHECK(s.gets().size() == 2);
}

TEST_CASE("a longer topic than the operator allows is refused with 0x90, through an alias too [3.4.2.1]") {
    mqtt_world w(options{.topic_bytes_max = 5});
    peer p = w.client("p");
    p.sends(message("abcdef", "x", qos::at_least_once, 1)).sends(message("abcdef", "x", qos::exactly_once, 2));
    CHECK(p.gets() == refused_publish);
    p.sends(message("abcde", "x", qos::at_least_once, 1));
    CHECK(p.gets() == lines{"PUBACK id=1 reason='no matching subscribers'"});

    property_block alias;
    alias.number(property::topic_alias, 1);
    publish first = message("abcdef", "x", qos::at_least_once, 1);
    publish second = message("", "x", qos::exactly_once, 2);
    first.properties = second.properties = alias.view();
    p.sends(first).sends(second);
    CHECK(p.gets() == refused_publish);
}

TEST_CASE("a will's topic has the same limits: CONNACK 0x90, in 3.1.1 closed without one [3.2.2.2, 3.1.1 MQTT-3.2.2-6]") {
    mqtt_world w(options{.topic_levels_max = 3, .topic_bytes_max = 20});
    for (const version v : {version::v3_1_1, version::v5})
        for (const std::string& topic : {levels(4), std::string(21, 't')}) {
            connect c{.version = v, .client_id = "mortal"};
            c.will = mqtt::will{.topic = topic, .payload = "x"};
            peer p = w.stranger(v);
            p.sends(c);
            CHECK(p.gets() == (v == version::v5 ? lines{"CONNACK reason='topic name invalid'"} : lines{}));
            CHECK(p.is_closed());
        }
}

TEST_CASE("a filter beyond the operator's limits is refused with 0x8F, 0x80 in 3.1.1, and cannot be unsubscribed [3.9.3, 3.11.3]") {
    mqtt_world w(options{.topic_levels_max = 3, .topic_bytes_max = 20});
    const std::string deep = levels(4), long_one(21, 't');
    const subscribe s{.packet_id = 1, .subscriptions = {{.filter = deep}, {.filter = long_one}, {.filter = "a/+/#"}}};
    const unsubscribe u{.packet_id = 2, .filters = {deep, long_one, "a/+/#"}};
    peer five = w.client("five");
    five.sends(s).sends(u);
    CHECK(five.gets() == lines{"SUBACK id=1 'topic filter invalid' 'topic filter invalid' 'success'",
                               "UNSUBACK id=2 'topic filter invalid' 'topic filter invalid' 'success'"});
    peer three = w.client("three", version::v3_1_1);
    three.sends(s).sends(u);
    CHECK(three.gets() == lines{"SUBACK id=1 'unspecified error' 'unspecified error' 'success'", "UNSUBACK id=2"});
}

TEST_CASE("a shared filter is measured without its share [4.8.2]") {
    mqtt_world w(options{.topic_levels_max = 3, .topic_bytes_max = 5});
    peer p = w.client("p");
    p.sends(subscribe{.packet_id = 1, .subscriptions = {{.filter = "$share/long group/a/a/a"}, {.filter = "$share/g/a/a/a/"}}});
    p.sends(unsubscribe{.packet_id = 2, .filters = {"$share/long group/a/a/a", "$share/g/a/a/a/"}});
    CHECK(p.gets() == lines{"SUBACK id=1 'success' 'topic filter invalid'", "UNSUBACK id=2 'success' 'topic filter invalid'"});
}

TEST_CASE("subscriptions beyond the operator's limit are refused with 0x97, 0x80 in 3.1.1 [3.9.3]") {
    mqtt_world w(options{.subscriptions_max = 2});
    const subscribe three_filters{.packet_id = 1, .subscriptions = {{.filter = "a"}, {.filter = "b"}, {.filter = "c"}}};
    peer old = w.client("old", version::v3_1_1);
    old.sends(three_filters);
    CHECK(old.gets() == lines{"SUBACK id=1 'success' 'success' 'unspecified error'"});
    peer p = w.client("p");
    p.sends(three_filters);
    CHECK(p.gets() == lines{"SUBACK id=1 'success' 'success' 'quota exceeded'"});

    SECTION("one that is there can still be replaced [MQTT-3.8.4-3]") {
        p.sends(subscription_to("b", qos::exactly_once, 2));
        CHECK(p.gets() == lines{"SUBACK id=2 'granted QoS 2'"});
        w.client("q").sends(message("b", "x", qos::exactly_once, 1));
        CHECK(p.gets() == lines{"PUBLISH q2 id=1 'b' payload=1 \"x\""});
    }
    SECTION("one that goes makes room") {
        p.sends(unsubscribe{.packet_id = 2, .filters = {"a"}}).sends(subscription_to("c", qos::at_most_once, 3));
        CHECK(p.gets() == lines{"UNSUBACK id=2 'success'", "SUBACK id=3 'success'"});
    }
}

TEST_CASE("subscriptions that a session brings back count") {
    mqtt_world w(options{.subscriptions_max = 1});
    w.lasting_client("s").sends(subscription_to("a")).gets();
    w.world.restart();
    peer s = w.lasting_client("s");
    s.sends(subscription_to("b", qos::at_most_once, 1)).sends(subscription_to("a", qos::at_most_once, 2));
    CHECK(s.gets() == lines{"SUBACK id=1 'quota exceeded'", "SUBACK id=2 'success'"});
}

TEST_CASE("payloads that are said to be text and are not are refused with 0x99 where the operator wants that [3.3.2.3.2]") {
    property_block text, bytes;
    text.number(property::payload_format, 1);
    bytes.number(property::payload_format, 0);
    const auto with = [](publish m, const property_block& said) {
        m.properties = said.view();
        return m;
    };
    const std::string broken = "\xC3(";
    SECTION("in a PUBLISH") {
        mqtt_world w(options{.validate_payload_format = true});
        peer p = w.client("p");
        p.sends(with(message("t", broken, qos::at_least_once, 1), text)).sends(with(message("t", broken, qos::exactly_once, 2), text));
        CHECK(p.gets() == lines{"PUBACK id=1 reason='payload format invalid'", "PUBREC id=2 reason='payload format invalid'"});
        p.sends(with(message("t", broken, qos::at_least_once, 3), bytes));
        p.sends(with(message("t", std::string("\0ü", 3), qos::at_least_once, 4), text));
        CHECK(p.gets() == lines{"PUBACK id=3 reason='no matching subscribers'", "PUBACK id=4 reason='no matching subscribers'"});
        p.sends(with(message("t", broken), text));
        CHECK(p.gets() == lines{"DISCONNECT reason='payload format invalid'"});
    }
    SECTION("in a will") {
        mqtt_world w(options{.validate_payload_format = true});
        connect c{.version = version::v5, .client_id = "mortal"};
        c.will = mqtt::will{.topic = "t", .payload = broken, .properties = text.view()};
        peer p = w.stranger();
        p.sends(c);
        CHECK(p.gets() == lines{"CONNACK reason='payload format invalid'"});
    }
    SECTION("and only there") {
        mqtt_world w;
        peer s = w.subscriber("s", "t");
        w.client("p").sends(with(message("t", broken), text));
        CHECK(s.gets() == lines{"PUBLISH q0 't' payload=2 {payload_format=1} \"" + broken + "\""});
    }
}

TEST_CASE("a session's expiry has the operator's cap, also when DISCONNECT asks for more [3.14.2.2.2]") {
    core::broker_options capped;
    capped.session_expiry_s_max = 100;
    mqtt_world w({}, capped);
    property_block asked;
    asked.number(property::session_expiry_s, 10'000);
    peer p = w.stranger();
    p.sends(connect{.version = version::v5, .properties = asked.view(), .client_id = "p"});
    CHECK(p.gets()[0].find("session_expiry_s=100") != std::string::npos);
    p.sends(disconnect{.properties = asked.view()}).gets();
    w.world.pass_ms(99'000);
    CHECK(w.world.broker().find_session("p"));
    w.world.pass_ms(1'000);
    CHECK_FALSE(w.world.broker().find_session("p"));
}

TEST_CASE("MQTT 3 sessions without a clean start have the cap, too") {
    core::broker_options capped;
    capped.session_expiry_s_max = 100;
    mqtt_world w({}, capped);
    w.client(connect{.version = version::v3_1_1, .clean_start = false, .client_id = "p"}).breaks();
    w.world.pass_ms(100'000);
    CHECK_FALSE(w.world.broker().find_session("p"));
}

TEST_CASE("more QoS 1 and 2 messages than the operator's in-flight window wait, whatever Receive Maximum says [4.9]") {
    mqtt_world w(options{.inflight_max = 2});
    peer s = w.subscriber("s", "t", qos::at_least_once, version::v3_1_1);
    peer p = w.client("p");
    for (std::uint16_t id = 1; id <= 3; ++id) p.sends(message("t", "x", qos::at_least_once, id));
    CHECK(s.gets().size() == 2);
    s.sends(puback{.packet_id = 1});
    CHECK(s.gets().size() == 1);
}

TEST_CASE("a retained message beyond the operator's number of topics is refused with 0x97 [3.4.2.1]") {
    core::broker_options one;
    one.retained_messages_max = 1;
    mqtt_world w({}, one);
    peer p = w.client("p");
    for (std::uint16_t id = 1; id <= 3; ++id) {
        publish m = message(id == 2 ? "b" : "a", "x", qos::at_least_once, id);
        m.retain = true;
        p.sends(m);
    }
    CHECK(p.gets() == lines{"PUBACK id=1 reason='no matching subscribers'", "PUBACK id=2 reason='quota exceeded'",
                            "PUBACK id=3 reason='no matching subscribers'"});
}
