// What waits for a commit, and what happens if it fails.

#include <catch2/catch.hpp>

#include <boost/smart_ptr/make_local_shared.hpp>

#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

struct waiter final : core::participant {
    void commits_settled() override { ++told; }
    void publishers_blocked(bool b) override { blocked = b; }
    int told = 0;
    bool blocked = false;
};

}  // namespace

TEST_CASE("a durable message has a commit to wait for, a transient one has none") {
    core_world w;
    w.queue("q");
    w.queue("t", false);
    w.settle();
    CHECK(w.publish("", "q", "1", 0).commit == 0);
    CHECK(w.publish("", "t", "1", 1).commit == 0);
    w.store().hold();
    const core::receipt r = w.publish("", "q", "1", 1);
    REQUIRE(r.commit != 0);
    waiter who;
    w.broker().add(who);
    w.broker().await_commit(who, r.commit);
    w.settle();
    CHECK(w.broker().state_of(r.commit) == core::commit_state::pending);
    CHECK(who.told == 0);
    w.store().release();
    w.settle();
    CHECK(w.broker().state_of(r.commit) == core::commit_state::stored);
    CHECK(who.told == 1);
    w.broker().remove(who);
}

TEST_CASE("a QoS 2 message for a durable queue is not seen before it is stored, a QoS 1 message is") {
    core_world w;
    core::session& s = w.session("c");
    w.subscribe(s, "#");
    taker t;
    REQUIRE(s.inbox().add_consumer(t));
    w.settle();
    w.store().hold();
    w.publish("amq.topic", "a", "once", 2, plain_mqtt);
    w.publish("amq.topic", "a", "later", 1, plain_mqtt);
    w.settle();
    CHECK(t.payloads.empty());
    w.store().release();
    w.settle();
    CHECK(t.payloads == texts{"once", "later"});
    w.store().hold();
    w.publish("amq.topic", "a", "at least once", 1, plain_mqtt);
    w.settle();
    CHECK(t.payloads.size() == 3);
    s.inbox().remove_consumer(t);
}

TEST_CASE("a session's own message waits for the acknowledgement that its publisher gets") {
    core_world w;
    core::session& s = w.session("c");
    w.subscribe(s, "#");
    taker t;
    REQUIRE(s.inbox().add_consumer(t));
    w.settle();
    w.store().hold();
    auto by = boost::make_local_shared<core::publisher>();
    by->session = s.id();
    w.by = by;
    w.publish("amq.topic", "a", "mine", 1, plain_mqtt);
    w.settle();
    CHECK(t.payloads.empty());
    w.store().release();
    w.settle();
    CHECK(t.payloads == texts{"mine"});
    s.inbox().remove_consumer(t);
}

TEST_CASE("a message whose commit failed and that nobody has seen is dropped, later ones are refused until the store is back") {
    core_world w;
    core::session& s = w.session("c");
    w.subscribe(s, "#");
    taker t;
    REQUIRE(s.inbox().add_consumer(t));
    w.settle();
    w.store().hold();
    const core::receipt r = w.publish("amq.topic", "a", "once", 2, plain_mqtt);
    w.turn();
    w.store().break_down();
    w.store().release();
    w.settle();
    CHECK(w.broker().state_of(r.commit) == core::commit_state::failed);
    CHECK(t.payloads.empty());
    CHECK(w.broker().counted().dropped[static_cast<std::size_t>(core::drop_reason::commit_failed)] == 1);
    CHECK(w.publish("amq.topic", "a", "x", 1, plain_mqtt).what == core::receipt::fate::refused_by_storage);
    CHECK(w.publish("amq.topic", "a", "transient", 0, plain_mqtt).what == core::receipt::fate::routed);
    w.store().repair();
    CHECK(w.publish("amq.topic", "a", "again", 1, plain_mqtt).what == core::receipt::fate::routed);
    w.settle();
    CHECK(t.payloads == texts{"transient", "again"});
    s.inbox().remove_consumer(t);
}

TEST_CASE("memory over its limit stops publishers until a fifth of it is free") {
    core_world w({.memory_bytes_max = 100'000});
    core::queue& q = w.queue("q", false);
    waiter who;
    w.broker().add(who);
    const std::string kilobyte(1000, 'x');
    for (int i = 0; i < 100; ++i) w.publish("", "q", kilobyte);
    w.turn();
    CHECK(who.blocked);
    while (who.blocked && q.ready_count() > 0) {
        q.take(true);
        w.turn();
    }
    CHECK(q.ready_count() > 50);
    CHECK(q.ready_count() < 80);
    w.broker().remove(who);
}

TEST_CASE("what waits for a SUBACK is not lost with the subscription's commit") {
    core_world w;
    core::session& s = w.session("c");
    w.subscribe(s, "a");
    taker t;
    REQUIRE(s.inbox().add_consumer(t));
    w.settle();
    w.store().hold();
    w.subscribe(s, "b");
    s.inbox().hold_new_until(w.broker().last_written());
    w.turn();
    w.store().break_down();
    w.store().release();
    w.store().repair();
    const core::receipt r = w.publish("amq.topic", "a", "acknowledged", 1, plain_mqtt);
    w.settle();
    REQUIRE(w.broker().state_of(r.commit) == core::commit_state::stored);
    CHECK(t.payloads == texts{"acknowledged"});
    s.inbox().remove_consumer(t);
}

TEST_CASE("a QoS 2 message whose commit fails has been seen by nobody, also not by transient receivers") {
    core_world w;
    w.bind("amq.topic", w.queue("q"), "#");
    core::session& s = w.session("c", 0);
    w.subscribe(s, "#");
    taker t;
    REQUIRE(s.inbox().add_consumer(t));
    w.settle();
    w.store().hold();
    w.publish("amq.topic", "a", "once", 2, plain_mqtt);
    w.turn();
    CHECK(t.payloads.empty());
    w.store().break_down();
    w.store().release();
    w.settle();
    CHECK(t.payloads.empty());
    s.inbox().remove_consumer(t);
}

TEST_CASE("definitions whose commit failed are written when the store is back, so that what they hold survives") {
    core_world w;
    w.settle();
    w.store().hold();
    REQUIRE(w.broker().declare_exchange({.name = "x", .type = core::exchange_type::topic, .durable = true, .arguments = {}}));
    w.bind("x", w.queue("q"), "#");
    w.subscribe(w.session("c"), "#");
    w.turn();
    w.store().break_down();
    w.store().release();
    w.settle();
    w.store().repair();
    const core::receipt a = w.publish("x", "a", "acknowledged", 1);
    const core::receipt b = w.publish("amq.topic", "a", "acknowledged", 1);
    w.settle();
    REQUIRE(w.broker().state_of(a.commit) == core::commit_state::stored);
    REQUIRE(w.broker().state_of(b.commit) == core::commit_state::stored);
    w.crash();
    REQUIRE(w.broker().find_exchange("x"));
    REQUIRE(w.broker().find_queue("q"));
    CHECK(w.broker().find_queue("q")->ready_count() == 1);
    REQUIRE(w.broker().find_session("c"));
    CHECK(w.broker().find_session("c")->inbox().ready_count() == 1);
    CHECK(w.publish("x", "a", "again", 1).what == core::receipt::fate::routed);
}

TEST_CASE("declaring again waits for the first declaration's commit, and is refused if that failed and the store is still broken") {
    core_world w;
    w.settle();
    w.store().hold();
    const auto declare = [&w] { return w.broker().declare_queue({.name = "q", .durable = true, .arguments = {}}, {}); };
    const auto declare_exchange = [&w] { return w.broker().declare_exchange({.name = "x", .durable = true, .arguments = {}}); };
    const core::commit_number first = declare().value().commit;
    REQUIRE(declare_exchange());
    w.turn();
    CHECK(declare().value().commit == first);
    CHECK(declare_exchange().value().commit == first);
    w.store().break_down();
    w.store().release();
    w.settle();
    REQUIRE_FALSE(declare());
    CHECK(declare().error().code == core::error::storage_unavailable);
    REQUIRE_FALSE(declare_exchange());
    w.store().repair();
    w.settle();
    CHECK(declare().value().commit == 0);
    CHECK(declare_exchange().value().commit == 0);
}

TEST_CASE("a retained message is seen exactly once by nobody before it is stored [MQTT-4.3.3-8]") {
    core_world w;
    core::session& s = w.session("a", 0);
    w.subscribe(s, "t");
    taker t;
    REQUIRE(s.inbox().add_consumer(t));
    w.settle();
    w.store().hold();
    w.retain = true;
    w.publish("amq.topic", "t", "x", 2, plain_mqtt);
    w.settle();
    CHECK(t.payloads.empty());
    w.store().release();
    w.settle();
    CHECK(t.payloads == texts{"x"});
}
