// What happens at the limits of a session's queue.

#include <catch2/catch.hpp>

#include "persistence/check.hpp"
#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

core::broker_options limited(core::overflow policy, std::uint64_t messages = 3) {
    return {.session_messages_max = messages, .session_overflow = policy};
}

struct full : core_world {
    explicit full(core::overflow policy) : core_world(limited(policy)) {}

    texts drained(core::session& s) {
        taker t;
        REQUIRE(s.inbox().add_consumer(t));
        settle();
        s.inbox().remove_consumer(t);
        return t.payloads;
    }
    core::receipt::fate send(std::string_view payload, int qos = 1) {
        const core::receipt r = publish("amq.topic", "t", payload, qos, plain_mqtt);
        settle();
        return r.what;
    }
    void send_five() {
        for (const char* m : {"1", "2", "3", "4", "5"}) send(m);
    }
    std::uint64_t dropped() { return broker().counted().dropped[static_cast<int>(core::drop_reason::maxlen)]; }
};

}  // namespace

TEST_CASE("a full session drops the newest, the oldest, or refuses") {
    const auto [policy, left, fate] = GENERATE(table<core::overflow, texts, core::receipt::fate>(
        {{core::overflow::drop_newest, {"1", "2", "3"}, core::receipt::fate::routed},
         {core::overflow::drop_head, {"3", "4", "5"}, core::receipt::fate::routed},
         {core::overflow::reject_publish, {"1", "2", "3"}, core::receipt::fate::refused_by_limit}}));
    full w(policy);
    core::session& s = w.session("a");
    w.subscribe(s, "t");
    for (const char* m : {"1", "2", "3", "4"}) w.send(m);
    CHECK(w.send("5") == fate);
    CHECK(w.dropped() == 2);
    CHECK(w.broker().counted().refused == (fate == core::receipt::fate::routed ? 0 : 2));
    CHECK(w.store().size(core::table::entries) == 3);
    CHECK(w.drained(s) == left);
}

TEST_CASE("a full share does the same") {
    const auto [policy, left] = GENERATE(table<core::overflow, texts>({{core::overflow::drop_newest, {"1", "2", "3"}},
                                                                       {core::overflow::drop_head, {"3", "4", "5"}},
                                                                       {core::overflow::reject_publish, {"1", "2", "3"}}}));
    full w(policy);
    core::session& s = w.session("a");
    REQUIRE(w.broker().join_share({.member = &s, .name = "$share/g/t", .from = &plain_mqtt, .key = "t",
                                   .options = core::options_ptr(new core::delivery_options)}));
    w.send_five();
    CHECK(w.dropped() == 2);
    texts waiting;
    CHECK(w.broker().find_share("$share/g/t")->queue().ready_count() == 3);
    CHECK(w.store().size(core::table::entries) == 3);
    w.crash();
    CHECK(w.broker().find_share("$share/g/t")->queue().ready_count() == 3);
}

TEST_CASE("the oldest that is dropped was not sent yet [MQTT-4.4.0-1]") {
    full w(core::overflow::drop_head);
    core::session& s = w.session("a");
    w.subscribe(s, "t");
    taker t;
    t.credit = 2;
    REQUIRE(s.inbox().add_consumer(t));
    w.send("1");
    w.send("2", 2);
    s.inbox().release(t.seqs[1]);
    s.inbox().remove_consumer(t);
    w.broker().close_session(s, false, core::no_expiry);
    w.settle();
    for (const char* m : {"3", "4", "5"}) w.send(m);
    CHECK(w.drained(s) == texts{"1", "(released)", "5"});
    CHECK(w.dropped() == 2);
}

TEST_CASE("where everything was sent, the newest is dropped after all") {
    full w(core::overflow::drop_head);
    core::session& s = w.session("a");
    w.subscribe(s, "t");
    taker t;
    REQUIRE(s.inbox().add_consumer(t));
    for (const char* m : {"1", "2", "3"}) w.send(m);
    s.inbox().remove_consumer(t);
    w.broker().close_session(s, false, core::no_expiry);
    w.send("4");
    CHECK(w.drained(s) == texts{"1", "2", "3"});
}

TEST_CASE("a message that is larger than the queue drops nothing but itself") {
    core_world w({.session_bytes_max = 4000, .session_overflow = core::overflow::drop_head});
    core::session& s = w.session("a");
    w.subscribe(s, "t");
    w.publish("amq.topic", "t", "small", 1, plain_mqtt);
    w.publish("amq.topic", "t", std::string(5000, 'x'), 1, plain_mqtt);
    w.settle();
    CHECK(s.inbox().ready_count() == 1);
    for (int i = 0; i < 3; ++i) w.publish("amq.topic", "t", std::string(1500, 'x'), 1, plain_mqtt);
    CHECK(s.inbox().bytes() <= 4000);
    CHECK(s.inbox().ready_count() == 2);
}

TEST_CASE("what a client has been sent and has not acknowledged counts to its session's bytes") {
    core_world w({.session_bytes_max = 4000});
    core::session& s = w.session("a");
    w.subscribe(s, "t");
    taker t;
    REQUIRE(s.inbox().add_consumer(t));
    w.settle();
    for (int i = 0; i < 5; ++i) w.publish("amq.topic", "t", std::string(1500, 'x'), 1, plain_mqtt);
    CHECK(t.payloads.size() == 2);
    CHECK(s.inbox().bytes() <= 4000);
    CHECK(w.broker().counted().enqueued == 2);
    CHECK(w.broker().counted().dropped[static_cast<int>(core::drop_reason::maxlen)] == 3);
    for (const std::uint64_t seq : t.seqs) s.inbox().acknowledge(seq);
    w.publish("amq.topic", "t", std::string(1500, 'x'), 1, plain_mqtt);
    CHECK(t.payloads.size() == 3);
}

TEST_CASE("a message that one full session loses is still there for the other that shares it") {
    const bool full_one_first = GENERATE(true, false);
    core_world w({.session_bytes_max = 4000});
    core::session& a = w.session("a");
    core::session& b = w.session("b");
    w.subscribe(full_one_first ? a : b, "t");
    w.subscribe(full_one_first ? b : a, "t");
    taker t;
    t.credit = 2;
    REQUIRE(a.inbox().add_consumer(t));
    w.settle();
    for (int i = 0; i < 2; ++i) w.publish("amq.topic", "t", std::string(1500, 'x'), 1, plain_mqtt);
    b.inbox().purge();
    w.publish("amq.topic", "t", std::string(1500, 'y'), 1, plain_mqtt);
    w.settle();
    CHECK(w.broker().counted().dropped[static_cast<int>(core::drop_reason::maxlen)] == 1);
    CHECK(persistence::check(w.store()).findings.empty());
    t.last = {};  // no message outlives its broker
    w.crash();
    taker other;
    REQUIRE(w.broker().find_session("b")->inbox().add_consumer(other));
    w.settle();
    CHECK(other.payloads == texts{std::string(1500, 'y')});
}

TEST_CASE("retained messages are refused beyond their limits") {
    core_world w({.retained_bytes_max = 3000});
    w.retain = true;
    const auto send = [&](std::string_view topic, std::size_t bytes) {
        return w.publish("amq.topic", topic, std::string(bytes, 'x'), 1, plain_mqtt).what;
    };
    CHECK(send("a", 1000) != core::receipt::fate::refused_by_limit);
    CHECK(send("b", 1000) != core::receipt::fate::refused_by_limit);
    CHECK(send("c", 1000) == core::receipt::fate::refused_by_limit);
    CHECK(send("a", 1100) != core::receipt::fate::refused_by_limit);
    CHECK(send("a", 2000) == core::receipt::fate::refused_by_limit);
    CHECK(send("b", 0) != core::receipt::fate::refused_by_limit);
    CHECK(send("a", 2000) != core::receipt::fate::refused_by_limit);
    CHECK(w.broker().retained_messages().size() == 1);
    CHECK(w.broker().counted().refused == 2);
}

TEST_CASE("retained messages that expire go by themselves, from the store too (MQTT5 3.3.2.3.3)") {
    core_world w;
    w.retain = true;
    w.publish("amq.topic", "stays", "x", 1, plain_mqtt);
    for (int i = 0; i < 2500; ++i) {
        w.expires = w.now().wall_ms + 1000 + i % 3;
        w.publish("amq.topic", "t" + std::to_string(i), "x", 1, plain_mqtt);
    }
    w.expires = w.now().wall_ms + 60'000;
    w.publish("amq.topic", "t0", "longer", 1, plain_mqtt);
    w.expires = 0;
    w.publish("amq.topic", "t1", "for good", 1, plain_mqtt);
    w.settle();
    const bool restarted = GENERATE(false, true);
    if (restarted) w.crash();
    CHECK(w.store().size(core::table::retained) == 2501);
    w.pass_ms(1100);
    w.settle();
    CHECK(w.broker().retained_messages().size() == 3);
    CHECK(w.store().size(core::table::retained) == 3);
    w.pass_ms(60'000);
    CHECK(w.broker().retained_messages().size() == 2);
}
