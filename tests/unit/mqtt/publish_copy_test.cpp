// One message for many who asked for it alike: the first are encoded for, the others get a copy of those bytes. What must not be
// copied from one to another.

#include "tests/unit/mqtt/mqtt_world.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using namespace causeway::mqtt::test;

namespace {

const qos q1 = qos::at_least_once;

struct alike : mqtt_world {
    peer with(std::string_view id, const property_block& block) {
        return client(connect{.version = version::v5, .properties = block.view(), .client_id = id});
    }
    /// Who asks for everything alike, in the order in which they are served.
    std::vector<peer> three() {
        std::vector<peer> all;
        for (const char* id : {"a", "b", "c"}) all.push_back(subscriber(id, "t", q1));
        return all;
    }
};

}  // namespace

TEST_CASE("a copy is not sent to who does not take a packet so large [MQTT-3.1.2-24]") {
    alike w;
    std::vector<peer> all = w.three();
    property_block small;
    small.number(property::maximum_packet_size, 40);
    peer narrow = w.with("narrow", small);
    narrow.sends(subscription_to("t", q1)).gets();
    w.client("p").sends(message("t", std::string(50, 'x'), q1, 1)).gets();
    for (peer& each : all) CHECK(each.got().size() == 1);
    CHECK(narrow.got().empty());
    CHECK(w.dropped(core::drop_reason::too_large) == 1);
}

TEST_CASE("who allows no topic alias is sent none, though others are [MQTT-3.1.2-26]") {
    alike w;
    property_block one;
    one.number(property::topic_alias_maximum, 1);
    std::vector<peer> all;
    for (const char* id : {"x", "y"}) {
        all.push_back(w.with(id, one));
        all.back().sends(subscription_to("t", q1)).gets();
    }
    std::vector<peer> others = w.three();
    w.client("p").sends(message("t", "x", q1, 1)).gets();
    for (peer& each : all) CHECK(each.got() == lines{"PUBLISH q1 id=1 't' payload=1 {topic_alias=1} \"x\""});
    for (peer& each : others) CHECK(each.got() == lines{"PUBLISH q1 id=1 't' payload=1 \"x\""});
}

TEST_CASE("who gets it again is told so, though the others' first was kept [MQTT-3.3.1-1]") {
    alike w;
    std::vector<peer> all;
    for (const char* id : {"a", "b", "c"}) {
        all.push_back(w.lasting_client(id));
        all.back().sends(subscription_to("t", q1)).gets();
    }
    w.client("p").sends(message("t", "x", q1, 1)).gets();
    all[0].breaks();
    const lines got = w.returning("a").gets();
    REQUIRE(got.size() == 2);
    CHECK(got[1].starts_with("PUBLISH q1 dup id=1 't'"));
}

TEST_CASE("a large payload arrives whole at each of many") {
    alike w;
    std::vector<peer> all = w.three();
    const std::string payload(5'000, 'z');
    w.client("p").sends(message("t", payload, q1, 1)).gets();
    for (peer& each : all) CHECK(each.got() == lines{"PUBLISH q1 id=1 't' payload=5000 \"" + payload + "\""});
}

TEST_CASE("who gets it later is told how long it lives then [MQTT-3.3.2-6]") {
    alike w;
    std::vector<peer> all = w.three();
    property_block one;
    one.number(property::receive_maximum, 1);
    peer late = w.with("late", one);
    late.sends(subscription_to("t", q1)).sends(subscription_to("own", q1)).gets();
    peer p = w.client("p");
    p.sends(message("own", "first", q1, 1)).gets();
    CHECK(late.gets().size() == 1);
    property_block block;
    block.number(property::message_expiry_s, 60);
    publish m = message("t", "x", q1, 2);
    m.properties = block.view();
    p.sends(m).gets();
    for (peer& each : all) CHECK(each.got() == lines{"PUBLISH q1 id=1 't' payload=1 {message_expiry_s=60} \"x\""});
    w.world.pass_ms(20'000);
    late.sends(puback{.packet_id = 1});
    CHECK(late.gets() == lines{"PUBLISH q1 id=2 't' payload=1 {message_expiry_s=40} \"x\""});
}

TEST_CASE("each gets its own subscription identifier [MQTT-3.3.4-3]") {
    alike w;
    std::vector<peer> all;
    for (const std::uint32_t number : {7U, 7U, 8U, 0U}) {
        all.push_back(w.client("s" + std::to_string(all.size())));
        property_block block;
        if (number != 0) block.number(property::subscription_id, number);
        subscribe s = subscription_to("t", q1);
        s.properties = block.view();
        all.back().sends(s).gets();
    }
    w.client("p").sends(message("t", "x", q1, 1)).gets();
    const lines blocks{" {subscription_id=7}", " {subscription_id=7}", " {subscription_id=8}", ""};
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i].got() == lines{"PUBLISH q1 id=1 't' payload=1" + blocks[i] + " \"x\""});
}

TEST_CASE("only who asked for it sees the retain flag as it was published [MQTT-3.3.1-12, MQTT-3.3.1-13]") {
    alike w;
    std::vector<peer> all;
    for (const bool as_published : {true, true, false, true, false, false}) {
        all.push_back(w.client("s" + std::to_string(all.size())));
        all.back().sends(subscribe{.packet_id = 1, .subscriptions = {{.filter = "t", .qos = q1, .retain_as_published = as_published}}}).gets();
    }
    publish m = message("t", "x", q1, 1);
    m.retain = true;
    w.client("p").sends(m).gets();
    const lines flags{" retain", " retain", "", " retain", "", ""};
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i].got() == lines{"PUBLISH q1" + flags[i] + " id=1 't' payload=1 \"x\""});
}

TEST_CASE("a bridge sees the retain flag as it was published, though others do not") {
    alike w;
    const version v = version::v3_1_1;
    std::vector<peer> all;
    for (const char* id : {"a", "b", "c"}) all.push_back(w.subscriber(id, "t", q1, v));
    peer bridge = w.client(connect{.version = v, .bridge = true, .client_id = "bridge"});
    bridge.sends(subscription_to("t", q1)).gets();
    publish m = message("t", "x", q1, 1);
    m.retain = true;
    w.client("p").sends(m).gets();
    for (peer& each : all) CHECK(each.got() == lines{"PUBLISH q1 id=1 't' payload=1 \"x\""});
    CHECK(bridge.got() == lines{"PUBLISH q1 retain id=1 't' payload=1 \"x\""});
}

TEST_CASE("messages that follow each other at the same place in memory are not taken for one") {
    alike w;
    std::vector<peer> all = w.three();
    peer p = w.client("p");
    lines expected;
    for (int i = 10; i < 60; ++i) {
        p.sends(message("t", std::to_string(i)));
        expected.push_back("PUBLISH q0 't' payload=2 \"" + std::to_string(i) + "\"");
    }
    p.gets();
    for (peer& each : all) CHECK(each.got() == expected);
}

TEST_CASE("copies are counted as what they are") {
    alike w;
    std::vector<peer> all = w.three();
    all.push_back(w.subscriber("d", "t", q1));
    peer p = w.client("p");
    p.gets();
    const core::traffic::direction before = w.world.broker().traffic(core::protocol::mqtt).out;
    p.sends(message("t", "four")).gets();
    const core::traffic::direction& after = w.world.broker().traffic(core::protocol::mqtt).out;
    CHECK(after.packets - before.packets == 4);
    CHECK(after.messages - before.messages == 4);
    CHECK(after.message_bytes - before.message_bytes == 4 * 4);
    CHECK(after.bytes - before.bytes == 4 * (2 + 3 + 1 + 4));
}
