#include <algorithm>

#include <catch2/catch.hpp>

#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::test;
using fate = core::receipt::fate;

TEST_CASE("the default exchange routes to the queue of that name [AMQP 3.1.3.1]") {
    core_world w;
    w.queue("q");
    CHECK(w.publish("", "q", "1").what == fate::routed);
    CHECK(w.publish("", "Q", "1").what == fate::no_target);
    REQUIRE(w.broker().delete_queue("q", false, false, {}));
    CHECK(w.publish("", "q", "1").what == fate::no_target);
}

TEST_CASE("direct, fanout and topic exchanges route by key [AMQP 3.1.3]") {
    core_world w;
    core::queue& q = w.queue("q");
    w.bind("amq.direct", q, "k");
    w.bind("amq.topic", q, "a.*.c");
    CHECK(w.publish("amq.direct", "k", "").what == fate::routed);
    CHECK(w.publish("amq.direct", "kk", "").what == fate::no_target);
    CHECK(w.publish("amq.topic", "a.b.c", "").what == fate::routed);
    CHECK(w.publish("amq.topic", "a.b", "").what == fate::no_target);
    CHECK(w.publish("amq.fanout", "any", "").what == fate::no_target);
    w.bind("amq.fanout", q, "");
    CHECK(w.publish("amq.fanout", "any", "").what == fate::routed);
}

TEST_CASE("a direct exchange compares levels where a key and a name were written in different protocols") {
    core_world w;
    const auto reached = [&](std::string_view name, const core::origin& from) {
        w.publish("amq.direct", name, "", 0, from);
        std::string found;
        w.broker().each_queue([&](const core::queue& q) {
            if (w.broker().find_queue(q.name())->purge() > 0) found += q.name();
        });
        std::sort(found.begin(), found.end());
        return found;
    };
    for (const char* name : {"a", "b", "c", "d"}) w.queue(name);
    const auto bind = [&](const char* q, std::string_view key, const core::origin& from) {
        w.bind("amq.direct", *w.broker().find_queue(q), key, {}, {}, from);
    };
    bind("a", "x.y", plain_amqp);
    bind("b", "x.y", plain_amqp);
    bind("c", "x/y", plain_amqp);
    CHECK(reached("x.y", plain_amqp) == "ab");
    CHECK(reached("x/y", plain_amqp) == "c");
    CHECK(reached("x/y", plain_mqtt) == "ab");
    CHECK(reached("x.y", plain_mqtt) == "");
    CHECK(reached("x", plain_mqtt) == "");

    bind("d", "x/y", plain_mqtt);  // the levels are known already
    bind("d", "x.z", plain_amqp);
    CHECK(reached("x/y", plain_mqtt) == "abd");
    CHECK(reached("x/z", plain_mqtt) == "d");
    CHECK(reached("x.y", plain_amqp) == "abd");
    CHECK(reached("x/y", plain_amqp) == "c");

    REQUIRE(w.broker().delete_queue("a", false, false, {}));
    CHECK(reached("x/y", plain_mqtt) == "bd");
    REQUIRE(w.broker().delete_queue("b", false, false, {}));
    REQUIRE(w.broker().delete_queue("d", false, false, {}));
    CHECK(reached("x/y", plain_mqtt) == "");
    CHECK(reached("x/z", plain_mqtt) == "");
}

TEST_CASE("a queue bound on several ways gets one copy") {
    core_world w;
    core::queue& q = w.queue("q");
    w.bind("amq.topic", q, "a.#");
    w.bind("amq.topic", q, "#.b");
    w.bind("amq.topic", q, "#.a.#.b.#");
    w.publish("amq.topic", "a.b", "");
    CHECK(q.ready_count() == 1);
}

TEST_CASE("a headers exchange matches all, any, and ignores x- arguments unless told [AMQP 3.1.3.4]") {
    core_world w;
    const auto binds = [&](const char* name, core::field_table arguments) { w.bind("amq.headers", w.queue(name), "", std::move(arguments)); };
    using text = std::string;
    binds("all", {{"x-match", text("all")}, {"a", text("1")}, {"b", text("2")}, {"x-ignored", text("z")}});
    binds("any", {{"x-match", text("any")}, {"a", text("1")}, {"b", text("2")}});
    binds("exists", {{"a", core::no_value{}}});
    binds("with-x", {{"x-match", text("any-with-x")}, {"x-kind", text("k")}});
    const auto counts = [&](std::string_view raw) {
        w.raw = raw;
        w.publish("amq.headers", "", "");
        std::string all;
        for (const char* name : {"all", "any", "exists", "with-x"}) all += std::to_string(w.broker().find_queue(name)->purge());
        return all;
    };
    CHECK(counts("a=1;b=2") == "1110");
    CHECK(counts("a=1") == "0110");
    CHECK(counts("a=9") == "0010");
    CHECK(counts("x-kind=k") == "0001");
    CHECK(counts("") == "0000");
}

TEST_CASE("exchanges bind to exchanges, cycles end, and what nothing matches goes to the alternate exchange") {
    core_world w;
    core::queue& q = w.queue("q");
    core::queue& other = w.queue("other");
    auto declare = [&](const char* name, core::field_table arguments = {}) {
        return w.broker().declare_exchange({.name = name, .type = core::exchange_type::topic, .arguments = std::move(arguments)}).value().it;
    };
    core::exchange* a = declare("a");
    core::exchange* b = declare("b", {{"alternate-exchange", std::string("amq.fanout")}});
    REQUIRE(w.broker().bind({.source = a, .to_exchange = b, .key = "x.#", .arguments = {}, .options = {}}));
    REQUIRE(w.broker().bind({.source = b, .to_exchange = a, .key = "#", .arguments = {}, .options = {}}));
    w.bind("b", q, "x.y");
    w.bind("amq.fanout", other, "");
    CHECK(w.publish("a", "x.y", "").what == fate::routed);
    CHECK(q.ready_count() == 1);
    CHECK(w.publish("b", "nobody", "").what == fate::no_target);  // the cycle's binding counted as a match
    REQUIRE(w.broker().unbind({.source = b, .to_exchange = a, .key = "#", .arguments = {}, .options = {}}).value().existed);
    CHECK(w.publish("b", "nobody", "").what == fate::routed);
    CHECK(other.ready_count() == 1);
}

TEST_CASE("a long chain of exchanges routes, and goes with its last binding if it is auto-delete") {
    core_world w;
    core::queue& q = w.queue("q");
    constexpr int length = 200'000;
    core::exchange* before = nullptr;
    for (int i = 0; i < length; ++i) {
        const core::exchange_definition like{.name = std::to_string(i), .type = core::exchange_type::fanout,
                                             .auto_delete = true, .arguments = {}};
        core::exchange* const next = w.broker().declare_exchange(like).value().it;
        if (before)
            REQUIRE(w.broker().bind({.source = before, .to_exchange = next, .key = "", .arguments = {}, .options = {}}));
        before = next;
    }
    w.bind(before->name().c_str(), q, "");
    CHECK(w.publish("0", "", "").what == fate::routed);
    CHECK(q.ready_count() == 1);
    REQUIRE(w.broker().delete_queue("q", false, false, {}));
    CHECK(w.broker().find_exchange("0") == nullptr);
}

TEST_CASE("an exchange that is bound to itself can be deleted") {
    core_world w;
    core::exchange* const x = w.broker().declare_exchange({.name = "x", .type = core::exchange_type::fanout}).value().it;
    REQUIRE(w.broker().bind({.source = x, .to_exchange = x, .key = "", .arguments = {}, .options = {}}));
    REQUIRE(w.broker().delete_exchange("x", false));
    CHECK(w.broker().find_exchange("x") == nullptr);
}

TEST_CASE("remembered routes follow every change of the topology") {
    core_world w;
    core::queue& q = w.queue("q");
    CHECK(w.publish("amq.topic", "a", "").what == fate::no_target);
    w.bind("amq.topic", q, "a");
    CHECK(w.publish("amq.topic", "a", "").what == fate::routed);
    REQUIRE(w.broker().unbind({.source = w.broker().find_exchange("amq.topic"), .to_queue = &q, .from = &plain_amqp, .key = "a",
                               .arguments = {}, .options = {}}).value().existed);
    CHECK(w.publish("amq.topic", "a", "").what == fate::no_target);
}

TEST_CASE("MQTT topics and AMQP keys meet on levels") {
    core_world w;
    core::session& s = w.session("c");
    w.subscribe(s, "sensors/+/temperature");
    w.bind("amq.topic", w.queue("q"), "sensors.*.temperature");
    for (const auto& [name, origin] : {std::pair{"sensors/1/temperature", &plain_mqtt}, std::pair{"sensors.1.temperature", &plain_amqp}}) {
        CHECK(w.publish("amq.topic", name, "21", 1, *origin).what == fate::routed);
        CHECK(s.inbox().purge() == 1);
        CHECK(w.broker().find_queue("q")->purge() == 1);
    }
}

TEST_CASE("of a message's several names a subscriber gets one that it asked for [MQTT-3.3.2-3]") {
    core_world w;
    const std::vector<std::string> more{"b.1", "b.2", "other"};
    const auto publishes = [&] {
        return w.broker().publish(*w.broker().find_exchange("amq.topic"), w.message("amq.topic", "a.1", "x"), more);
    };
    core::session& s = w.session("c");
    taker t;
    REQUIRE(s.inbox().add_consumer(t));
    SECTION("which is not the first one") {
        w.subscribe(s, "b/+");
        CHECK(publishes().what == fate::routed);
        w.turn();
        CHECK(t.payloads == texts{"x"});
        CHECK(t.last.message->name() == "b.1");
        CHECK(t.last.message->durable());
    }
    SECTION("and the first one, if it asked for that too; others' filters do not count") {
        w.subscribe(s, "b/+", 2);
        w.subscribe(s, "a/1", 0);
        publishes();
        w.turn();
        CHECK(t.payloads == texts{"x"});
        CHECK(t.last.message->name() == "a.1");
        CHECK(t.last.qos() == core::qos::at_most_once);
    }
    SECTION("while a queue gets what was published") {
        core::queue& q = w.queue("q");
        w.bind("amq.topic", q, "b.#");
        publishes();
        CHECK(q.ready_count() == 1);
        CHECK(q.take(true)->message->name() == "a.1");
    }
    SECTION("after a restart, too") {
        w.subscribe(s, "b/+");
        w.subscribe(w.session("d"), "b/2");
        w.bind("amq.topic", w.queue("q"), "#");
        s.inbox().remove_consumer(t);
        publishes();
        w.turn();
        w.restart();
        for (const auto& [client, name] : {std::pair{"c", "b.1"}, std::pair{"d", "b.2"}}) {
            core::queue& inbox = w.broker().find_session(client)->inbox();
            REQUIRE(inbox.ready_count() == 1);
            CHECK(inbox.take(true)->message->name() == name);
        }
        CHECK(w.broker().find_queue("q")->take(true)->message->name() == "a.1");
    }
}

TEST_CASE("patterns and retained names with more levels than the limit are refused") {
    core_world w;
    const std::string deep(60'000, '/');
    const auto refused = w.broker().bind({.source = w.broker().find_exchange("amq.topic"), .to_queue = &w.queue("q"),
                                          .from = &plain_mqtt, .key = deep, .arguments = {}, .options = {}});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == core::error::invalid);
    w.retain = true;
    CHECK(w.publish("amq.topic", deep, "x", 1, plain_mqtt).what == fate::refused_by_limit);
    w.retain = false;
    CHECK(w.publish("amq.topic", deep, "x", 1, plain_mqtt).what == fate::no_target);
}

TEST_CASE("at the limit of retained messages a topic that has one may still change it") {
    core_world w({.retained_messages_max = 1});
    w.retain = true;
    CHECK(w.publish("amq.topic", "a", "1", 1, plain_mqtt).what == fate::no_target);
    CHECK(w.publish("amq.topic", "b", "1", 1, plain_mqtt).what == fate::refused_by_limit);
    CHECK(w.publish("amq.topic", "a", "2", 1, plain_mqtt).what == fate::no_target);
}
