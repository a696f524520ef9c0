#include "protocols/mqtt/sys_topics.hpp"

#include <algorithm>
#include <map>

#include "tests/unit/mqtt/mqtt_world.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using namespace causeway::mqtt::test;

namespace {

constexpr std::uint32_t interval_s = 10;

struct sys_world : mqtt_world {
    explicit sys_world(options o = {}, core::broker_options b = {}) : mqtt_world(o, std::move(b)) {}

    /// What a new subscriber is told at once, by topic without "$SYS/broker/".
    std::map<std::string, std::string> tells(std::string_view filter = "$SYS/broker/#") {
        peer s = client("listener");
        s.sends(subscription_to(filter, qos::at_most_once));
        std::map<std::string, std::string> all;
        for (const std::string& line : s.gets()) {
            constexpr std::string_view begin = "PUBLISH q0 retain '$SYS/broker/";
            if (!line.starts_with(begin)) continue;
            const std::size_t end = line.find('\'', begin.size());
            const std::size_t value = line.find('"', end);
            all[line.substr(begin.size(), end - begin.size())] = line.substr(value + 1, line.size() - value - 2);
        }
        s.sends(disconnect{}).gets();
        return all;
    }
    void interval() { world.pass_ms(interval_s * 1000); }

    sys_topics topics{world.broker(), interval_s, "causeway version 1"};
};

}  // namespace

TEST_CASE("a new subscriber of $SYS is told everything at once, flagged as retained") {
    sys_world w;
    const auto all = w.tells();
    CHECK(all.size() == 52);
    CHECK(all.at("version") == "causeway version 1");
    CHECK(all.at("uptime") == "0 seconds");
    CHECK(all.at("clients/connected") == "0");
    CHECK(all.at("load/messages/received/15min") == "0.00");
}

TEST_CASE("what has changed is told once an interval, and nothing else") {
    sys_world w;
    peer s = w.subscriber("s", "$SYS/broker/clients/+", qos::at_most_once);
    w.world.pass_ms(9'999);
    CHECK(s.got().empty());
    w.world.pass_ms(1);
    CHECK(s.got() == lines{"PUBLISH q0 '$SYS/broker/clients/active' payload=1 \"1\"",
                           "PUBLISH q0 '$SYS/broker/clients/connected' payload=1 \"1\"",
                           "PUBLISH q0 '$SYS/broker/clients/maximum' payload=1 \"1\"",
                           "PUBLISH q0 '$SYS/broker/clients/total' payload=1 \"1\""});
    w.interval();
    CHECK(s.got().empty());
}

TEST_CASE("an interval of 0 says nothing, now and later") {
    mqtt_world w;
    sys_topics none(w.world.broker(), 0, "causeway version 1");
    peer s = w.subscriber("s", "$SYS/#");
    w.world.pass_ms(3'600'000);
    CHECK(s.got().empty());
}

TEST_CASE("$SYS comes to those who write it out, not to leading wildcards [MQTT-4.7.2-1]") {
    sys_world w;
    peer all = w.subscriber("all", "#");
    peer one = w.subscriber("one", "+/broker/version");
    peer written = w.subscriber("written", "$SYS/+/version");
    CHECK(written.got().empty());  // it came with the SUBACK, which has been read
    w.interval();
    CHECK(all.got().empty());
    CHECK(one.got().empty());
    CHECK(w.tells("$SYS/+/version").size() == 1);
}

TEST_CASE("$SYS is published with QoS 2 and flagged for who asks for it [3.8.3.1]") {
    sys_world w;
    peer s = w.client("s");
    subscribe asked = subscription_to("$SYS/broker/clients/connected");
    asked.subscriptions[0].retain_as_published = true;
    asked.subscriptions[0].retain_handling = retain_handling::never;
    s.sends(asked).gets();
    w.interval();
    CHECK(s.got() == lines{"PUBLISH q2 retain id=1 '$SYS/broker/clients/connected' payload=1 \"1\""});
}

TEST_CASE("clients are counted as they come, stay away and expire") {
    sys_world w;
    peer a = w.client("a");
    peer b = w.lasting_client("b");
    b.breaks();
    w.interval();
    auto all = w.tells();
    CHECK(all["clients/connected"] == "1");
    CHECK(all["clients/disconnected"] == "1");
    CHECK(all["clients/total"] == "2");
    CHECK(all["clients/maximum"] == "2");
    w.world.pass_ms(1'000'000);
    w.interval();
    all = w.tells();
    CHECK(all["clients/disconnected"] == "0");
    CHECK(all["clients/expired"] == "1");
}

TEST_CASE("a client that is taken over, refused or breaks leaves no trace in the number of the connected") {
    sys_world w;
    peer first = w.lasting_client("c");
    peer second = w.lasting_client("c");
    w.users.anonymous = false;
    peer refused = w.stranger();
    refused.sends(connect{.version = version::v5, .client_id = "x"}).gets();
    w.interval();
    CHECK(w.world.broker().traffic(core::protocol::mqtt).connected == 1);
    second.breaks();
    CHECK(w.world.broker().traffic(core::protocol::mqtt).connected == 0);
}

TEST_CASE("packets, messages and bytes are counted in both directions") {
    sys_world w;
    peer s = w.subscriber("s", "t", qos::at_least_once);
    peer p = w.client("p");
    p.sends(message("t", std::string(5'000, 'x'))).sends(message("t", "12345678", qos::at_least_once, 1)).gets();
    const core::traffic t = w.world.broker().traffic(core::protocol::mqtt);
    CHECK(t.sockets == 2);
    CHECK(t.logins == 2);
    CHECK(t.in.packets == 5);    // two CONNECT, SUBSCRIBE, two PUBLISH
    CHECK(t.in.messages == 2);
    CHECK(t.in.message_bytes == 5'008);
    CHECK(t.out.packets == 6);   // two CONNACK, SUBACK, two PUBLISH, PUBACK
    CHECK(t.out.messages == 2);
    CHECK(t.out.message_bytes == 5'008);
    CHECK(t.in_flight == 1);

    SECTION("every byte, whoever wrote it") {
        std::uint64_t in = 0, out = 0;
        peer raw = w.stranger();
        std::string hello;
        encode(hello, connect{.version = version::v5, .client_id = "raw"});
        in += hello.size();
        raw.sends_bytes(hello);
        w.world.settle();
        out += raw.link().gets().size();
        raw.sends_bytes("\xFF\xFF");  // no packet: not consumed
        w.world.settle();
        out += raw.link().gets().size();
        const core::traffic now = w.world.broker().traffic(core::protocol::mqtt);
        CHECK(now.in.bytes - t.in.bytes == in);
        CHECK(now.out.bytes - t.out.bytes == out);
    }
    SECTION("what is acknowledged is not in flight any more, nor is what its client leaves behind") {
        s.sends(puback{.packet_id = 1}).gets();
        CHECK(w.world.broker().traffic(core::protocol::mqtt).in_flight == 0);
        p.sends(message("t", "y", qos::at_least_once, 2)).gets();
        CHECK(w.world.broker().traffic(core::protocol::mqtt).in_flight == 1);
        s.breaks();
        CHECK(w.world.broker().traffic(core::protocol::mqtt).in_flight == 0);
    }
}

TEST_CASE("subscriptions, retained and stored messages are counted, and $SYS itself is none of them") {
    sys_world w;
    auto all = w.tells();
    CHECK(all["retained messages/count"] == "0");
    CHECK(all["store/messages/count"] == "0");
    CHECK(all["store/messages/bytes"] == "0");
    peer s = w.subscriber("s", "a/+");
    s.sends(subscription_to("b", qos::at_least_once, 2)).sends(subscription_to("$share/g/a", qos::at_least_once, 3)).gets();
    peer other = w.lasting_client("other");
    other.sends(subscription_to("$share/g/a")).gets();
    publish kept = message("r", "x");
    kept.retain = true;
    w.client("p").sends(kept).gets();
    w.interval();
    all = w.tells();
    CHECK(all["subscriptions/count"] == "2");
    CHECK(all["shared_subscriptions/count"] == "2");
    CHECK(all["retained messages/count"] == "1");
    CHECK(all["store/messages/count"] == "1");
    CHECK(all["messages/stored"] == "1");
    CHECK(all["store/messages/bytes"] != "0");
    s.breaks();
    w.interval();
    all = w.tells();
    CHECK(all["subscriptions/count"] == "0");
    CHECK(all["shared_subscriptions/count"] == "1");
}

TEST_CASE("subscriptions are counted over a restart, and go with their session") {
    mqtt_world w;
    peer s = w.lasting_client("s");
    s.sends(subscription_to("a")).sends(subscription_to("$share/g/a", qos::at_most_once, 2)).gets();
    w.world.restart();
    CHECK(w.world.broker().subscription_count() == 1);
    CHECK(w.world.broker().shared_subscription_count() == 1);
    w.client("s");  // a clean start
    CHECK(w.world.broker().subscription_count() == 0);
    CHECK(w.world.broker().shared_subscription_count() == 0);
}

TEST_CASE("what was lost for want of room is counted as dropped") {
    core::broker_options small;
    small.session_messages_max = 2;
    sys_world w({}, small);
    peer s = w.lasting_client("s");
    s.sends(subscription_to("t")).gets();
    s.breaks();
    peer p = w.client("p");
    for (std::uint16_t id = 1; id <= 5; ++id) p.sends(message("t", "x", qos::at_least_once, id));
    p.gets();
    w.interval();
    CHECK(w.tells("$SYS/broker/publish/messages/dropped")["publish/messages/dropped"] == "3");
}

TEST_CASE("a load is an average per minute that forgets by e in each period") {
    sys_world w;
    peer p = w.client("p");
    w.interval();
    for (int i = 0; i < 60; ++i) p.sends(message("t", "x"));
    p.gets();
    w.interval();
    auto all = w.tells("$SYS/broker/load/publish/received/+");
    CHECK(all["load/publish/received/1min"] == "55.27");  // 360 a minute · (1 − e^(−10/60))
    CHECK(all["load/publish/received/5min"] == "11.80");
    CHECK(all["load/publish/received/15min"] == "3.98");
    for (int i = 0; i < 6; ++i) w.interval();
    all = w.tells("$SYS/broker/load/publish/received/+");
    CHECK(all["load/publish/received/1min"] == "20.33");  // e^-1 of it is left after a minute
}

TEST_CASE("nobody else publishes to $SYS: 0x90 in MQTT 5, dropped or closed in 3.1.1 [4.7.2, 3.4.2.1, 3.1.1 3.3.5]") {
    sys_world w;
    peer s = w.subscriber("s", "$SYS/mine", qos::exactly_once);
    peer five = w.client("five");
    for (const char* topic : {"$SYS/mine", "$SYS"})
        five.sends(message(topic, "x")).sends(message(topic, "x", qos::at_least_once, 1)).sends(message(topic, "x", qos::exactly_once, 2));
    CHECK(five.gets() == lines{"PUBACK id=1 reason='topic name invalid'", "PUBREC id=2 reason='topic name invalid'",
                               "PUBACK id=1 reason='topic name invalid'", "PUBREC id=2 reason='topic name invalid'"});
    peer three = w.client("three", version::v3_1_1);
    three.sends(message("$SYS/mine", "x"));
    CHECK(three.gets().empty());
    CHECK_FALSE(three.is_closed());
    three.sends(message("$SYS/mine", "x", qos::at_least_once, 1));
    CHECK(three.gets().empty());
    CHECK(three.is_closed());
    five.sends(message("$SYSTEM/mine", "x", qos::at_least_once, 3));
    CHECK(five.gets() == lines{"PUBACK id=3 reason='no matching subscribers'"});
    CHECK(s.gets().empty());
    CHECK(w.world.broker().counted().refused == 8);
}

TEST_CASE("nobody retains anything under $SYS, or takes away what is there") {
    sys_world w;
    publish empty = message("$SYS/broker/version", "", qos::at_least_once, 1);
    empty.retain = true;
    peer p = w.client("p");
    p.sends(empty);
    CHECK(p.gets() == lines{"PUBACK id=1 reason='topic name invalid'"});
    CHECK(w.tells()["version"] == "causeway version 1");
}

TEST_CASE("a will under $SYS is refused with its CONNECT, 0x90 [3.2.2.2]") {
    sys_world w;
    for (const version v : {version::v3_1_1, version::v5}) {
        connect c{.version = v, .client_id = "mortal"};
        c.will = mqtt::will{.topic = "$SYS/will", .payload = "x"};
        peer p = w.stranger(v);
        p.sends(c);
        CHECK(p.gets() == (v == version::v5 ? lines{"CONNACK reason='topic name invalid'"} : lines{}));
        CHECK(p.is_closed());
    }
}

TEST_CASE("an alias does not help to publish to $SYS") {
    sys_world w;
    peer s = w.subscriber("s", "$SYS/mine");
    property_block alias;
    alias.number(property::topic_alias, 1);
    publish first = message("$SYS/mine", "x");
    publish second = message("", "x", qos::at_least_once, 1);
    first.properties = second.properties = alias.view();
    peer p = w.client("p");
    p.sends(first).sends(second);
    CHECK(p.gets() == lines{"PUBACK id=1 reason='topic name invalid'"});
    CHECK(s.gets().empty());
}

TEST_CASE("$SYS is not written to disk, not even for a session that is kept") {
    sys_world w;
    w.lasting_client("s").sends(subscription_to("$SYS/broker/uptime")).gets();
    w.interval();
    std::size_t stored = 0;
    for (const core::table t : {core::table::entries, core::table::messages, core::table::retained})
        w.world.store().scan(t, "", [&stored](auto, auto) { return ++stored > 0; });
    CHECK(stored == 0);
}

TEST_CASE("a bridge from another broker says under $SYS whether it is connected, and nothing else") {
    mqtt_world w;
    peer s = w.subscriber("s", "$SYS/broker/connection/#", qos::at_most_once);
    peer bridge = w.stranger(version::v3_1_1);
    bridge.sends(connect{.bridge = true,
                         .client_id = "b",
                         .will = will{.topic = "$SYS/broker/connection/b/state", .payload = "0", .retain = true}});
    CHECK(bridge.gets() == lines{"CONNACK"});
    bridge.sends(publish{.retain = true, .topic = "$SYS/broker/connection/b/state", .payload = "1"});
    CHECK(s.gets() == lines{"PUBLISH q0 '$SYS/broker/connection/b/state' payload=1 \"1\""});
    for (const char* other : {"$SYS/broker/connection/b", "$SYS/broker/connection/b/state/x", "$SYS/broker/clients/total"})
        bridge.sends(message(other, "x"));
    CHECK(s.gets().empty());
    bridge.breaks();
    CHECK(s.gets() == lines{"PUBLISH q0 '$SYS/broker/connection/b/state' payload=1 \"0\""});
}
