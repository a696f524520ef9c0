// Exactly once, both ways (MQTT 4.3.3, 4.4), over lost connections and lost power.

#include "tests/unit/mqtt/mqtt_world.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using namespace causeway::mqtt::test;

namespace {

publish again(publish m) {
    m.dup = true;
    return m;
}

const publish once = message("t", "x", qos::exactly_once, 5);

/// A subscriber "s" of "t" that has got `once` and does not know yet that its PUBREC is lost.
void lose_pubrec(mqtt_world& w, peer& s) {
    s.sends(subscription_to("t")).gets();
    w.client("p").sends(once).gets();
    s.gets();
    w.world.store().hold();
    s.sends(pubrec{.packet_id = 1});
    s.gets();
    w.world.store().break_down();
    w.world.store().release();
}

}  // namespace

TEST_CASE("a packet id under way is acknowledged again and not published again [MQTT-4.3.3-10]") {
    mqtt_world w;
    peer s = w.subscriber("s", "t");
    peer p = w.client("p");
    p.sends(once).sends(again(once));
    CHECK(p.gets() == lines{"PUBREC id=5", "PUBREC id=5"});
    CHECK(s.got().size() == 1);
    p.sends(pubrel{.packet_id = 5}).sends(once);
    CHECK(p.gets() == lines{"PUBCOMP id=5", "PUBREC id=5"});
}

TEST_CASE("the packet id is remembered over a reconnect and a crash [MQTT-4.4.0-1]") {
    mqtt_world w;
    w.lasting_client("s").sends(subscription_to("t")).gets();
    peer p = w.lasting_client("p");
    p.sends(once);
    CHECK(p.gets() == lines{"PUBREC id=5"});

    SECTION("reconnect") { p.breaks(); }
    SECTION("crash") { w.world.crash(); }
    peer q = w.lasting_client("p");
    q.sends(again(once));
    CHECK(q.gets() == lines{"PUBREC id=5"});
    q.sends(pubrel{.packet_id = 5});
    CHECK(q.gets() == lines{"PUBCOMP id=5"});
    peer s = w.lasting_client("s");
    CHECK(s.gets().empty());
    CHECK(w.world.broker().find_session("s")->inbox().unacknowledged_count() == 1);
}

TEST_CASE("a PUBREL of an earlier connection gives back no credit that was not taken on this one [MQTT-3.3.4-7, MQTT-4.9.0-1]") {
    options limits;
    limits.receive_max = 2;
    mqtt_world w(limits);
    w.lasting_client("p").sends(once).gets();
    peer p = w.lasting_client("p");
    p.sends(message("t", "a", qos::exactly_once, 1)).sends(message("t", "b", qos::exactly_once, 2)).gets();
    p.sends(pubrel{.packet_id = 5});
    CHECK(p.gets() == lines{"PUBCOMP id=5"});
    SECTION("so the credit is still used up") {
        p.sends(message("t", "c", qos::exactly_once, 3));
        CHECK(p.gets() == lines{"DISCONNECT reason='receive maximum exceeded'"});
    }
    SECTION("and what was taken comes back") {
        p.sends(pubrel{.packet_id = 1}).gets();
        p.sends(message("t", "c", qos::exactly_once, 3));
        CHECK(p.gets() == lines{"PUBREC id=3 reason='no matching subscribers'"});
    }
}

TEST_CASE("a PUBLISH that comes again over a new connection takes credit, once, and PUBCOMP gives it back [MQTT-3.3.4-7]") {
    options limits;
    limits.receive_max = 1;
    mqtt_world w(limits);
    w.lasting_client("p").sends(once).gets();
    SECTION("it is taken") {
        peer p = w.lasting_client("p");
        p.sends(again(once)).sends(again(once)).sends(message("t", "y", qos::exactly_once, 6));
        CHECK(p.gets() == lines{"PUBREC id=5", "PUBREC id=5", "DISCONNECT reason='receive maximum exceeded'"});
    }
    SECTION("it is given back") {
        peer p = w.lasting_client("p");
        p.sends(again(once)).sends(pubrel{.packet_id = 5});
        CHECK(p.gets() == lines{"PUBREC id=5", "PUBCOMP id=5"});
        p.sends(message("t", "y", qos::exactly_once, 6));
        CHECK(p.gets() == lines{"PUBREC id=6 reason='no matching subscribers'"});
    }
}

TEST_CASE("PUBREC waits for the commit, and so does PUBREC for a repeated PUBLISH") {
    mqtt_world w;
    w.lasting_client("s").sends(subscription_to("t")).gets();
    peer p = w.lasting_client("p");
    w.world.store().hold();
    p.sends(once).sends(again(once));
    CHECK(p.gets().empty());
    w.world.store().release();
    CHECK(p.gets() == lines{"PUBREC id=5", "PUBREC id=5"});
}

TEST_CASE("what was not acknowledged before a crash may be sent again and arrives once") {
    mqtt_world w;
    w.lasting_client("s").sends(subscription_to("t")).gets();
    peer p = w.lasting_client("p");
    w.world.store().hold();
    p.sends(once);
    CHECK(p.gets().empty());
    w.world.crash();
    peer q = w.lasting_client("p");
    q.sends(again(once));
    CHECK(q.gets() == lines{"PUBREC id=5"});
    peer s = w.lasting_client("s");
    CHECK(w.world.broker().find_session("s")->inbox().unacknowledged_count() == 1);
}

TEST_CASE("a failed commit frees the packet id") {
    mqtt_world w;
    w.lasting_client("s").sends(subscription_to("t")).gets();
    peer p = w.lasting_client("p");
    w.world.store().hold();
    p.sends(once);
    w.world.turn();
    w.world.store().break_down();
    w.world.store().release();
    CHECK(p.gets() == lines{"PUBREC id=5 reason='quota exceeded'"});
    w.world.store().repair();
    p.sends(once);
    CHECK(p.gets() == lines{"PUBREC id=5"});
}

TEST_CASE("PUBREL for an unknown packet id is answered with 0x92 [3.7.2.1]") {
    mqtt_world w;
    peer p = w.client("p");
    p.sends(pubrel{.packet_id = 9});
    CHECK(p.gets() == lines{"PUBCOMP id=9 reason='packet identifier not found'"});
    peer three = w.client("q", version::v3_1_1);
    three.sends(pubrel{.packet_id = 9});
    CHECK(three.gets() == lines{"PUBCOMP id=9"});
}

TEST_CASE("towards a subscriber PUBREL waits until PUBREC is stored [MQTT-4.3.3-4]") {
    mqtt_world w;
    peer s = w.lasting_client("s");
    s.sends(subscription_to("t")).gets();
    w.client("p").sends(once).gets();
    CHECK(s.gets() == lines{"PUBLISH q2 id=1 't' payload=1 \"x\""});
    w.world.store().hold();
    s.sends(pubrec{.packet_id = 1});
    CHECK(s.gets().empty());
    w.world.store().release();
    CHECK(s.gets() == lines{"PUBREL id=1"});
    s.sends(pubcomp{.packet_id = 1});
    s.gets();
    CHECK(w.world.broker().find_session("s")->inbox().unacknowledged_count() == 0);
    CHECK(w.world.store().size(core::table::entries) == 0);
}

TEST_CASE("after a reconnect PUBLISH comes again with DUP before PUBREC, and PUBREL after it [MQTT-4.4.0-1]") {
    mqtt_world w;
    peer s = w.lasting_client("s");
    s.sends(subscription_to("t")).gets();
    w.client("p").sends(once).gets();
    s.gets();
    SECTION("reconnect before PUBREC") {
        s.breaks();
        CHECK(w.lasting_client("s").gets().empty());
    }
    SECTION("crash before PUBREC") { w.world.crash(); }
    SECTION("reconnect after PUBREC") {
        s.sends(pubrec{.packet_id = 1}).gets();
        s.breaks();
        peer r = w.returning("s");
        const lines got = r.gets();
        REQUIRE(got.size() == 2);
        CHECK(got[1] == "PUBREL id=1");
        return;
    }
    SECTION("crash after PUBREC") {
        s.sends(pubrec{.packet_id = 1}).gets();
        w.world.crash();
        peer r = w.returning("s");
        const lines got = r.gets();
        REQUIRE(got.size() == 2);
        CHECK(got[1] == "PUBREL id=1");
        r.sends(pubcomp{.packet_id = 1});
        CHECK(r.gets().empty());
        CHECK(w.world.store().size(core::table::entries) == 0);
        return;
    }
    peer r = w.returning("s");
    const lines got = r.gets();
    REQUIRE(got.size() == 2);
    CHECK(got[1] == "PUBLISH q2 dup id=1 't' payload=1 \"x\"");
}

TEST_CASE("a PUBREL repeated on a new connection waits for the PUBREC that is still being stored") {
    mqtt_world w;
    peer s = w.lasting_client("s");
    s.sends(subscription_to("t")).gets();
    w.client("p").sends(once).gets();
    s.gets();
    w.world.store().hold();
    s.sends(pubrec{.packet_id = 1});
    s.gets();
    s.breaks();
    peer r = w.returning("s");
    CHECK(r.gets().empty());
    w.world.store().release();
    const lines got = r.gets();
    REQUIRE(got.size() == 2);
    CHECK(got[1] == "PUBREL id=1");
}

TEST_CASE("a failed commit frees every packet id that waited for it, whether or not its client is still there") {
    mqtt_world w;
    w.lasting_client("s").sends(subscription_to("t")).gets();
    const version v = GENERATE(version::v3_1_1, version::v5);
    peer p = w.lasting_client("p", v);
    w.world.store().hold();
    const publish other = message("t", "y", qos::exactly_once, 6);
    p.sends(once).sends(other);
    w.world.turn();
    const bool gone = GENERATE(false, true);
    if (gone) p.breaks();
    w.world.store().break_down();
    w.world.store().release();
    w.world.settle();
    w.world.store().repair();
    if (!gone) p.breaks();
    peer r = w.lasting_client("p", v);
    r.sends(again(once)).sends(again(other));
    CHECK(r.gets() == lines{"PUBREC id=5", "PUBREC id=6"});
    CHECK(w.world.broker().find_session("s")->inbox().unacknowledged_count() +
              w.world.broker().find_session("s")->inbox().ready_count() == 2);
}

TEST_CASE("a PUBREC whose commit failed is stored before PUBREL leaves, so its message never comes again") {
    mqtt_world w;
    if (GENERATE(false, true)) w.lasting_client("t").sends(subscription_to("t")).gets();  // the message's record is shared
    peer s = w.lasting_client("s");
    lose_pubrec(w, s);
    CHECK(s.gets() == lines{"DISCONNECT reason='quota exceeded'"});

    {
        peer r = w.returning("s");
        CHECK(r.gets().size() == 1);  // CONNACK
        w.world.store().repair();
        CHECK(r.gets() == lines{"PUBREL id=1"});
    }
    w.world.crash();
    peer r = w.returning("s");
    const lines got = r.gets();
    REQUIRE(got.size() == 2);
    CHECK(got[1] == "PUBREL id=1");
    r.sends(pubcomp{.packet_id = 1});
    CHECK(r.gets().empty());
    CHECK(w.world.broker().find_session("s")->inbox().unacknowledged_count() == 0);
}

TEST_CASE("a crash before a failed PUBREC could be stored never brings its message as a new one") {
    mqtt_world w;
    w.lasting_client("t").sends(subscription_to("t")).gets();
    peer s = w.lasting_client("s");
    lose_pubrec(w, s);
    s.gets();
    w.world.crash();
    peer r = w.returning("s");
    const lines got = r.gets();
    REQUIRE(got.size() == 2);
    CHECK(got[1] == "PUBLISH q2 dup id=1 't' payload=1 \"x\"");  // the client knows this packet id still
}

TEST_CASE("a PUBREL whose commit failed is answered only once the packet id's record is gone") {
    mqtt_world w;
    w.lasting_client("s").sends(subscription_to("t")).gets();
    peer p = w.lasting_client("p");
    p.sends(once).gets();
    w.world.store().hold();
    p.sends(pubrel{.packet_id = 5});
    w.world.turn();
    w.world.store().break_down();
    w.world.store().release();
    CHECK(p.gets() == lines{"DISCONNECT reason='quota exceeded'"});
    peer again_p = w.returning("p");
    again_p.gets();
    again_p.sends(pubrel{.packet_id = 5});
    CHECK(again_p.gets() == lines{"DISCONNECT reason='quota exceeded'"});  // not PUBCOMP: the record is still there
    w.world.store().repair();
    peer third = w.lasting_client("p");
    third.sends(pubrel{.packet_id = 5});
    CHECK(third.gets() == lines{"PUBCOMP id=5"});
    third.sends(message("t", "next", qos::exactly_once, 5));
    CHECK(third.gets() == lines{"PUBREC id=5"});
    CHECK(w.world.broker().find_session("s")->inbox().unacknowledged_count() == 2);
}
