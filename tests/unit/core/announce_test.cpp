#include <catch2/catch.hpp>

#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::test;
using fate = core::receipt::fate;

namespace {

struct announcing_world : core_world {
    void announce(std::string_view name, std::string_view payload) {
        broker().announce(core::message::make({.from = &plain_mqtt, .exchange = "amq.topic", .name = name, .raw_properties = {},
                                               .payload = payload, .qos = core::qos::exactly_once, .by = nullptr, .neutral = nullptr}));
    }
    std::size_t stored(core::table where) {
        std::size_t count = 0;
        store().scan(where, "", [&count](auto, auto) { return ++count > 0; });
        return count;
    }
};

}  // namespace

TEST_CASE("what the broker says goes to whoever has written $SYS out, and the last of it to who comes later [MQTT-4.7.2-1]") {
    announcing_world w;
    core::queue& written = w.queue("written");
    core::queue& wild = w.queue("wild");
    core::queue& asked = w.queue("asked");
    w.bind("amq.topic", written, "$SYS.#");
    w.bind("amq.topic", wild, "#");
    w.bind("amq.topic", wild, "*.up");
    w.bind("amq.topic", asked, "#", {{"x-match-dollar", true}});
    w.announce("$SYS/up", "1");
    w.announce("$SYS/up", "2");
    CHECK(written.ready_count() == 2);
    CHECK(wild.ready_count() == 0);
    CHECK(asked.ready_count() == 2);

    core::queue& late = w.queue("late");
    w.broker().replay_retained(late, plain_mqtt.pattern("$SYS/#"), {});
    w.broker().replay_retained(late, plain_mqtt.pattern("#"), {});
    REQUIRE(late.ready_count() == 1);
    CHECK(late.take(true)->message->payload() == "2");
}

TEST_CASE("what the broker says is not stored and counts as nobody's message") {
    announcing_world w;
    core::queue& q = w.queue("durable");
    w.bind("amq.topic", q, "$SYS.#");
    w.subscribe(w.session("kept"), "$SYS/#");
    w.announce("$SYS/up", "1");
    w.settle();
    CHECK(w.stored(core::table::entries) + w.stored(core::table::messages) + w.stored(core::table::retained) == 0);
    CHECK(w.broker().retained_messages().size() == 0);
    CHECK(w.broker().counted().published == 0);
    CHECK(w.broker().memory()->messages == 0);
}

TEST_CASE("from nobody else a message under $SYS passes the MQTT exchange, whichever way it comes") {
    announcing_world w;
    core::queue& q = w.queue("q");
    w.bind("amq.topic", q, "$SYS.#");
    CHECK(w.publish("amq.topic", "$SYS.up", "x").what == fate::refused_name);
    CHECK(w.publish("amq.topic", "$SYS/up", "x", 1, plain_mqtt).what == fate::refused_name);
    CHECK(w.publish("amq.topic", "$SYS", "x").refused());
    CHECK(w.broker().counted().refused == 3);

    SECTION("through another exchange") {
        REQUIRE(w.broker().bind({.source = w.broker().find_exchange("amq.fanout"), .to_exchange = &w.broker().mqtt_exchange()}));
        CHECK(w.publish("amq.fanout", "$SYS.up", "x").what == fate::no_target);
        CHECK(w.publish("amq.fanout", "up", "x").what == fate::no_target);
    }
    SECTION("as a dead letter") {
        core::queue& dying = w.queue("dying", true, {{"x-dead-letter-exchange", std::string("amq.topic")},
                                                     {"x-dead-letter-routing-key", std::string("$SYS.up")}});
        w.publish("", "dying", "x");
        w.settle();
        dying.reject(dying.take(false)->seq);
        w.settle();
    }
    SECTION("after the broker has used the name") {
        w.announce("$SYS/up", "1");
        REQUIRE(q.take(true));
        CHECK(w.publish("amq.topic", "$SYS/up", "x", 1, plain_mqtt).what == fate::refused_name);
    }
    CHECK(q.ready_count() == 0);
    CHECK(w.publish("amq.topic", "$SYSTEM.up", "x").what == fate::no_target);
}

TEST_CASE("other exchanges do not care about names that begin with $SYS") {
    announcing_world w;
    core::queue& q = w.queue("$SYS.q");
    CHECK(w.publish("", "$SYS.q", "x").what == fate::routed);
    w.bind("amq.direct", q, "$SYS.up");
    CHECK(w.publish("amq.direct", "$SYS.up", "x").what == fate::routed);
}

TEST_CASE("messages in memory are counted, and subscriptions, and sessions") {
    core_world w;
    CHECK(w.broker().memory()->messages == 0);
    core::queue& q = w.queue("q");
    w.publish("", "q", "1");
    w.publish("", "q", "2");
    w.settle();
    CHECK(w.broker().memory()->messages == 2);
    q.take(true);
    CHECK(w.broker().memory()->messages == 1);

    w.subscribe(w.session("a"), "x");
    w.subscribe(w.session("b"), "x");
    w.bind("amq.topic", q, "x");
    CHECK(w.broker().session_count() == 2);
    CHECK(w.broker().subscription_count() == 2);
    w.settle();
    w.crash();
    CHECK(w.broker().session_count() == 2);
    CHECK(w.broker().subscription_count() == 2);
    w.session("a", 0, true);
    CHECK(w.broker().subscription_count() == 1);
}
