// Exchanges of type x-delayed-message: what waits, for how long, and where it is kept meanwhile.

#include <catch2/catch.hpp>

#include "core/delayed.hpp"
#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

struct delay_world : core_world {
    explicit delay_world(core::broker_options options = {}) : core_world(std::move(options)) {}

    void declare(const char* name, const char* routing = "direct", bool durable = true) {
        REQUIRE(broker().declare_exchange({.name = name,
                                           .type = core::exchange_type::delayed_message,
                                           .durable = durable,
                                           .arguments = {{"x-delayed-type", std::string(routing)}}}));
    }
    core::message_ptr with_delay(core::field_value delay, std::string_view key, std::string_view payload, bool durable = true,
                                 std::int64_t expires_wall = 0) {
        auto p = std::make_unique<core::properties>();
        p->headers.emplace_back("x-delay", std::move(delay));
        return core::message::make({.from = &plain_amqp,
                                    .exchange = "late",
                                    .name = key,
                                    .payload = payload,
                                    .qos = durable ? core::qos::at_least_once : core::qos::at_most_once,
                                    .durable = durable,
                                    .expires_wall_ms = expires_wall,
                                    .by = {},
                                    .neutral = std::move(p),
                                    .account = broker().memory()});
    }
    core::receipt send(core::field_value delay, std::string_view payload, bool durable = true) {
        return broker().publish(*broker().find_exchange("late"), with_delay(std::move(delay), "k", payload, durable));
    }
    texts drain(const char* queue) {
        texts all;
        while (const auto e = broker().find_queue(queue)->take(true)) {
            all.emplace_back(e->message->payload());
            last = *e;
        }
        settle();
        return all;
    }
    core::entry last;
};

/// A queue bound to a delaying exchange by the key "k".
struct late_world : delay_world {
    explicit late_world(core::broker_options options = {}) : delay_world(std::move(options)) {
        declare("late");
        bind("late", queue("q"), "k");
        settle();
    }
};

std::int64_t delay_header(const core::message& m) {
    std::int64_t ms = 0;
    const core::field_value* value = core::find(m.properties().headers, "x-delay");
    REQUIRE(value);
    REQUIRE(core::as_integer(*value, ms));
    return ms;
}

}  // namespace

TEST_CASE("a message is routed when its delay is over, and its header says how long that was") {
    late_world w;
    const core::receipt r = w.send(std::int32_t{5'000}, "later");
    CHECK(r.what == core::receipt::fate::routed);
    w.pass_ms(4'999);
    CHECK(w.drain("q").empty());
    w.pass_ms(1);
    CHECK(w.drain("q") == texts{"later"});
    CHECK(delay_header(*w.last.message) == -5'000);
}

TEST_CASE("the shortest delay goes first, and equal ones in the order in which they came") {
    late_world w;
    w.send(std::int32_t{300}, "c");
    w.send(std::int32_t{100}, "a");
    w.send(std::int32_t{200}, "b1");
    w.send(std::int64_t{200}, "b2");
    w.pass_ms(1'000);
    CHECK(w.drain("q") == texts{"a", "b1", "b2", "c"});
}

TEST_CASE("a delay may be any integer, a text or a floating number; what is no time to wait does not wait") {
    late_world w;
    const core::field_value waits = GENERATE(core::field_value(std::int8_t{100}), core::field_value(std::uint16_t{100}),
                                             core::field_value(std::uint64_t{100}), core::field_value(std::string("100")),
                                             core::field_value(100.9), core::field_value(100.5F),
                                             core::field_value(std::int64_t{0xFFFF'FFFF}));
    w.send(waits, "x");
    w.settle();
    CHECK(w.drain("q").empty());
    const core::field_value does_not = GENERATE(core::field_value(std::int32_t{0}), core::field_value(std::int32_t{-5}),
                                                core::field_value(std::int64_t{0x1'0000'0000}), core::field_value(std::string("soon")),
                                                core::field_value(true), core::field_value(core::no_value()),
                                                core::field_value(std::numeric_limits<double>::quiet_NaN()));
    w.send(does_not, "y");
    CHECK(w.drain("q") == texts{"y"});
}

TEST_CASE("the time that a message may live begins when its delay is over") {
    late_world w;
    w.broker().publish(*w.broker().find_exchange("late"),
                       w.with_delay(std::int32_t{1'000}, "k", "short-lived", true, w.now().wall_ms + 500));
    w.pass_ms(1'000);
    CHECK(w.broker().find_queue("q")->ready_count() == 1);
    w.pass_ms(500);
    CHECK(w.broker().find_queue("q")->ready_count() == 0);
}

TEST_CASE("it routes as the type in x-delayed-type does, by the bindings of that time") {
    delay_world w;
    const char* type = GENERATE("direct", "fanout", "topic", "x-consistent-hash");
    w.declare("late", type);
    w.send(std::int32_t{1'000}, "x");
    w.bind("late", w.queue("q"), type == std::string("x-consistent-hash") ? "1" : "k");
    w.pass_ms(1'000);
    CHECK(w.drain("q") == texts{"x"});
}

TEST_CASE("an exchange that delays needs a type that routes") {
    delay_world w;
    const auto declared = [&](core::field_table arguments) {
        return w.broker().declare_exchange(
            {.name = "late", .type = core::exchange_type::delayed_message, .arguments = std::move(arguments)});
    };
    CHECK(declared({}).error().code == core::error::precondition_failed);
    CHECK(declared({{"x-delayed-type", std::int32_t{1}}}).error().code == core::error::precondition_failed);
    CHECK(declared({{"x-delayed-type", std::string("odd")}}).error().code == core::error::unknown_type);
    CHECK(declared({{"x-delayed-type", std::string("x-delayed-message")}}).error().code == core::error::precondition_failed);
    CHECK(declared({{"x-delayed-type", std::string("headers")}}));
}

TEST_CASE("what waits survives a restart, goes at its time, and leaves nothing in the store") {
    late_world w;
    const bool durable = GENERATE(true, false);  // in a durable exchange both wait in the store
    const core::receipt r = w.send(std::int32_t{10'000}, "later", durable);
    CHECK(r.commit != 0);
    w.settle();
    CHECK(w.store().size(core::table::delayed) == 1);
    w.crash();
    w.settle();
    CHECK(w.broker().delayed_messages().size() == 1);
    w.pass_ms(9'999);
    CHECK(w.drain("q").empty());
    w.pass_ms(1);
    CHECK(w.drain("q") == texts{"later"});
    CHECK(w.store().size(core::table::delayed) == 0);
    CHECK(w.store().size(core::table::entries) == 0);
    CHECK(w.broker().memory()->messages == (w.last.message ? 1U : 0U));
}

TEST_CASE("what came due while the broker was away goes at once") {
    late_world w;
    w.send(std::int32_t{1'000}, "1");
    w.send(std::int32_t{2'000}, "2");
    w.settle();
    w.store().hold();
    w.pass_ms(5'000);  // awakened, but nothing of it is stored when the power goes
    w.crash();
    w.settle();
    CHECK(w.drain("q") == texts{"1", "2"});
}

TEST_CASE("a transient exchange holds messages in memory only") {
    delay_world w;
    w.declare("late", "direct", false);
    w.bind("late", w.queue("q"), "k");
    const core::receipt r = w.send(std::int32_t{1'000}, "x");
    CHECK(r.what == core::receipt::fate::routed);
    CHECK(r.commit == 0);
    w.settle();
    CHECK(w.store().size(core::table::delayed) == 0);
    w.pass_ms(1'000);
    CHECK(w.drain("q") == texts{"x"});
}

TEST_CASE("nobody sees an awakened message before it is stored in its queue; if that fails, it waits on and goes once") {
    late_world w;
    taker t;
    t.automatic = true;
    REQUIRE(w.broker().find_queue("q")->add_consumer(t));
    w.send(std::int32_t{1'000}, "x");
    w.settle();
    w.store().hold();
    w.pass_ms(1'000);
    CHECK(t.payloads.empty());
    SECTION("stored") {
        w.store().release();
        w.settle();
        CHECK(t.payloads == texts{"x"});
    }
    SECTION("failed, and tried again") {
        w.store().break_down();
        w.store().release();
        w.settle();
        CHECK(t.payloads.empty());
        CHECK(w.broker().delayed_messages().size() == 1);
        w.store().repair();
        w.pass_ms(1'000);
        w.pass_ms(1'000);
        CHECK(t.payloads == texts{"x"});
    }
    CHECK(w.store().size(core::table::delayed) == 0);
    CHECK(w.store().size(core::table::entries) == 0);
    w.broker().find_queue("q")->remove_consumer(t);
}

TEST_CASE("while the store takes nothing, a durable message is refused and one that is stored waits on") {
    late_world w;
    w.send(std::int32_t{1'000}, "stored");
    w.settle();
    w.store().break_down();
    CHECK(w.send(std::int32_t{1'000}, "x").what == core::receipt::fate::refused_by_storage);
    CHECK(w.send(std::int32_t{1'000}, "transient", false).what == core::receipt::fate::routed);
    w.pass_ms(1'500);
    CHECK(w.drain("q") == texts{"transient"});
    w.store().repair();
    w.pass_ms(1'000);
    CHECK(w.drain("q") == texts{"stored"});
}

TEST_CASE("what waits counts as messages in memory, and beyond its limit more is refused") {
    late_world w({.delayed_bytes_max = 2'000});
    w.send(std::int32_t{1'000}, std::string(1'000, 'x'));
    CHECK(w.broker().memory()->messages == 1);
    CHECK(w.broker().memory()->bytes >= 1'000);
    CHECK(w.send(std::int32_t{1'000}, std::string(1'000, 'y')).what == core::receipt::fate::refused_by_limit);
    CHECK(w.broker().counted().refused == 1);
    w.pass_ms(1'000);
    CHECK(w.send(std::int32_t{1'000}, std::string(1'000, 'z')).what == core::receipt::fate::routed);
}

TEST_CASE("a delaying exchange behind another one holds back, while the rest of the message's way goes on") {
    late_world w;
    w.broker().declare_exchange({.name = "first", .type = core::exchange_type::fanout, .durable = true}).value();
    w.bind("first", w.queue("now"), "");
    REQUIRE(w.broker().bind({.source = w.broker().find_exchange("first"),
                             .to_exchange = w.broker().find_exchange("late"),
                             .from = &plain_amqp,
                             .key = ""}));
    w.broker().publish(*w.broker().find_exchange("first"), w.with_delay(std::int32_t{1'000}, "k", "x"));
    CHECK(w.drain("now") == texts{"x"});
    CHECK(w.drain("q").empty());
    w.pass_ms(1'000);
    CHECK(w.drain("now").empty());
    CHECK(w.drain("q") == texts{"x"});
}

TEST_CASE("of a message whose exchange has gone meanwhile nothing is left but a count") {
    late_world w;
    w.send(std::int32_t{1'000}, "x");
    REQUIRE(w.broker().delete_exchange("late", false));
    w.pass_ms(1'000);
    CHECK(w.drain("q").empty());
    CHECK(w.broker().counted().unroutable == 1);
    CHECK(w.store().size(core::table::delayed) == 0);
    CHECK(w.broker().memory()->messages == 0);
}

TEST_CASE("the other names of a message wait with it") {
    late_world w;
    w.bind("late", w.queue("other"), "cc");
    const std::vector<std::string> more{"cc", "k"};
    w.broker().publish(*w.broker().find_exchange("late"), w.with_delay(std::int32_t{1'000}, "k", "x"), more);
    w.settle();
    w.crash();
    w.pass_ms(1'000);
    CHECK(w.drain("q") == texts{"x"});
    CHECK(w.drain("other") == texts{"x"});
}
