// What becomes of queues that nobody uses, of messages that live no time, and of those that come back again and again.

#include <catch2/catch.hpp>

#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

core::field_table expiring() { return {{"x-expires", std::int32_t{1000}}}; }

core::field_table poisoned(std::int32_t limit) {
    return {{"x-queue-type", std::string("quorum")}, {"x-delivery-limit", limit}, {"x-dead-letter-exchange", std::string("")},
            {"x-dead-letter-routing-key", std::string("dead")}};
}

/// basic.get, and back again. Nothing there: -1.
std::int64_t get_and_return(core::queue& q) {
    const auto e = q.take(false);
    if (!e) return -1;
    q.requeue(e->seq);
    return e->deliveries;
}

}  // namespace

// --- x-expires ---

TEST_CASE("a queue that is not used for x-expires is deleted, and nothing is dead-lettered") {
    core_world w;
    w.queue("dead");
    core::field_table arguments = expiring();
    arguments.emplace_back("x-dead-letter-exchange", std::string(""));
    arguments.emplace_back("x-dead-letter-routing-key", std::string("dead"));
    w.settle();
    w.queue("q", true, arguments);
    w.publish("", "q", "1");
    w.pass_ms(999);
    CHECK(w.broker().find_queue("q"));
    w.publish("", "q", "2");  // publishing is no use
    w.pass_ms(1);
    CHECK_FALSE(w.broker().find_queue("q"));
    CHECK(w.broker().find_queue("dead")->ready_count() == 0);
    CHECK(w.store().size(core::table::queues) == 1);
    CHECK(w.store().size(core::table::entries) == 0);
}

TEST_CASE("declaring, getting and consuming renew a queue's lease") {
    core_world w;
    w.settle();
    core::queue& q = w.queue("q", true, expiring());
    w.pass_ms(999);
    w.queue("q", true, expiring());
    w.pass_ms(999);
    CHECK_FALSE(q.take(true));
    w.pass_ms(999);
    taker t;
    REQUIRE(q.add_consumer(t));
    w.pass_ms(5000);
    q.remove_consumer(t);
    w.pass_ms(999);
    CHECK(w.broker().find_queue("q"));
    w.pass_ms(1);
    CHECK_FALSE(w.broker().find_queue("q"));
}

TEST_CASE("leases begin anew when the server starts") {
    core_world w;
    w.settle();
    w.queue("q", true, expiring());
    w.pass_ms(600);
    w.crash();
    w.pass_ms(999);
    CHECK(w.broker().find_queue("q"));
    w.pass_ms(1);
    CHECK_FALSE(w.broker().find_queue("q"));
    CHECK(w.store().size(core::table::queues) == 0);
}

// --- a time to live of 0 ---

TEST_CASE("with a TTL of 0 a message goes to a consumer that is ready, or nowhere") {
    core_world w;
    w.settle();
    core::queue& q = w.queue("q", true, {{"x-message-ttl", std::int32_t{0}}});
    w.publish("", "q", "nobody");
    CHECK(q.ready_count() == 0);
    CHECK_FALSE(q.take(true));
    taker t;
    t.credit = 1;
    REQUIRE(q.add_consumer(t));
    w.publish("", "q", "somebody");
    w.publish("", "q", "busy");
    w.settle();
    CHECK(t.payloads == texts{"somebody"});
    t.credit = 1;
    q.wake();
    w.settle();
    CHECK(t.payloads.size() == 1);
    CHECK(q.ready_count() == 0);
    CHECK(w.broker().counted().dropped[static_cast<std::size_t>(core::drop_reason::expired)] == 2);
    q.remove_consumer(t);
}

TEST_CASE("what lives no time and finds nobody is dead-lettered at once") {
    core_world w;
    w.settle();
    w.queue("dead");
    w.queue("q", true, {{"x-message-ttl", std::int32_t{0}}, {"x-dead-letter-exchange", std::string("")},
                        {"x-dead-letter-routing-key", std::string("dead")}});
    w.publish("", "q", "1");
    w.turn();
    CHECK(w.broker().find_queue("dead")->ready_count() == 1);
    w.settle();
    w.crash();
    CHECK(w.broker().find_queue("dead")->ready_count() == 1);
}

// --- x-delivery-limit ---

TEST_CASE("what came back more often than the limit is dead-lettered as delivery_limit") {
    core_world w;
    core::queue& dead = w.queue("dead");
    core::queue& q = w.queue("q", true, poisoned(2));
    w.publish("", "q", "poison");
    w.settle();
    CHECK(get_and_return(q) == 0);
    CHECK(get_and_return(q) == 1);
    CHECK(get_and_return(q) == 2);
    CHECK(get_and_return(q) == -1);
    w.settle();
    const auto e = dead.take(true);
    REQUIRE(e);
    CHECK(*core::as_text(*core::find(e->message->properties().headers, "x-first-death-reason")) == "delivery_limit");
    w.settle();
    CHECK(w.store().size(core::table::entries) == 0);
}

TEST_CASE("a quorum queue without a limit returns a message for ever; a classic one does not count for it") {
    core_world w;
    core::queue& q = w.queue("q", true, {{"x-queue-type", std::string("quorum")}});
    w.publish("", "q", "1");
    w.settle();
    for (std::int64_t i = 0; i < 50; ++i) CHECK(get_and_return(q) == i);
}

TEST_CASE("how often a message came back survives a restart") {
    core_world w;
    w.queue("dead");
    w.queue("q", true, poisoned(2));
    w.publish("", "q", "poison");
    w.settle();
    CHECK(get_and_return(*w.broker().find_queue("q")) == 0);
    CHECK(get_and_return(*w.broker().find_queue("q")) == 1);
    w.settle();
    w.crash();
    CHECK(get_and_return(*w.broker().find_queue("q")) == 2);
    CHECK(w.broker().find_queue("q")->ready_count() == 0);
}

// --- x-overflow ---

TEST_CASE("a full queue that refuses keeps its dead letters to itself, unless asked for both") {
    const auto [how, dead] = GENERATE(table<std::string, std::size_t>({{"reject-publish", 0}, {"reject-publish-dlx", 1}}));
    core_world w;
    w.queue("dead");
    core::queue& q = w.queue("q", true, {{"x-max-length", std::int32_t{1}}, {"x-overflow", how}, {"x-dead-letter-exchange", std::string("")},
                                         {"x-dead-letter-routing-key", std::string("dead")}});
    w.publish("", "q", "1");
    CHECK(w.publish("", "q", "2").what == core::receipt::fate::refused_by_limit);
    w.settle();
    CHECK(q.ready_count() == 1);
    CHECK(w.broker().find_queue("dead")->ready_count() == dead);
}
