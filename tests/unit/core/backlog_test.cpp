// What of a durable AMQP queue is in memory and what is in the store only: nobody who uses the queue can tell.

#include <catch2/catch.hpp>

#include "persistence/check.hpp"
#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

/// A queue "q" of which memory holds eight entries at most: four in front, four behind that are not yet forgotten.
struct backlogged : core_world {
    explicit backlogged(core::broker_options options = {.queue_window_messages = 8}) : core_world(std::move(options)) {}

    core::queue& q() { return *broker().find_queue("q"); }
    void publish(int from, int to) {
        for (int i = from; i <= to; ++i) {
            core_world::publish("", "q", std::to_string(i));
            turn();
        }
        settle();
    }
    std::optional<core::entry> get(bool automatic = true) {
        for (int turns = 0; turns < 4; ++turns) {
            if (auto e = q().take(automatic)) return e;
            turn();
        }
        return std::nullopt;
    }
    texts drain() {
        texts all;
        while (const auto e = get()) all.emplace_back(e->message->payload());
        settle();
        return all;
    }
    void release_reads() {
        store().hold_reads(false);
        store().complete_reads(1'000);
    }
    std::size_t in_memory() { return broker().memory()->messages; }
    std::size_t findings() { return persistence::check(store()).findings.size(); }
};

texts numbers(int from, int to) {
    texts all;
    for (int i = from; i <= to; ++i) all.push_back(std::to_string(i));
    return all;
}

}  // namespace

TEST_CASE("a long queue is in memory in part, and handed out in order and once") {
    backlogged at;
    at.queue("q");
    at.publish(1, 200);
    CHECK(at.q().ready_count() == 200);
    CHECK(at.in_memory() <= 12);
    CHECK(at.store().size(core::table::entries) == 200);
    CHECK(at.drain() == numbers(1, 200));
    CHECK(at.q().ready_count() == 0);
    CHECK(at.q().bytes() == 0);
    CHECK(at.in_memory() == 0);
    CHECK(at.store().size(core::table::entries) == 0);
}

TEST_CASE("what comes while a long queue is drained keeps its place") {
    backlogged at;
    at.queue("q");
    at.publish(1, 50);
    texts got;
    for (int i = 51; i <= 150; ++i) {
        at.publish(i, i);
        if (i % 2) got.emplace_back(at.get()->message->payload());
    }
    for (const std::string& rest : at.drain()) got.push_back(rest);
    CHECK(got == numbers(1, 150));
}

TEST_CASE("a consumer gets a long queue as fast as it takes it, each message once and none flagged as redelivered") {
    backlogged at;
    core::queue& q = at.queue("q");
    at.publish(1, 100);
    taker c;
    c.automatic = true;
    bool flagged = false;
    REQUIRE(q.add_consumer(c));
    for (int i = 0; i < 100 && c.payloads.size() < 100; ++i) {
        at.turn();
        flagged = flagged || c.last.redelivered();
    }
    CHECK(c.payloads == numbers(1, 100));
    CHECK_FALSE(flagged);
    q.remove_consumer(c);
}

TEST_CASE("nothing is forgotten before it is stored") {
    backlogged at;
    at.queue("q");
    at.settle();
    at.store().hold();
    at.publish(1, 100);
    CHECK(at.in_memory() == 100);
    at.store().release();
    at.settle();
    CHECK(at.in_memory() <= 12);
    CHECK(at.drain() == numbers(1, 100));
}

TEST_CASE("what could not be stored stays in memory, and its place is between what could") {
    backlogged at;
    at.queue("q");
    at.publish(1, 40);
    at.store().hold();
    for (int i = 41; i <= 60; ++i) at.core_world::publish("", "q", std::to_string(i));
    at.turn();
    at.store().fail_next(core::commit_status::failed);
    at.store().complete_all();
    at.settle();
    at.store().repair();
    at.store().release();
    at.settle();
    at.publish(61, 100);
    CHECK(at.in_memory() >= 20);
    CHECK(at.in_memory() <= 32);
    CHECK(at.drain() == numbers(1, 100));
    CHECK(at.findings() == 0);
}

TEST_CASE("messages that are not durable stay in memory, between durable ones") {
    backlogged at;
    at.queue("q");
    for (int i = 1; i <= 90; ++i) {
        at.core_world::publish("", "q", std::to_string(i), i % 3 ? 1 : 0);
        at.turn();
    }
    at.settle();
    CHECK(at.in_memory() >= 30);
    CHECK(at.in_memory() <= 42);
    CHECK(at.drain() == numbers(1, 90));
}

TEST_CASE("what is given back goes to its old place in front of what is in the store") {
    backlogged at;
    core::queue& q = at.queue("q");
    at.publish(1, 60);
    std::vector<std::uint64_t> seqs;
    for (int i = 0; i < 30; ++i) seqs.push_back(at.get(false)->seq);
    for (auto s = seqs.rbegin(); s != seqs.rend(); ++s) q.requeue(*s);
    CHECK(q.ready_count() == 60);
    const auto again = at.get();
    CHECK(again->redelivered());
    CHECK(again->message->payload() == "1");
    CHECK(at.drain() == numbers(2, 60));
}

TEST_CASE("while the head is on its way the queue is not empty, and says when it is here") {
    struct waiting final : core::participant {
        void commits_settled() override { ++told; }
        void publishers_blocked(bool) override {}
        int told = 0;
    } who;
    backlogged at;
    core::queue& q = at.queue("q");
    at.broker().add(who);
    at.publish(1, 60);
    at.store().hold_reads(true);
    int taken = 0;
    while (q.take(true)) ++taken;
    CHECK(taken < 60);
    CHECK(q.ready_count() == static_cast<std::size_t>(60 - taken));
    REQUIRE(q.head_is_on_its_way());
    at.broker().await_head(who);
    at.settle();
    CHECK(who.told == 0);
    at.store().complete_reads();
    at.settle();
    CHECK(who.told == 1);
    CHECK(q.take(true)->message->payload() == std::to_string(taken + 1));
    at.store().hold_reads(false);
    at.store().complete_reads(100);
    CHECK(at.drain() == numbers(taken + 2, 60));
    CHECK_FALSE(q.head_is_on_its_way());
    at.broker().remove(who);
}

TEST_CASE("a page that cannot be read is asked for again") {
    backlogged at;
    at.queue("q");
    at.publish(1, 60);
    at.store().hold_reads(true);
    int taken = 0;
    while (at.q().take(true)) ++taken;
    at.store().complete_reads(100, true);
    at.settle();
    CHECK(at.q().head_is_on_its_way());
    at.store().hold_reads(false);
    at.pass_ms(1'000);
    CHECK(at.drain() == numbers(taken + 1, 60));
}

TEST_CASE("a purge takes what is in the store, too, and nothing that comes later; its records go bit by bit") {
    backlogged at;
    core::queue& q = at.queue("q");
    at.publish(1, 100);
    CHECK(q.purge() == 100);
    CHECK(q.ready_count() == 0);
    CHECK(q.bytes() == 0);
    for (int i = 101; i <= 130; ++i) at.core_world::publish("", "q", std::to_string(i));
    at.turn();
    CHECK(at.findings() == 0);
    at.settle();
    at.settle();
    CHECK(at.broker().retired_count() == 0);
    CHECK(at.store().size(core::table::entries) == 30);
    CHECK(at.store().size(core::table::retired) == 0);
    CHECK(at.drain() == numbers(101, 130));
    CHECK(at.broker().counted().dropped[static_cast<std::size_t>(core::drop_reason::purged)] == 100);
}

TEST_CASE("a purge under way survives a crash: nothing comes back") {
    backlogged at;
    at.queue("q");
    at.publish(1, 100);
    at.store().hold_reads(true);
    at.q().purge();
    at.settle();
    CHECK(at.store().size(core::table::entries) > 50);
    CHECK(at.findings() == 0);
    at.crash();
    CHECK(at.q().ready_count() == 0);
    at.publish(200, 220);
    CHECK(at.q().ready_count() == 21);
    at.release_reads();
    CHECK(at.drain() == numbers(200, 220));
    at.settle();
    CHECK(at.store().size(core::table::entries) == 0);
    CHECK(at.store().size(core::table::retired) == 0);
    CHECK(at.findings() == 0);
}

TEST_CASE("a page that is on its way when the queue is purged brings nothing back") {
    backlogged at;
    core::queue& q = at.queue("q");
    at.publish(1, 100);
    at.store().hold_reads(true);
    while (q.take(true)) continue;
    q.purge();
    at.publish(101, 103);
    at.store().hold_reads(false);
    at.store().complete_reads(100);
    CHECK(at.drain() == numbers(101, 103));
}

TEST_CASE("a deleted queue's name is free at once, although its records are still being erased; a crash forgets nothing") {
    backlogged at;
    at.queue("q");
    at.publish(1, 100);
    at.store().hold_reads(true);
    const auto deleted = at.broker().delete_queue("q", false, false, {});
    CHECK(deleted.value().messages == 100);
    at.queue("q");
    at.publish(101, 110);
    CHECK(at.findings() == 0);
    at.crash();
    CHECK(at.findings() == 0);
    CHECK(at.q().ready_count() == 10);
    at.release_reads();
    CHECK(at.drain() == numbers(101, 110));
    for (int i = 0; i < 3; ++i) at.settle();
    CHECK(at.store().size(core::table::entries) == 0);
    CHECK(at.store().size(core::table::retired) == 0);
}

TEST_CASE("after a restart a long queue is counted, not read into memory") {
    backlogged at;
    at.queue("q");
    at.publish(1, 200);
    const std::size_t bytes = at.q().bytes();
    at.crash();
    CHECK(at.q().ready_count() == 200);
    CHECK(at.q().bytes() == bytes);
    CHECK(at.in_memory() <= 12);
    const auto first = at.get();
    CHECK(first->message->payload() == "1");
    CHECK(first->redelivered());
    at.publish(201, 240);
    texts rest;
    std::size_t redelivered = 0;
    while (const auto e = at.get()) {
        rest.emplace_back(e->message->payload());
        redelivered += e->redelivered();
    }
    CHECK(rest == numbers(2, 240));
    CHECK(redelivered == 199);
    CHECK(at.q().bytes() == 0);
}

TEST_CASE("messages that several long queues share are kept as long as one of them refers to them, over a restart, too") {
    backlogged at;
    for (const char* name : {"q", "p"}) at.bind("amq.fanout", at.queue(name), "");
    for (int i = 1; i <= 60; ++i) {
        at.core_world::publish("amq.fanout", "", std::to_string(i));
        at.turn();
    }
    at.settle();
    CHECK(at.store().size(core::table::messages) == 60);
    CHECK(at.in_memory() <= 24);
    CHECK(at.drain() == numbers(1, 60));
    CHECK(at.store().size(core::table::messages) == 60);
    at.crash();
    CHECK(at.in_memory() <= 12);
    CHECK(at.findings() == 0);
    core::queue& p = *at.broker().find_queue("p");
    texts got;
    for (int turns = 0; turns < 200; ++turns, at.turn())
        while (const auto e = p.take(true)) got.emplace_back(e->message->payload());
    CHECK(got == numbers(1, 60));
    at.settle();
    CHECK(at.store().size(core::table::messages) == 0);
    CHECK(at.findings() == 0);
}

TEST_CASE("a purge gives up shared messages that are in the store only, but not those of another queue") {
    backlogged at;
    for (const char* name : {"q", "p"}) at.bind("amq.fanout", at.queue(name), "");
    for (int i = 1; i <= 60; ++i) {
        at.core_world::publish("amq.fanout", "", std::to_string(i));
        at.turn();
    }
    at.settle();
    at.q().purge();
    for (int i = 0; i < 4; ++i) at.settle();
    CHECK(at.store().size(core::table::messages) == 60);
    CHECK(at.findings() == 0);
    REQUIRE(at.broker().delete_queue("p", false, false, {}));
    for (int i = 0; i < 4; ++i) at.settle();
    CHECK(at.store().size(core::table::messages) == 0);
    CHECK(at.store().size(core::table::entries) == 0);
    CHECK(at.findings() == 0);
}

TEST_CASE("the length limit drops from the head of a long queue, and dead-letters what was in the store only") {
    backlogged at;
    at.bind("amq.fanout", at.queue("dead"), "");
    core::queue& q = at.queue("q", true, {{"x-max-length", std::int64_t{50}}, {"x-dead-letter-exchange", "amq.fanout"}});
    at.publish(1, 200);
    CHECK(q.ready_count() == 50);
    CHECK(at.drain() == numbers(151, 200));
    core::queue& dead = *at.broker().find_queue("dead");
    CHECK(dead.ready_count() == 150);
    texts letters;
    for (int turns = 0; turns < 400; ++turns, at.turn())
        while (const auto e = dead.take(true)) letters.emplace_back(e->message->payload());
    CHECK(letters == numbers(1, 150));
}

TEST_CASE("the limit of bytes counts what is in the store only, also after a restart") {
    backlogged at;
    core::queue& q = at.queue("q", true, {{"x-max-length-bytes", std::int64_t{200}}, {"x-overflow", "reject-publish"}});
    for (int i = 10; i < 99; ++i) at.publish(i, i);
    CHECK(q.ready_count() == 89);
    at.publish(10, 99);
    CHECK(q.ready_count() == 100);
    at.crash();
    at.publish(10, 10);
    CHECK(at.q().ready_count() == 100);
    at.get();
    at.publish(10, 12);
    CHECK(at.q().ready_count() == 100);
}

TEST_CASE("messages in the store only expire when they come to the head") {
    backlogged at;
    core::queue& q = at.queue("q", true, {{"x-message-ttl", std::int64_t{1'000}}});
    at.publish(1, 100);
    at.pass_ms(900);
    at.publish(101, 103);
    CHECK(q.ready_count() == 103);
    at.pass_ms(200);
    for (int i = 0; i < 100; ++i) at.turn();
    CHECK(q.ready_count() == 3);
    CHECK(at.drain() == numbers(101, 103));
}

TEST_CASE("each priority has a window of its own, and a higher one goes first though it is in the store only") {
    backlogged at;
    at.queue("q", true, {{"x-max-priority", std::int64_t{5}}});
    const auto say = [&](const std::string& payload, std::uint8_t priority) {
        auto p = std::make_unique<core::properties>();
        p->priority = priority;
        at.broker().publish(at.broker().default_exchange(),
                            core::message::make({.name = "q",
                                                 .payload = payload,
                                                 .qos = core::qos::at_least_once,
                                                 .durable = true,
                                                 .by = nullptr,
                                                 .neutral = std::move(p),
                                                 .account = at.broker().memory()}));
        at.turn();
    };
    for (int i = 1; i <= 60; ++i) {
        say("low " + std::to_string(i), 1);
        say("high " + std::to_string(i), 5);
    }
    at.settle();
    CHECK(at.in_memory() <= 24);
    at.crash();
    texts expected;
    for (const char* level : {"high ", "low "})
        for (int i = 1; i <= 60; ++i) expected.push_back(level + std::to_string(i));
    CHECK(at.drain() == expected);
}

TEST_CASE("many queues with a backlog share the memory: publishers are never stopped by what is stored") {
    backlogged at({.memory_bytes_max = 4 << 20});
    const std::string payload(1'000, 'x');
    for (int i = 0; i < 40; ++i) at.queue("many-" + std::to_string(i));
    for (int n = 0; n < 300; ++n) {
        for (int i = 0; i < 40; ++i) at.core_world::publish("", "many-" + std::to_string(i), payload + std::to_string(n));
        at.turn();
        REQUIRE_FALSE(at.broker().publishers_blocked());
    }
    at.settle();
    CHECK(at.broker().memory()->bytes < 3 << 20);
    core::queue& one = *at.broker().find_queue("many-7");
    CHECK(one.ready_count() == 300);
    int next = 0;
    for (int turns = 0; turns < 2'000; ++turns, at.turn())
        while (const auto e = one.take(true)) {
            REQUIRE(e->message->payload() == payload + std::to_string(next));
            ++next;
        }
    CHECK(next == 300);
}

TEST_CASE("transient and exclusive queues, which have no records, stay in memory") {
    backlogged at;
    core::queue& q = at.queue("q", false);
    at.publish(1, 60);
    CHECK(at.in_memory() == 60);
    CHECK(q.ready_count() == 60);
    CHECK(at.drain() == numbers(1, 60));
}
