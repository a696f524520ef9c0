// Shared subscriptions in the words of MQTT (MQTT 5, 4.8.2; the same for 3.1.1 and 3.1).

#include "tests/unit/mqtt/mqtt_world.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using namespace causeway::mqtt::test;

namespace {

constexpr std::string_view shared = "$share/g/t";

unsubscribe leaving(std::string_view filter) { return {.packet_id = 7, .filters = {filter}}; }

struct shares : mqtt_world {
    using mqtt_world::mqtt_world;
    peer member(std::string_view id, qos q = qos::exactly_once, std::string_view filter = shared) {
        peer made = lasting_client(id);
        made.sends(subscription_to(filter, q));
        CHECK(made.gets().size() == 1);
        return made;
    }
    /// A member that comes back, and what comes behind its CONNACK.
    peer back(std::string_view id, lines& got) {
        property_block block;
        peer made = stranger();
        made.sends(lasting(id, version::v5, block));
        got = made.gets();
        REQUIRE(got.at(0).starts_with("CONNACK present"));
        got.erase(got.begin());
        return made;
    }
};

/// A member that takes one unacknowledged message at a time.
peer one_at_a_time(mqtt_world& w) {
    property_block block;
    block.number(property::receive_maximum, 1);
    peer slow = w.client(connect{.version = version::v5, .properties = block.view(), .client_id = "slow"});
    slow.sends(subscription_to(shared)).gets();
    return slow;
}

/// "1", "2" and "3", QoS 1, to "t".
void three_messages(mqtt_world& w) {
    peer p = w.client("p");
    for (std::uint16_t id = 1; id <= 3; ++id) p.sends(message("t", std::to_string(id), qos::at_least_once, id));
    p.gets();
}

}  // namespace

TEST_CASE("every version may share a subscription, and each message goes to one member") {
    mqtt_world w;
    peer a = w.subscriber("a", shared, qos::at_most_once, version::v3_1);
    peer b = w.subscriber("b", shared, qos::at_most_once, version::v3_1_1);
    peer c = w.subscriber("c", shared, qos::at_most_once, version::v5);
    peer p = w.client("p");
    for (const char* each : {"1", "2", "3", "4", "5", "6"}) p.sends(message("t", each));
    const lines got = a.gets();
    CHECK(got == lines{"PUBLISH q0 't' payload=1 \"1\"", "PUBLISH q0 't' payload=1 \"4\""});
    CHECK(b.gets() == lines{"PUBLISH q0 't' payload=1 \"2\"", "PUBLISH q0 't' payload=1 \"5\""});
    CHECK(c.gets() == lines{"PUBLISH q0 't' payload=1 \"3\"", "PUBLISH q0 't' payload=1 \"6\""});
}

TEST_CASE("a malformed shared filter is refused by itself, and the others are not [MQTT-4.8.2-1, MQTT-4.8.2-2]") {
    mqtt_world w;
    for (const version v : {version::v3_1_1, version::v5}) {
        peer p = w.client("p", v);
        const std::string refused = v == version::v5 ? "'topic filter invalid'" : "'unspecified error'";
        for (const char* filter : {"$share", "$share/", "$share//a", "$share/g", "$share/g/", "$share/+/a", "$share/g#/a", "$share/g/a#"}) {
            subscribe s = subscription_to("good", qos::at_least_once);
            s.subscriptions.push_back({.filter = filter, .qos = qos::at_least_once});
            p.sends(s);
            CHECK(p.gets() == lines{"SUBACK id=1 'granted QoS 1' " + refused});
            p.sends(leaving(filter));
            CHECK(p.gets() == lines{v == version::v5 ? "UNSUBACK id=7 " + refused : "UNSUBACK id=7"});
        }
    }
}

TEST_CASE("the right to a shared subscription is the right to its filter") {
    mqtt_world w;
    peer p = w.client("p");
    p.sends(subscription_to("$share/g/forbidden/x"));
    CHECK(p.gets() == lines{"SUBACK id=1 'not authorized'"});
    p.sends(subscription_to("$share/forbidden/x"));
    CHECK(p.gets() == lines{"SUBACK id=1 'granted QoS 2'"});
}

TEST_CASE("a shared subscription brings no retained messages (MQTT5 4.8.2)") {
    mqtt_world w;
    peer p = w.client("p");
    publish kept = message("t", "kept");
    kept.retain = true;
    p.sends(kept).gets();
    peer a = w.client("a");
    a.sends(subscription_to(shared));
    CHECK(a.gets() == lines{"SUBACK id=1 'granted QoS 2'"});
    p.sends(kept);
    CHECK(a.gets() == lines{"PUBLISH q0 't' payload=4 \"kept\""});
}

TEST_CASE("a member's own options and identifier hold for what it gets [MQTT-4.8.2-3]") {
    mqtt_world w;
    peer a = w.client("a");
    property_block block;
    block.number(property::subscription_id, 42);
    subscribe s{.packet_id = 1, .properties = block.view()};
    s.subscriptions = {{.filter = shared, .qos = qos::at_least_once, .retain_as_published = true}};
    a.sends(s).gets();
    peer p = w.client("p");
    publish m = message("t", "x", qos::exactly_once, 1);
    m.retain = true;
    p.sends(m);
    CHECK(a.gets() == lines{"PUBLISH q1 retain id=1 't' payload=1 {subscription_id=42} \"x\""});
}

TEST_CASE("a shared and an ordinary subscription give a copy each, and so do two shares (MQTT5 4.8.2)") {
    mqtt_world w;
    peer a = w.client("a");
    subscribe s{.packet_id = 1};
    s.subscriptions = {{.filter = shared}, {.filter = "t"}, {.filter = "$share/h/t"}, {.filter = "$share/g/#"}};
    a.sends(s).gets();
    peer p = w.client("p");
    p.sends(message("t", "x"));
    CHECK(a.gets() == lines(4, "PUBLISH q0 't' payload=1 \"x\""));
}

TEST_CASE("SUBACK goes out before the first shared message [MQTT-3.8.4-1]") {
    shares w;
    peer a = w.member("a");
    a.breaks();
    peer p = w.client("p");
    p.sends(message("t", "x", qos::at_least_once, 1)).gets();
    peer b = w.lasting_client("b");
    b.sends(subscription_to(shared));
    CHECK(b.gets() == lines{"SUBACK id=1 'granted QoS 2'", "PUBLISH q1 id=1 't' payload=1 \"x\""});
}

TEST_CASE("one subscription is left by its whole filter, once (MQTT5 4.8.2)") {
    shares w;
    peer a = w.member("a");
    a.sends(subscription_to(shared)).gets();
    a.sends(leaving("t"));
    CHECK(a.gets() == lines{"UNSUBACK id=7 'no subscription existed'"});
    a.sends(leaving(shared));
    CHECK(a.gets() == lines{"UNSUBACK id=7 'success'"});
    a.sends(leaving(shared));
    CHECK(a.gets() == lines{"UNSUBACK id=7 'no subscription existed'"});
    peer p = w.client("p");
    p.sends(message("t", "x"));
    CHECK(a.gets().empty());
}

TEST_CASE("a member without window gets nothing until it acknowledges [MQTT-3.3.4-9]") {
    mqtt_world w;
    peer slow = one_at_a_time(w);
    three_messages(w);
    CHECK(slow.gets() == lines{"PUBLISH q1 id=1 't' payload=1 \"1\""});
    peer other = w.subscriber("other", shared);
    CHECK(other.gets().empty());
    CHECK(w.world.broker().find_share(shared)->queue().ready_count() == 0);
}

TEST_CASE("acknowledging makes room for the next shared message") {
    mqtt_world w;
    peer slow = one_at_a_time(w);
    three_messages(w);
    for (std::uint16_t id = 1; id <= 3; ++id) {
        const std::string n = std::to_string(id);
        CHECK(slow.gets() == lines{"PUBLISH q1 id=" + n + " 't' payload=1 \"" + n + "\""});
        slow.sends(puback{.packet_id = id});
    }
    CHECK(slow.gets().empty());
}

TEST_CASE("a client that does not read is passed over, and goes on when it reads again") {
    mqtt_world w({.output_bytes_max = 2000});
    peer slow = w.subscriber("slow", shared, qos::at_most_once);
    peer p = w.client("p");
    slow.link().takes(false);
    for (int i = 0; i < 10; ++i) p.sends(message("t", std::string(500, 'x')));
    p.gets();
    CHECK(w.world.broker().find_share(shared)->queue().ready_count() > 0);
    slow.link().takes(true);
    CHECK(slow.gets().size() + slow.gets().size() + slow.gets().size() + slow.gets().size() == 10);
}

TEST_CASE("what a member did not acknowledge goes to another when its connection breaks") {
    shares w;
    peer a = w.member("a");
    peer p = w.client("p");
    p.sends(message("t", "1", qos::at_least_once, 1)).sends(message("t", "2", qos::at_least_once, 2));
    CHECK(a.gets().size() == 2);
    peer b = w.member("b");
    CHECK(b.gets().empty());
    a.breaks();
    CHECK(b.gets() == lines{"PUBLISH q1 id=1 't' payload=1 \"1\"", "PUBLISH q1 id=2 't' payload=1 \"2\""});
    lines got;
    w.back("a", got);
    CHECK(got.empty());
}

TEST_CASE("alone, a member gets it again as it was: packet id and DUP [MQTT-4.4.0-1]") {
    shares w;
    const bool crashed = GENERATE(false, true);
    peer a = w.member("a");
    peer p = w.client("p");
    p.sends(message("t", "1", qos::at_least_once, 1)).sends(message("t", "2", qos::exactly_once, 2));
    CHECK(a.gets().size() == 2);
    if (crashed)
        w.world.crash();
    else
        a.breaks();
    lines got;
    peer again = w.back("a", got);
    CHECK(got == lines{"PUBLISH q1 dup id=1 't' payload=1 \"1\"", "PUBLISH q2 dup id=2 't' payload=1 \"2\""});
    again.sends(puback{.packet_id = 1}).sends(pubrec{.packet_id = 2});
    CHECK(again.gets() == lines{"PUBREL id=2"});
    again.sends(pubcomp{.packet_id = 2}).gets();
    CHECK(w.world.store().size(core::table::entries) == 0);
}

TEST_CASE("a shared QoS 2 message that was begun is finished with its client alone [MQTT-4.8.2-4, MQTT-4.8.2-5]") {
    shares w;
    peer a = w.member("a");
    peer p = w.client("p");
    p.sends(message("t", "x", qos::exactly_once, 1));
    CHECK(a.gets() == lines{"PUBLISH q2 id=1 't' payload=1 \"x\""});
    peer b = w.member("b");
    lines got;
    SECTION("its connection breaks before PUBREC") {
        a.breaks();
        w.back("a", got);
        CHECK(got == lines{"PUBLISH q2 dup id=1 't' payload=1 \"x\""});
    }
    SECTION("its connection breaks after PUBREC") {
        a.sends(pubrec{.packet_id = 1}).gets();
        a.breaks();
        w.back("a", got);
        CHECK(got == lines{"PUBREL id=1"});
    }
    SECTION("its session ends") {
        a.sends(disconnect{}).gets();
        peer anew = w.client("a");
        CHECK(anew.gets().empty());
        CHECK(w.world.store().size(core::table::entries) == 0);
    }
    CHECK(b.gets().empty());
}

TEST_CASE("a refused shared message is offered to nobody else [MQTT-4.8.2-6]") {
    shares w;
    peer a = w.member("a");
    peer p = w.client("p");
    p.sends(message("t", "1", qos::at_least_once, 1)).sends(message("t", "2", qos::exactly_once, 2));
    CHECK(a.gets().size() == 2);
    peer b = w.member("b");
    a.sends(puback{.packet_id = 1, .code = reason::unspecified_error}).sends(pubrec{.packet_id = 2, .code = reason::quota_exceeded});
    a.gets();
    a.breaks();
    CHECK(b.gets().empty());
    CHECK(w.dropped(core::drop_reason::rejected) == 2);
}

TEST_CASE("a takeover with clean start leaves the share, and its messages go on [MQTT-3.1.2-4]") {
    shares w;
    peer a = w.member("a");
    peer p = w.client("p");
    p.sends(message("t", "x", qos::at_least_once, 1));
    CHECK(a.gets().size() == 1);
    peer b = w.member("b");
    peer anew = w.client("a");
    CHECK(a.is_closed());
    CHECK(b.gets() == lines{"PUBLISH q1 id=1 't' payload=1 \"x\""});
    CHECK(w.world.broker().find_share(shared)->members().size() == 1);
}

TEST_CASE("a takeover that goes on keeps what its member has") {
    shares w;
    peer a = w.member("a");
    peer p = w.client("p");
    p.sends(message("t", "x", qos::at_least_once, 1));
    CHECK(a.gets().size() == 1);
    peer b = w.member("b");
    lines got;
    peer again = w.back("a", got);
    CHECK(a.is_closed());
    CHECK(got == lines{"PUBLISH q1 dup id=1 't' payload=1 \"x\""});
    CHECK(b.gets().empty());
    again.sends(puback{.packet_id = 1}).gets();
    CHECK(w.world.store().size(core::table::entries) == 0);
}

TEST_CASE("a member gets what it published itself after the acknowledgement [MQTT-4.6.0-2]") {
    shares w;
    peer a = w.member("a");
    a.sends(message("t", "x", qos::at_least_once, 5));
    CHECK(a.gets() == lines{"PUBACK id=5", "PUBLISH q1 id=1 't' payload=1 \"x\""});
}

TEST_CASE("publishers are told when a session refuses [MQTT-3.4.2-1]") {
    mqtt_world w({}, {.session_messages_max = 1, .session_overflow = core::overflow::reject_publish});
    for (const std::string_view filter : {std::string_view("t"), shared}) {
        peer a = w.lasting_client("a");
        a.sends(subscription_to(filter)).gets();
        a.breaks();
        peer p = w.client("p");
        p.sends(message("t", "1", qos::at_least_once, 1)).sends(message("t", "2", qos::at_least_once, 2));
        p.sends(message("t", "3", qos::exactly_once, 3));
        CHECK(p.gets() == lines{"PUBACK id=1", "PUBACK id=2 reason='quota exceeded'", "PUBREC id=3 reason='quota exceeded'"});
        peer old = w.client("old", version::v3_1_1);
        old.sends(message("t", "4", qos::at_least_once, 1));
        CHECK(old.gets().empty());
        CHECK(old.is_closed());  // it has no word for "no"
        w.client("a");
    }
}

TEST_CASE("a member whose Maximum Packet Size a message exceeds leaves it to the others [MQTT-3.1.2-25]") {
    shares w;
    property_block block;
    block.number(property::maximum_packet_size, 30);
    connect hello{.version = version::v5, .client_id = "tiny"};
    hello.properties = block.view();
    peer tiny = w.stranger();
    tiny.sends(hello).gets();
    tiny.sends(subscription_to(shared, qos::at_least_once)).gets();
    peer roomy = w.subscriber("roomy", shared, qos::at_least_once);
    peer p = w.client("p");
    const std::string large(100, 'x');
    for (int i = 0; i < 4; ++i) p.sends(message("t", large));
    CHECK(roomy.gets().size() == 4);
    p.sends(message("t", "small")).sends(message("t", "small"));
    CHECK(tiny.gets().size() == 1);
    CHECK(roomy.gets().size() == 1);
    // Alone it loses what it cannot have, and what comes behind that reaches it.
    roomy.breaks();
    p.sends(message("t", large)).sends(message("t", "small"));
    CHECK(tiny.gets().size() == 1);
}
