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

TEST_CASE("a will to an AMQP address goes where a message to it would go [mapping.md, Meeting points]") {
    mqtt_world w;
    REQUIRE(w.world.broker().declare_queue({.name = "obituaries", .durable = true, .arguments = {}}, connection_id::none));
    property_block of_will, kept;
    of_will.number(property::message_expiry_s, 60);
    of_will.number(property::will_delay_s, 5);
    kept.number(property::session_expiry_s, 100);
    connect c = with_will(version::v5, of_will, kept);
    c.will->topic = GENERATE("$amqp/queue/obituaries", "$amqp/exchange/amq.fanout/any.key");
    if (c.will->topic.ends_with("key"))
        REQUIRE(w.world.broker().bind({.source = w.world.broker().find_exchange("amq.fanout"),
                                       .to_queue = w.world.broker().find_queue("obituaries"),
                                       .from = &w.amqp_origin,
                                       .key = "",
                                       .arguments = {},
                                       .options = nullptr}));
    peer s = w.subscriber("s", "#");
    w.client(c).breaks();
    w.world.restart();
    w.world.pass_ms(5'000);
    const auto taken = w.world.broker().find_queue("obituaries")->take(true);
    REQUIRE(taken);
    CHECK(taken->message->from() == core::protocol::amqp);
    CHECK(taken->message->payload() == "gone");
    CHECK(taken->message->expires_wall_ms() != 0);
}

TEST_CASE("a will to an AMQP address is refused as a message to it would be") {
    mqtt_world w;
    const auto answer = [&w](std::string_view topic) {
        connect c = with_will();
        c.will->topic = topic;
        peer p = w.stranger();
        p.sends(c);
        return p.gets().front();
    };
    CHECK(answer("$amqp/exchange/forbidden/k") == "CONNACK reason='not authorized'");
    for (const char* nowhere : {"$amqp/exchange/missing/k", "$amqp/exchange/amq.topic", "$amqp/queue/", "$amqp/x"})
        CHECK(answer(nowhere) == "CONNACK reason='topic name invalid'");
    CHECK(answer("$amqp/queue/missing").starts_with("CONNACK {"));
}

TEST_CASE("a will whose exchange has gone is refused and counted") {
    mqtt_world w;
    REQUIRE(w.world.broker().declare_exchange({.name = "x", .type = core::exchange_type::fanout, .arguments = {}}));
    connect c = with_will();
    c.will->topic = "$amqp/exchange/x/k";
    peer p = w.client(c);
    REQUIRE(w.world.broker().delete_exchange("x", false));
    const std::uint64_t before = w.world.broker().counted().refused;
    p.breaks();
    CHECK(w.world.broker().counted().refused == before + 1);
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

namespace {

/// A will that waits `delay_s`, of a session that is kept for `kept_s`.
struct delayed {
    delayed(std::uint32_t delay_s, std::uint32_t kept_s) {
        of_will.number(property::will_delay_s, delay_s);
        of_connect.number(property::session_expiry_s, kept_s);
    }
    connect packet() const { return with_will(version::v5, of_will, of_connect); }
    property_block of_will, of_connect;
};

}  // namespace

TEST_CASE("a delayed will that is also retained is retained once its delay is over [MQTT-3.1.2-15, 3.1.3.2.2]") {
    mqtt_world w;
    peer s = w.subscriber("s", "will/#");
    const delayed d(30, 100);
    connect c = d.packet();
    c.will->retain = true;
    w.client(c).breaks();
    w.world.pass_ms(29'999);
    CHECK(s.gets().empty());
    peer early = w.client("early");
    early.sends(subscription_to("will/#"));
    CHECK(early.gets() == lines{"SUBACK id=1 'granted QoS 2'"});
    w.world.pass_ms(1);
    CHECK(s.gets() == published);
    CHECK(early.gets() == published);
    peer late = w.client("late");
    late.sends(subscription_to("will/#"));
    CHECK(late.gets() == lines{"SUBACK id=1 'granted QoS 2'", "PUBLISH q1 retain id=1 'will/mortal' payload=4 \"gone\""});

    SECTION("and survives a restart") {
        w.world.restart();
        peer later = w.client("later");
        later.sends(subscription_to("will/#"));
        CHECK(later.gets().size() == 2);
    }
}

TEST_CASE("a will that is not retained leaves what is retained alone [MQTT-3.1.2-14]") {
    mqtt_world w;
    publish kept = message("will/mortal", "alive");
    kept.retain = true;
    w.client("p").sends(kept).gets();
    w.client(with_will()).breaks();
    peer s = w.client("s");
    s.sends(subscription_to("will/#"));
    CHECK(s.gets() == lines{"SUBACK id=1 'granted QoS 2'", "PUBLISH q0 retain 'will/mortal' payload=5 \"alive\""});
}

TEST_CASE("a delay that is longer than the session ends with it, and the will comes once [3.1.3.2.2]") {
    mqtt_world w;
    peer s = w.subscriber("s", "will/#");
    const delayed d(1'000, 20);
    w.client(d.packet()).breaks();
    w.world.pass_ms(19'999);
    CHECK(s.gets().empty());
    w.world.pass_ms(1);
    CHECK(s.gets() == published);
    w.world.pass_ms(10'000'000);
    CHECK(s.gets().empty());
}

TEST_CASE("a will that was published is gone from its session [MQTT-3.1.2-10]") {
    mqtt_world w;
    peer s = w.subscriber("s", "will/#");
    const delayed d(10, 1'000);
    w.client(d.packet()).breaks();
    w.world.pass_ms(10'000);
    CHECK(s.gets() == published);
    w.world.restart();
    peer again = w.subscriber("s", "will/#");
    w.world.pass_ms(1'000'000);
    CHECK(again.gets().empty());
}

TEST_CASE("who comes back with a clean start ends the session, so the delayed will is due [3.1.2.5, 3.1.4]") {
    mqtt_world w;
    peer s = w.subscriber("s", "will/#");
    const delayed d(30, 100);
    w.client(d.packet()).breaks();
    CHECK(s.gets().empty());
    peer back = w.client("mortal");
    CHECK(s.gets() == published);
    w.world.pass_ms(1'000'000);
    CHECK(s.gets().empty());
}

TEST_CASE("a takeover publishes a delayed will only if it ends the session [MQTT-3.1.3-9, 3.1.4]") {
    mqtt_world w;
    peer s = w.subscriber("s", "will/#");
    const delayed d(30, 100);
    peer first = w.client(d.packet());

    SECTION("the session goes on") {
        peer second = w.lasting_client("mortal");
        CHECK(first.is_closed());
        w.world.pass_ms(100'000);
        CHECK(s.gets().empty());
    }
    SECTION("a clean start ends it") {
        peer second = w.client("mortal");
        CHECK(first.is_closed());
        CHECK(s.gets() == published);
    }
}

TEST_CASE("who comes back brings a new will, and the old one is forgotten [MQTT-3.1.2-8]") {
    mqtt_world w;
    peer s = w.subscriber("s", "#");
    const delayed d(30, 100);
    w.client(d.packet()).breaks();
    w.world.pass_ms(10'000);
    connect c = d.packet();
    c.clean_start = false;
    c.will->payload = "new";
    w.client(c).breaks();
    w.world.pass_ms(29'999);
    CHECK(s.gets().empty());
    w.world.pass_ms(1);
    CHECK(s.gets() == lines{"PUBLISH q1 id=1 'will/mortal' payload=3 \"new\""});
}

TEST_CASE("DISCONNECT with 0x04 delays the will, with 0x00 it deletes it, and a changed expiry counts [3.14.2]") {
    mqtt_world w;
    peer s = w.subscriber("s", "will/#");
    const delayed d(30, 100);
    peer p = w.client(d.packet());

    SECTION("0x04") {
        p.sends(disconnect{.code = reason::disconnect_with_will}).gets();
        w.world.pass_ms(29'999);
        CHECK(s.gets().empty());
        w.world.pass_ms(1);
        CHECK(s.gets() == published);
    }
    SECTION("0x00") {
        p.sends(disconnect{}).gets();
        w.world.pass_ms(1'000'000);
        CHECK(s.gets().empty());
    }
    SECTION("0x04 and the session ends now") {
        property_block ends;
        ends.number(property::session_expiry_s, 0);
        p.sends(disconnect{.code = reason::disconnect_with_will, .properties = ends.view()}).gets();
        CHECK(s.gets() == published);
    }
}

TEST_CASE("a delayed will's expiry counts from its publication, after a restart too [3.1.3.2.4]") {
    mqtt_world w;
    delayed d(30, 100);
    d.of_will.number(property::message_expiry_s, 60);
    w.client(d.packet()).breaks();
    if (GENERATE(false, true)) w.world.restart();
    peer s = w.subscriber("s", "will/#");
    w.world.pass_ms(30'000);
    CHECK(s.gets() == lines{"PUBLISH q1 id=1 'will/mortal' payload=4 {message_expiry_s=60} \"gone\""});
}

TEST_CASE("a will that expires at once reaches nobody [3.1.3.2.4]") {
    mqtt_world w;
    peer s = w.subscriber("s", "will/#");
    property_block expiry;
    expiry.number(property::message_expiry_s, 0);
    w.client(with_will(version::v5, expiry)).breaks();
    CHECK(s.gets().empty());
    CHECK(w.dropped(core::drop_reason::expired) == 1);
}
