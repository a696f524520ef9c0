// Policies that change while most of a queue is in the store only: what they ask for happens to what is there, in order and once.

#include <catch2/catch.hpp>

#include "persistence/check.hpp"
#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::core;
using namespace causeway::test;

namespace {

/// A queue "q" of which memory holds eight entries at most, and a queue "dead".
struct governed_backlog : core_world {
    governed_backlog() : core_world(broker_options{.queue_window_messages = 8}) {
        queue("dead");
        queue("q");
        settle();
    }

    core::queue& named(const char* name) { return *broker().find_queue(name); }
    void publish(int from, int to) {
        for (int i = from; i <= to; ++i) {
            core_world::publish("", "q", std::to_string(i));
            turn();
        }
        settle();
    }
    void set(field_table definition) {
        broker().set_policies({{make_policy(policy_kind::user, "p", "^q$", policy_target::all, 0, std::move(definition)).value()}, {}});
    }
    void settle_for_long() {
        for (int i = 0; i < 100; ++i) turn();
    }
    texts drain(const char* name) {
        texts all;
        for (int empty = 0; empty < 8;) {
            const auto e = named(name).take(true);
            if (e) all.emplace_back(e->message->payload());
            empty = e ? 0 : empty + 1;
            if (!e) turn();
        }
        settle();
        return all;
    }
    std::uint64_t dropped(drop_reason why) { return broker().counted().dropped[static_cast<std::size_t>(why)]; }
    /// Nothing is left anywhere.
    void check_empty() {
        for (const char* name : {"q", "dead"}) {
            CHECK(named(name).ready_count() == 0);
            CHECK(named(name).bytes() == 0);
        }
        CHECK(broker().memory()->messages == 0);
        CHECK(store().size(table::entries) == 0);
        CHECK(store().size(table::messages) == 0);
        CHECK(persistence::check(store()).findings.empty());
    }
};

texts numbers(int from, int to) {
    texts all;
    for (int i = from; i <= to; ++i) all.push_back(std::to_string(i));
    return all;
}

field_table length(std::int32_t most) { return {{"max-length", most}}; }
field_table buried(field_table more = {}) {
    more.emplace_back("dead-letter-exchange", std::string());
    more.emplace_back("dead-letter-routing-key", std::string("dead"));
    return more;
}

}  // namespace

TEST_CASE("a smaller max-length drops the oldest of a queue of which most is in the store, and keeps the newest") {
    governed_backlog at;
    at.publish(1, 200);
    at.set(length(5));
    at.settle_for_long();
    CHECK(at.named("q").ready_count() == 5);
    CHECK(at.dropped(drop_reason::maxlen) == 195);
    CHECK(at.store().size(table::entries) == 5);
    CHECK(at.drain("q") == numbers(196, 200));
    at.check_empty();
}

TEST_CASE("a smaller max-length holds also while what is too much is still on its way from the store") {
    governed_backlog at;
    at.publish(1, 100);
    at.store().hold_reads(true);
    at.set(length(3));
    for (int i = 101; i <= 110; ++i) at.core_world::publish("", "q", std::to_string(i));
    at.settle_for_long();
    at.store().hold_reads(false);
    at.store().complete_reads(1'000);
    at.settle_for_long();
    CHECK(at.named("q").ready_count() == 3);
    CHECK(at.drain("q") == numbers(108, 110));
    at.check_empty();
}

TEST_CASE("where a dead-letter exchange came meanwhile, what a smaller max-length drops goes there, in order and once") {
    governed_backlog at;
    at.publish(1, 150);
    at.set(buried(length(10)));
    at.settle_for_long();
    CHECK(at.named("q").ready_count() == 10);
    CHECK(at.drain("dead") == numbers(1, 140));
    CHECK(at.drain("q") == numbers(141, 150));
    at.check_empty();
}

TEST_CASE("unacknowledged entries do not count for a smaller max-length, and come back to their places") {
    governed_backlog at;
    at.publish(1, 100);
    std::vector<std::uint64_t> held;
    for (int i = 0; i < 3; ++i) held.push_back(at.named("q").take(false)->seq);
    at.set(length(4));
    at.settle_for_long();
    CHECK(at.named("q").ready_count() == 4);
    CHECK(at.named("q").unacknowledged_count() == 3);
    for (auto seq = held.rbegin(); seq != held.rend(); ++seq) at.named("q").requeue(*seq);
    at.settle();
    CHECK(at.drain("q") == texts{"1", "2", "3", "97", "98", "99", "100"});
    at.check_empty();
}

TEST_CASE("a shorter message-ttl is for what comes: behind old messages in the store they expire at the head, and are dead-lettered") {
    governed_backlog at;
    at.publish(1, 60);
    at.set(buried({{"message-ttl", 100}}));
    at.publish(61, 120);
    at.pass_ms(1'000);
    CHECK(at.named("q").ready_count() == 120);
    texts got;
    for (int i = 0; i < 60;) {
        const auto e = at.named("q").take(true);
        if (e) got.emplace_back(e->message->payload()), ++i;
        if (!e) at.turn();
    }
    CHECK(got == numbers(1, 60));
    for (int i = 0; i < 30; ++i) at.pass_ms(1);
    CHECK(at.named("q").ready_count() == 0);
    CHECK(at.dropped(drop_reason::expired) == 60);
    CHECK(at.drain("dead") == numbers(61, 120));
    at.check_empty();
}

TEST_CASE("messages that expire in the store go to a dead-letter exchange that was set after they came") {
    governed_backlog at;
    at.expires = at.now().wall_ms + 500;
    at.publish(1, 100);
    at.set(buried());
    at.pass_ms(500);
    for (int i = 0; i < 60; ++i) at.pass_ms(1);
    CHECK(at.named("q").ready_count() == 0);
    CHECK(at.drain("dead") == numbers(1, 100));
    at.check_empty();
}

TEST_CASE("what a policy did to a long queue is the same after a crash") {
    governed_backlog at;
    at.publish(1, 200);
    at.set(buried(length(20)));
    at.settle_for_long();
    at.crash();
    CHECK(at.named("q").ready_count() == 20);
    CHECK(at.named("dead").ready_count() == 180);
    CHECK(at.drain("q") == numbers(181, 200));
    CHECK(at.drain("dead") == numbers(1, 180));
    at.check_empty();
}
