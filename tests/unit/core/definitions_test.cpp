// Declarations and RabbitMQ's wording where they are refused.

#include <catch2/catch.hpp>

#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

template <class T>
std::string refusal(const core::outcome<T>& outcome, core::error code) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == code);
    return outcome.error().text;
}

core::queue_definition named(const char* name) { return {.name = name, .arguments = {}}; }

}  // namespace

TEST_CASE("declaring again is nothing new; with other properties it is refused with both values") {
    core_world w;
    auto& b = w.broker();
    CHECK(b.declare_queue(named("q"), {}).value().created);
    CHECK_FALSE(b.declare_queue(named("q"), {}).value().created);
    auto durable = named("q");
    durable.durable = true;
    CHECK(refusal(b.declare_queue(durable, {}), core::error::precondition_failed) ==
          "inequivalent arg 'durable' for queue 'q' in vhost '/': received 'true' but current is 'false'");
    auto limited = named("q");
    limited.arguments = {{"x-message-ttl", std::int32_t{10}}};
    CHECK(refusal(b.declare_queue(limited, {}), core::error::precondition_failed) ==
          "inequivalent arg 'x-message-ttl' for queue 'q' in vhost '/': received the value '10' of type 'signedint' but current "
          "is none");
    limited.name = "l";
    REQUIRE(b.declare_queue(limited, {}));
    limited.arguments = {{"x-message-ttl", std::int64_t{10}}};
    CHECK(b.declare_queue(limited, {}));
}

TEST_CASE("reserved names are refused, a server-named queue has 22 characters") {
    core_world w;
    CHECK(refusal(w.broker().declare_queue(named("amq.mine"), {}), core::error::access_refused) ==
          "queue name 'amq.mine' contains reserved prefix 'amq.*'");
    CHECK(refusal(w.broker().declare_queue(named("mqtt-subscription-c"), {}), core::error::access_refused) ==
          "queue name 'mqtt-subscription-c' contains reserved prefix 'mqtt-subscription-*'");
    CHECK(refusal(w.broker().declare_exchange({.name = "amq.mine", .arguments = {}}), core::error::access_refused) ==
          "exchange name 'amq.mine' contains reserved prefix 'amq.*'");
    CHECK(refusal(w.broker().delete_exchange("amq.topic", false), core::error::access_refused) ==
          "deletion of system exchange 'amq.topic' in vhost '/' not allowed");
    const std::string name = w.broker().declare_queue(named(""), {}).value().it->name();
    CHECK(name.starts_with("amq.gen-"));
    CHECK(name.size() == 8 + 22);
}

TEST_CASE("an exclusive queue is locked for other connections and goes with its own") {
    core_world w;
    auto exclusive = named("e");
    exclusive.exclusive = true;
    exclusive.durable = true;
    REQUIRE(w.broker().declare_queue(exclusive, connection_id{1}));
    CHECK(w.broker().declare_queue(exclusive, connection_id{1}));
    CHECK(refusal(w.broker().use_queue("e", connection_id{2}), core::error::locked)
              .starts_with("cannot obtain exclusive access to locked queue 'e' in vhost '/'"));
    refusal(w.broker().declare_queue(exclusive, connection_id{2}), core::error::locked);
    w.broker().connection_gone(connection_id{1});
    CHECK(refusal(w.broker().use_queue("e", connection_id{2}), core::error::not_found) == "no queue 'e' in vhost '/'");
    w.settle();
    CHECK(w.store().size(core::table::queues) == 0);
}

TEST_CASE("delete refuses a queue in use or not empty if asked to") {
    core_world w;
    core::queue& q = w.queue("q");
    taker t;
    REQUIRE(q.add_consumer(t));
    CHECK(refusal(w.broker().delete_queue("q", true, false, {}), core::error::precondition_failed) == "queue 'q' in vhost '/' in use");
    q.remove_consumer(t);
    w.publish("", "q", "1");
    CHECK(refusal(w.broker().delete_queue("q", false, true, {}), core::error::precondition_failed) ==
          "queue 'q' in vhost '/' not empty");
    CHECK(w.broker().delete_queue("q", true, false, {}).value().messages == 1);
    CHECK(w.broker().delete_queue("q", false, false, {}).value().messages == 0);
}

TEST_CASE("an auto-delete exchange goes with its last binding") {
    core_world w;
    auto* x = w.broker().declare_exchange({.name = "x", .auto_delete = true, .arguments = {}}).value().it;
    core::queue& q = w.queue("q");
    w.bind("x", q, "k");
    REQUIRE(w.broker().unbind({.source = x, .to_queue = &q, .from = &plain_amqp, .key = "k", .arguments = {}, .options = {}}));
    CHECK_FALSE(w.broker().find_exchange("x"));
    x = w.broker().declare_exchange({.name = "y", .auto_delete = true, .arguments = {}}).value().it;
    w.bind("y", q, "k");
    REQUIRE(w.broker().delete_queue("q", false, false, {}));
    CHECK_FALSE(w.broker().find_exchange("y"));
}

TEST_CASE("arguments that make no sense are refused") {
    core_world w;
    auto wrong = named("q");
    wrong.arguments = {{"x-message-ttl", std::string("soon")}};
    refusal(w.broker().declare_queue(wrong, {}), core::error::precondition_failed);
    wrong.arguments = {{"x-max-length", std::int32_t{-1}}};
    refusal(w.broker().declare_queue(wrong, {}), core::error::precondition_failed);
    wrong.arguments = {{"x-overflow", std::string("explode")}};
    refusal(w.broker().declare_queue(wrong, {}), core::error::precondition_failed);
    CHECK_FALSE(w.broker().find_queue("q"));
}

TEST_CASE("timers fire in order of time, may stop each other and may destroy themselves") {
    core::timers all;
    std::string fired;
    auto b = std::make_unique<core::timer>(all, [&] { fired += 'b'; });
    core::timer a(all, [&] { fired += 'a'; });
    std::unique_ptr<core::timer> self;
    self = std::make_unique<core::timer>(all, [&] { fired += 's'; self.reset(); b.reset(); });
    a.arm_at(10);
    self->arm_at(20);
    b->arm_at(30);
    CHECK(all.next_steady_ms() == 10);
    all.advance(40);
    CHECK(fired == "as");
    a.arm_in(5);
    CHECK(all.next_steady_ms() == 45);
    a.stop();
    all.advance(100);
    CHECK(fired == "as");
}
