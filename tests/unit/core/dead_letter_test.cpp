// The history that a dead letter carries, and where it may not go.

#include <catch2/catch.hpp>

#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

struct morgue : core_world {
    morgue() { settle(); }

    core::queue& dying(const std::string& name, core::field_table more, std::string exchange = "", std::optional<std::string> key = "dead") {
        more.emplace_back("x-dead-letter-exchange", std::move(exchange));
        if (key) more.emplace_back("x-dead-letter-routing-key", *key);
        return queue(name, true, std::move(more));
    }
    core::entry taken(const std::string& name) {
        settle();
        auto e = broker().find_queue(name)->take(true);
        REQUIRE(e);
        return *e;
    }
    void reject(const std::string& name) {
        settle();
        core::queue& q = *broker().find_queue(name);
        const auto e = q.take(false);
        REQUIRE(e);
        q.reject(e->seq);
    }
    core::receipt publish_with(const std::string& name, core::field_table headers) {
        auto made = std::make_unique<core::properties>();
        made->headers = std::move(headers);
        return broker().publish(broker().default_exchange(),
                                core::message::make({.from = &plain_amqp, .name = name, .payload = "m", .neutral = std::move(made)}));
    }
    std::uint64_t cycles() { return broker().counted().dropped[static_cast<std::size_t>(core::drop_reason::cycle)]; }
};

core::field_array deaths(const core::entry& e) {
    return std::get<core::field_array>(core::find(e.message->properties().headers, "x-death")->base());
}
core::field_table death(const core::entry& e, std::size_t index) { return std::get<core::field_table>(deaths(e).at(index).base()); }
std::string text(const core::field_table& in, std::string_view name) {
    const core::field_value* value = core::find(in, name);
    return value && core::as_text(*value) ? *core::as_text(*value) : "(none)";
}
std::int64_t count(const core::field_table& in) {
    std::int64_t number = 0;
    core::as_integer(*core::find(in, "count"), number);
    return number;
}
core::field_array keys(std::initializer_list<const char*> all) {
    core::field_array array;
    for (const char* key : all) array.emplace_back(std::string(key));
    return array;
}
core::field_table ttl(std::int32_t ms) { return {{"x-message-ttl", ms}}; }

}  // namespace

TEST_CASE("a death says how often, why, where, when, and by which way the message had come") {
    morgue w;
    w.queue("dead");
    w.dying("q", ttl(100));
    w.publish("", "q", "m");
    w.pass_ms(100);
    const core::entry e = w.taken("dead");
    REQUIRE(deaths(e).size() == 1);
    const core::field_table d = death(e, 0);
    CHECK(count(d) == 1);
    CHECK(text(d, "reason") == "expired");
    CHECK(text(d, "queue") == "q");
    CHECK(text(d, "exchange").empty());
    CHECK(std::get<core::field_array>(core::find(d, "routing-keys")->base()) == keys({"q"}));
    CHECK(std::holds_alternative<core::timestamp>(core::find(d, "time")->base()));
    CHECK(e.message->name() == "dead");
}

TEST_CASE("the latest death stands first; the same one again is counted; first and last are named") {
    morgue w;
    w.dying("a", {}, "", "b");
    w.dying("b", {}, "", "a");
    w.publish("", "a", "m");
    w.reject("a");
    w.reject("b");
    w.reject("a");
    const core::entry e = w.taken("b");
    REQUIRE(deaths(e).size() == 2);
    CHECK(text(death(e, 0), "queue") == "a");
    CHECK(count(death(e, 0)) == 2);
    CHECK(text(death(e, 1), "queue") == "b");
    CHECK(count(death(e, 1)) == 1);
    const core::field_table& headers = e.message->properties().headers;
    CHECK(text(headers, "x-first-death-queue") == "a");
    CHECK(text(headers, "x-first-death-reason") == "rejected");
    CHECK(text(headers, "x-first-death-exchange").empty());
    CHECK(text(headers, "x-last-death-queue") == "a");
    CHECK(text(headers, "x-last-death-reason") == "rejected");
}

TEST_CASE("without a routing key of its own a dead letter goes by all keys that it had, CC too") {
    morgue w;
    w.broker().declare_exchange({.name = "x", .arguments = {}}).value();
    for (const char* name : {"by-name", "by-cc", "both"}) w.queue(name);
    w.bind("x", *w.broker().find_queue("by-name"), "q");
    w.bind("x", *w.broker().find_queue("by-cc"), "cc");
    w.bind("x", *w.broker().find_queue("both"), "q");
    w.bind("x", *w.broker().find_queue("both"), "cc");
    w.dying("q", ttl(10), "x", std::nullopt);
    w.publish_with("q", {{"CC", keys({"cc"})}});
    w.pass_ms(10);
    for (const char* name : {"by-name", "by-cc", "both"}) {
        const core::entry e = w.taken(name);
        CHECK(e.message->name() == "q");
        CHECK(std::get<core::field_array>(core::find(death(e, 0), "routing-keys")->base()) == keys({"q", "cc"}));
        CHECK(w.broker().find_queue(name)->ready_count() == 0);
    }
}

TEST_CASE("with a routing key of its own it goes by that one only, and CC is taken out") {
    morgue w;
    w.queue("dead");
    w.queue("cc");
    w.dying("q", ttl(10));
    w.publish_with("q", {{"CC", keys({"cc"})}});
    w.pass_ms(10);
    CHECK_FALSE(core::find(w.taken("dead").message->properties().headers, "CC"));
    CHECK(w.broker().find_queue("cc")->ready_count() == 0);
}

TEST_CASE("a cycle goes on only if somebody rejected the message on the way, and what ends in one is counted") {
    morgue w;
    w.dying("a", {}, "", "b");
    w.dying("b", ttl(10), "", "a");
    w.publish("", "a", "m");
    for (int round = 0; round < 3; ++round) {
        w.reject("a");
        w.settle();
        w.pass_ms(10);
        CHECK(w.broker().find_queue("a")->ready_count() == 1);
    }
    w.dying("c", ttl(10), "", "c");
    w.publish("", "c", "m");
    w.pass_ms(10);
    CHECK(w.broker().find_queue("c")->ready_count() == 0);
    CHECK(w.cycles() == 1);
}

TEST_CASE("queues that take nothing and dead-letter into each other do not keep the broker busy for ever") {
    morgue w;
    w.broker().declare_exchange({.name = "mesh", .type = core::exchange_type::fanout, .arguments = {}}).value();
    for (int i = 0; i < 12; ++i)  // 12! ways
        w.bind("mesh", w.dying("q" + std::to_string(i), {{"x-max-length", std::int32_t{0}}}, "mesh"), "");
    w.queue("out");
    w.publish("mesh", "", "m");
    w.settle();
    CHECK(w.cycles() > 0);
    w.publish("", "out", "still there");
    CHECK(w.taken("out").message->payload() == "still there");
}

TEST_CASE("what dies on arrival has a commit to wait for: that of its dead letter") {
    morgue w;
    w.queue("dead");
    const bool durable = GENERATE(true, false);
    core::field_table why = GENERATE(core::field_table{{"x-message-ttl", std::int32_t{0}}}, core::field_table{{"x-max-length", std::int32_t{0}}});
    why.emplace_back("x-dead-letter-exchange", std::string());
    why.emplace_back("x-dead-letter-routing-key", std::string("dead"));
    w.queue("q", durable, std::move(why));
    w.settle();
    w.store().hold();
    const core::receipt r = w.publish("", "q", "m");
    REQUIRE(r.what == core::receipt::fate::routed);
    REQUIRE(r.commit != 0);
    w.settle();
    CHECK(w.broker().state_of(r.commit) == core::commit_state::pending);
    w.store().release();
    w.settle();
    CHECK(w.broker().state_of(r.commit) == core::commit_state::stored);
    w.crash();
    CHECK(w.broker().find_queue("dead")->ready_count() == 1);
}

TEST_CASE("a publisher whose message a full queue refuses and dead-letters is told so at once, and the dead letter is stored") {
    morgue w;
    w.queue("dead");
    w.dying("q", {{"x-max-length", std::int32_t{0}}, {"x-overflow", std::string("reject-publish-dlx")}});
    w.settle();
    CHECK(w.publish("", "q", "m").what == core::receipt::fate::refused_by_limit);
    w.settle();
    w.crash();
    CHECK(w.broker().find_queue("dead")->ready_count() == 1);
}

TEST_CASE("a transient message that dies on arrival has nothing to wait for, and nobody waits for a dead letter that goes nowhere for ever") {
    morgue w;
    w.queue("dead");
    w.dying("q", ttl(0));
    w.dying("lost", ttl(0), "", "nowhere");
    w.settle();
    CHECK(w.publish("", "q", "m", 0).commit == 0);
    const core::receipt r = w.publish("", "lost", "m");
    w.settle();
    CHECK((r.commit == 0 || w.broker().state_of(r.commit) == core::commit_state::stored));
}

TEST_CASE("what dies while the store takes nothing waits for it, and is neither lost nor doubled") {
    morgue w;
    w.queue("dead");
    w.dying("q", {});
    w.broker().publish(w.broker().default_exchange(),
                       core::message::make({.from = &plain_amqp, .name = "q", .payload = "m", .durable = true, .neutral = {}}));
    w.settle();
    w.store().break_down();
    w.reject("q");
    w.settle();
    CHECK(w.broker().find_queue("dead")->ready_count() == 0);
    SECTION("the store writes again") {
        w.store().repair();
        w.settle();
        CHECK(w.taken("dead").message->payload() == "m");
        w.settle();
        CHECK(w.store().size(core::table::entries) == 0);
    }
    SECTION("the process ends before: the message is where it was") {
        w.crash();
        w.store().repair();
        w.settle();
        CHECK(w.broker().find_queue("dead")->ready_count() + w.broker().find_queue("q")->ready_count() == 1);
    }
}

TEST_CASE("what one message causes in a mesh of queues that take nothing is bounded in time and in memory") {
    morgue w;
    w.broker().declare_exchange({.name = "mesh", .type = core::exchange_type::fanout, .arguments = {}}).value();
    constexpr int queues = 400;
    for (int i = 0; i < queues; ++i)
        w.bind("mesh", w.dying("q" + std::to_string(i), {{"x-max-length", std::int32_t{0}}}, "mesh"), "");
    w.queue("dead");
    w.dying("innocent", {{"x-max-length", std::int32_t{0}}});
    w.publish("mesh", "", "m");
    w.publish("", "innocent", "m");
    w.turn();
    CHECK(w.cycles() > 0);
    CHECK(w.broker().find_queue("dead")->ready_count() == 1);
    const auto deaths = w.broker().counted().dropped[static_cast<std::size_t>(core::drop_reason::maxlen)];
    CHECK(deaths < 100'000 + 10'000 + 3 * queues);
    w.settle();
    CHECK(w.broker().counted().dropped[static_cast<std::size_t>(core::drop_reason::maxlen)] == deaths);
}
