// x-max-priority: the highest priority first, and in each the order of publication.

#include <catch2/catch.hpp>

#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

/// Priorities as the origin of these tests writes them.
struct prioritized : core_world {
    core::queue& declare(std::int64_t priority_max, bool durable = true, core::field_table more = {}) {
        more.emplace_back("x-max-priority", priority_max);
        return queue("q", durable, std::move(more));
    }
    void publish(std::string_view payload, std::optional<std::uint8_t> priority) {
        auto p = std::make_unique<core::properties>();
        p->priority = priority;
        broker().publish(broker().default_exchange(), core::message::make({.name = "q",
                                                                            .payload = payload,
                                                                            .qos = core::qos::at_least_once,
                                                                            .durable = true,
                                                                            .expires_wall_ms = expires,
                                                                            .by = nullptr,
                                                                            .neutral = std::move(p),
                                                                            .account = broker().memory()}));
    }
    texts drain() {
        texts all;
        core::queue& q = *broker().find_queue("q");
        while (const auto e = q.take(true)) all.emplace_back(e->message->payload());
        return all;
    }
};

}  // namespace

TEST_CASE("messages of a higher priority come first, those of the same in their order; without one it is 0") {
    prioritized at;
    at.declare(10);
    at.publish("none", {});
    at.publish("5a", 5);
    at.publish("0", 0);
    at.publish("9", 9);
    at.publish("5b", 5);
    CHECK(at.drain() == texts{"9", "5a", "5b", "none", "0"});
}

TEST_CASE("a priority above the queue's maximum counts as the maximum") {
    prioritized at;
    at.declare(3);
    at.publish("3", 3);
    at.publish("200", 200);
    at.publish("2", 2);
    at.publish("255", 255);
    CHECK(at.drain() == texts{"3", "200", "255", "2"});
}

TEST_CASE("a queue without x-max-priority knows no priorities") {
    prioritized at;
    at.queue("q");
    at.publish("0", 0);
    at.publish("9", 9);
    CHECK(at.drain() == texts{"0", "9"});
}

TEST_CASE("what is given back goes to its place within its priority") {
    prioritized at;
    core::queue& q = at.declare(255);
    for (const char* p : {"low 1", "low 2"}) at.publish(p, 1);
    for (const char* p : {"high 1", "high 2"}) at.publish(p, 255);
    const std::uint64_t first = q.take(false)->seq;
    const std::uint64_t second = q.take(false)->seq;
    const std::uint64_t third = q.take(false)->seq;
    at.publish("high 3", 255);
    q.requeue(third);
    q.requeue(first);
    CHECK(q.take(false)->message->payload() == "high 1");
    CHECK(q.unacknowledged(second)->message->payload() == "high 2");
    q.requeue(second);
    CHECK(at.drain() == texts{"high 2", "high 3", "low 1", "low 2"});
    CHECK(q.ready_count() == 0);
}

TEST_CASE("priorities and their order survive a restart") {
    prioritized at;
    at.declare(10);
    at.publish("low", 1);
    at.publish("high 1", 7);
    at.publish("high 2", 7);
    at.settle();
    at.crash();
    at.publish("high 3", 7);
    at.publish("highest", 10);
    CHECK(at.drain() == texts{"highest", "high 1", "high 2", "high 3", "low"});
}

TEST_CASE("the length limit takes from the head, so higher priorities make way for lower ones, as in RabbitMQ") {
    prioritized at;
    core::queue& q = at.declare(10, true, {{"x-max-length", std::int64_t{2}}});
    at.publish("high", 9);
    at.publish("low 1", 1);
    at.publish("low 2", 1);
    CHECK(q.ready_count() == 2);
    CHECK(at.drain() == texts{"low 1", "low 2"});
}

TEST_CASE("only the head expires: behind a message of a higher priority one may be past its time, as in RabbitMQ") {
    prioritized at;
    core::queue& q = at.declare(10);
    at.expires = at.now().wall_ms + 50;
    at.publish("short", 1);
    at.expires = 0;
    at.publish("lasting", 5);
    at.pass_ms(100);
    CHECK(q.ready_count() == 2);
    CHECK(at.drain() == texts{"lasting"});
    CHECK(q.ready_count() == 0);
}

TEST_CASE("a message of a higher priority that comes while the head waits for its time is the head") {
    prioritized at;
    core::queue& q = at.declare(10);
    at.expires = at.now().wall_ms + 500;
    at.publish("later", 1);
    at.expires = at.now().wall_ms + 50;
    at.publish("sooner", 5);
    at.pass_ms(100);
    CHECK(q.ready_count() == 1);
    CHECK(at.drain() == texts{"later"});
}

TEST_CASE("x-max-priority above 255 is refused with RabbitMQ's reason") {
    core_world at;
    const auto declared = at.broker().declare_queue({.name = "q", .arguments = {{"x-max-priority", std::int64_t{256}}}}, {});
    REQUIRE_FALSE(declared);
    CHECK(declared.assume_error().text == "invalid arg 'x-max-priority' for queue 'q' in vhost '/': {max_value_exceeded,256}");
}
