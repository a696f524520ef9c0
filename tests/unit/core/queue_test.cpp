#include <catch2/catch.hpp>

#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::test;

TEST_CASE("entries are handed out in order, at the end of the turn") {
    core_world w;
    core::queue& q = w.queue("q");
    taker t;
    REQUIRE(q.add_consumer(t));
    w.publish("", "q", "1");
    w.publish("", "q", "2");
    CHECK(t.payloads.empty());
    w.turn();
    CHECK(t.payloads == texts{"1", "2"});
    CHECK(q.unacknowledged_count() == 2);
    q.acknowledge(t.seqs[0]);
    q.acknowledge(t.seqs[0]);  // once more is nothing
    CHECK(q.unacknowledged_count() == 1);
    q.remove_consumer(t);
}

TEST_CASE("a requeued entry goes back to its place and is flagged redelivered") {
    core_world w;
    core::queue& q = w.queue("q");
    taker t;
    t.credit = 3;
    REQUIRE(q.add_consumer(t));
    for (const char* p : {"1", "2", "3", "4"}) w.publish("", "q", p);
    w.turn();
    q.requeue(t.seqs[1]);
    q.requeue(t.seqs[0]);
    t.payloads.clear();
    t.credit = 10;
    w.turn();
    CHECK(t.payloads == texts{"1", "2", "4"});
    CHECK_FALSE(t.last.redelivered());
    REQUIRE(q.unacknowledged(t.seqs[0]));
    CHECK(q.unacknowledged(t.seqs[0])->redelivered());
    CHECK(q.unacknowledged_count() == 4);
    for (const std::uint64_t seq : std::vector<std::uint64_t>(t.seqs)) q.acknowledge(seq);
    CHECK(q.unacknowledged_count() == 0);
    CHECK(q.bytes() == 0);
    q.remove_consumer(t);
}

TEST_CASE("consumers take turns and one without credit is passed over") {
    core_world w;
    core::queue& q = w.queue("q");
    taker a, b;
    b.credit = 1;
    REQUIRE(q.add_consumer(a));
    REQUIRE(q.add_consumer(b));
    for (const char* p : {"1", "2", "3", "4"}) w.publish("", "q", p);
    w.turn();
    CHECK(a.payloads == texts{"1", "3", "4"});
    CHECK(b.payloads == texts{"2"});
    q.remove_consumer(a);
    q.remove_consumer(b);
}

TEST_CASE("an exclusive consumer is alone") {
    core_world w;
    core::queue& q = w.queue("q");
    taker a, b;
    REQUIRE(q.add_consumer(a, true));
    const auto refused = q.add_consumer(b);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == core::error::access_refused);
    q.remove_consumer(a);
    CHECK(q.add_consumer(b));
    q.remove_consumer(b);
}

TEST_CASE("an auto-delete queue goes with its last consumer and a deleted queue tells its consumers") {
    core_world w;
    core::queue& q = *w.broker().declare_queue({.name = "q", .auto_delete = true, .arguments = {}}, {}).value().it;
    taker t;
    REQUIRE(q.add_consumer(t));
    q.remove_consumer(t);
    CHECK_FALSE(w.broker().find_queue("q"));
    core::queue& other = w.queue("other");
    REQUIRE(other.add_consumer(t));
    CHECK(w.broker().delete_queue("other", false, false, {}).value().messages == 0);
    CHECK(t.deleted);
}

TEST_CASE("a queue with a length limit drops its oldest entries or refuses new ones") {
    core_world w;
    w.queue("head", true, {{"x-max-length", std::int32_t{2}}});
    w.queue("new", true, {{"x-max-length", std::int32_t{2}}, {"x-overflow", std::string("reject-publish")}});
    for (const char* p : {"1", "2", "3"}) w.publish("", "head", p);
    taker t;
    REQUIRE(w.broker().find_queue("head")->add_consumer(t));
    w.turn();
    CHECK(t.payloads == texts{"2", "3"});
    w.broker().find_queue("head")->remove_consumer(t);
    w.publish("", "new", "1");
    w.publish("", "new", "2");
    CHECK(w.publish("", "new", "3").what == core::receipt::fate::refused_by_limit);
    CHECK(w.broker().find_queue("new")->ready_count() == 2);
}

TEST_CASE("what expires at the head is dead-lettered with its death recorded") {
    core_world w;
    w.queue("dead");
    core::queue& q = w.queue("q", true, {{"x-message-ttl", std::int32_t{100}}, {"x-dead-letter-exchange", std::string("")},
                                         {"x-dead-letter-routing-key", std::string("dead")}});
    w.publish("", "q", "1");
    w.turn();
    w.pass_ms(99);
    CHECK(q.ready_count() == 1);
    w.pass_ms(1);
    CHECK(q.ready_count() == 0);
    taker t;
    REQUIRE(w.broker().find_queue("dead")->add_consumer(t));
    w.turn();
    REQUIRE(t.payloads == texts{"1"});
    const auto& headers = t.last.message->properties().headers;
    REQUIRE(core::find(headers, "x-death"));
    CHECK(*core::as_text(*core::find(headers, "x-first-death-reason")) == "expired");
    CHECK(*core::as_text(*core::find(headers, "x-first-death-queue")) == "q");
    w.broker().find_queue("dead")->remove_consumer(t);
}

TEST_CASE("a cycle of dead letters without a rejection ends") {
    core_world w;
    core::queue& q = w.queue("q", true, {{"x-message-ttl", std::int32_t{10}}, {"x-dead-letter-exchange", std::string("")},
                                         {"x-dead-letter-routing-key", std::string("q")}});
    w.publish("", "q", "1");
    w.settle();
    w.pass_ms(10);
    w.pass_ms(10);
    CHECK(q.ready_count() == 0);
    CHECK(w.store().size(core::table::entries) == 0);
}

TEST_CASE("a cycle of dead letters ends in one turn, whatever deaths the publisher has made up") {
    core_world w;
    core::queue& q = w.queue("q", true, {{"x-max-length", std::int32_t{0}}, {"x-dead-letter-exchange", std::string("")},
                                         {"x-dead-letter-routing-key", std::string("q")}});
    auto made_up = std::make_unique<core::properties>();
    made_up->headers = {{"x-death", core::field_array{core::field_table{{"queue", std::string("other")},
                                                                        {"reason", std::string("rejected")}}}}};
    w.broker().publish(w.broker().default_exchange(),
                       core::message::make({.from = &plain_amqp, .name = "q", .neutral = std::move(made_up)}));
    w.settle();
    CHECK(q.ready_count() == 0);
}

TEST_CASE("a TTL that is too long to add to the clock is refused") {
    core_world w;
    const auto declared = w.broker().declare_queue({.name = "q", .arguments = {{"x-message-ttl", std::int64_t{INT64_MAX}}}}, {});
    REQUIRE_FALSE(declared);
    CHECK(declared.assume_error().text.find("value_too_large") != std::string::npos);
}

TEST_CASE("a queue's TTL expiry does not wait for traffic and never touches a released entry") {
    core_world w;
    core::session& s = w.session("c");
    w.subscribe(s, "t");
    w.expires = w.now().wall_ms + 50;
    w.publish("amq.topic", "t", "1", 2, plain_mqtt);
    w.settle();
    taker t;
    REQUIRE(s.inbox().add_consumer(t));
    w.settle();
    REQUIRE(t.seqs.size() == 1);
    CHECK(s.inbox().release(t.seqs[0]) != 0);
    s.inbox().requeue_all();
    w.pass_ms(1000);
    CHECK(t.payloads == texts{"1", "(released)"});
    s.inbox().remove_consumer(t);
}

TEST_CASE("x-max-length-bytes counts the bodies of ready messages, nothing else") {
    core_world w;
    core::queue& q = w.queue("q", true, {{"x-max-length-bytes", std::int32_t{10}}});
    for (const char* body : {"12345", "67890"}) w.publish("", "q", body);
    CHECK(q.ready_count() == 2);
    const auto taken = q.take(false);
    REQUIRE(taken);
    w.publish("", "q", "abcde");
    CHECK(q.ready_count() == 2);
    w.publish("", "q", "f");
    CHECK(q.ready_count() == 2);
    CHECK(q.take(true)->message->payload() == "abcde");
}

TEST_CASE("a limit counts what no consumer takes at once: what one has credit for passes (x-max-length, x-max-length-bytes)") {
    core_world w;
    taker t;
    const auto limited = [&](const char* argument, std::int32_t most, const char* overflow) {
        core::queue& q = w.queue("q", true, {{argument, most}, {"x-overflow", std::string(overflow)}});
        REQUIRE(q.add_consumer(t));
        w.settle();
    };
    const auto publish = [&](int count) {
        for (int i = 0; i < count; ++i) w.publish("", "q", std::to_string(i));
    };
    using texts = std::vector<std::string>;
    SECTION("many, in one turn") {
        limited("x-max-length", 1, "drop-head");
        publish(4);
        w.settle();
        CHECK(t.payloads == texts{"0", "1", "2", "3"});
    }
    SECTION("also where nothing may wait") {
        limited("x-max-length", 0, "drop-head");
        publish(3);
        w.settle();
        CHECK(t.payloads == texts{"0", "1", "2"});
    }
    SECTION("in bytes") {
        limited("x-max-length-bytes", 1, "drop-head");
        publish(3);
        w.settle();
        CHECK(t.payloads == texts{"0", "1", "2"});
    }
    SECTION("what is beyond the credit is limited") {
        t.credit = 2;
        limited("x-max-length", 1, "drop-head");
        publish(5);
        w.settle();
        CHECK(t.payloads == texts{"0", "1"});
        CHECK(w.broker().find_queue("q")->ready_count() == 1);
        t.credit = 1;
        w.broker().find_queue("q")->wake();
        w.settle();
        CHECK(t.payloads == texts{"0", "1", "4"});
    }
    SECTION("nor is it refused") {
        t.credit = 2;
        limited("x-max-length", 1, "reject-publish");
        publish(2);
        CHECK(w.publish("", "q", "2").what == core::receipt::fate::routed);
        CHECK(w.publish("", "q", "3").what == core::receipt::fate::refused_by_limit);
        w.settle();
        CHECK(t.payloads == texts{"0", "1"});
    }
    w.broker().find_queue("q")->remove_consumer(t);
}

TEST_CASE("many messages that expire together go some at a time, so that others are not kept waiting (x-message-ttl)") {
    core_world w;
    w.queue("dead");
    w.queue("q", false, {{"x-message-ttl", std::int32_t{100}},
                         {"x-dead-letter-exchange", std::string()},
                         {"x-dead-letter-routing-key", std::string("dead")}});
    w.settle();
    constexpr std::size_t all = 20'000;
    for (std::size_t i = 0; i < all; ++i) w.publish("", "q", "m");
    w.settle();
    w.pass_ms(99);
    CHECK(w.broker().find_queue("q")->ready_count() == all);
    w.pass_ms(1);
    CHECK(w.broker().find_queue("dead")->ready_count() < all);
    for (int i = 0; i < 20; ++i) w.settle();
    CHECK(w.broker().find_queue("dead")->ready_count() == all);
    CHECK(w.broker().find_queue("q")->ready_count() == 0);
}
