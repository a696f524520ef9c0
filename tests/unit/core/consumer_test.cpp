// Who of several consumers gets a queue's entries.

#include <catch2/catch.hpp>

#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

/// Takes what its credit allows, and settles at once unless it keeps.
struct rank final : core::consumer {
    explicit rank(std::int64_t priority = 0) : priority_(priority) {}
    std::int64_t priority() const override { return priority_; }
    bool can_take(const core::queue&, const core::entry&) override { return credit > 0; }
    core::handover deliver(core::queue&, const core::entry& next) override {
        --credit;
        payloads.emplace_back(next.message->payload());
        return core::handover::settled;
    }
    void queue_deleted(core::queue&) override {}

    int credit = 1'000;
    texts payloads;

private:
    std::int64_t priority_;
};

/// Says when it can take again, and counts how often it was asked.
struct caller final : core::consumer {
    bool can_take(const core::queue&, const core::entry&) override {
        ++asked;
        return credit > 0;
    }
    bool calls_when_able() const override { return true; }
    core::handover deliver(core::queue&, const core::entry& next) override {
        --credit;
        payloads.emplace_back(next.message->payload());
        return core::handover::settled;
    }
    void queue_deleted(core::queue&) override { deleted = true; }
    void recover(core::queue& q, int more) {
        credit = more;
        q.wake(*this);
    }

    int credit = 1;
    int asked = 0;
    bool deleted = false;
    texts payloads;
};

struct served : core_world {
    core::queue& q;
    explicit served(core::field_table arguments = {}) : q(queue("q", true, std::move(arguments))) {}

    void join(std::initializer_list<core::consumer*> all) {
        for (core::consumer* t : all) REQUIRE(q.add_consumer(*t));
    }
    void leave(std::initializer_list<core::consumer*> all) {
        for (core::consumer* t : all) q.remove_consumer(*t);
    }
    void send(std::initializer_list<const char*> all) {
        for (const char* m : all) publish("", "q", m);
        settle();
    }
};

core::field_table single_active() { return {{"x-single-active-consumer", true}}; }

}  // namespace

TEST_CASE("the highest priority is served while it can take, then the next (consumer-priority)") {
    served w;
    rank low(-1), plain(0), high(5);
    high.credit = 2;
    plain.credit = 1;
    w.join({&low, &plain, &high});
    w.send({"1", "2", "3", "4"});
    CHECK(high.payloads == texts{"1", "2"});
    CHECK(plain.payloads == texts{"3"});
    CHECK(low.payloads == texts{"4"});
    high.credit = 1;
    w.q.wake();
    w.send({"5", "6"});
    CHECK(high.payloads.back() == "5");
    CHECK(low.payloads.back() == "6");
    w.leave({&low, &plain, &high});
}

TEST_CASE("consumers of equal priority take turns") {
    served w;
    rank low(0), a(3), b(3);
    w.join({&a, &low, &b});
    w.send({"1", "2", "3", "4", "5"});
    CHECK(a.payloads == texts{"1", "3", "5"});
    CHECK(b.payloads == texts{"2", "4"});
    CHECK(low.payloads.empty());
    w.leave({&a});
    w.send({"6"});
    CHECK(b.payloads.back() == "6");
    w.leave({&b});
    w.send({"7"});
    CHECK(low.payloads == texts{"7"});
    w.leave({&low});
}

TEST_CASE("a new consumer's turn comes behind those of all its equals (consumer-priority)") {
    served w;
    const std::int64_t lower = GENERATE(0, -1);  // the fourth one's priority
    rank a, b, late, other(lower);
    w.join({&a, &b});
    if (lower < 0) w.join({&other});
    w.send({"1"});
    w.join({&late});
    w.send({"2", "3", "4", "5"});
    CHECK(a.payloads == texts{"1", "3"});
    CHECK(b.payloads == texts{"2", "5"});
    CHECK(late.payloads == texts{"4"});
    if (lower < 0) w.leave({&other});
    w.send({"6", "7"});
    CHECK(a.payloads.back() == "6");
    CHECK(late.payloads.back() == "7");
    w.leave({&a, &b, &late});
}

TEST_CASE("who says when it can take again is asked once, and then not until it says so") {
    served w;
    caller a, b, c;
    w.join({&a, &b, &c});
    w.send({"1", "2", "3", "4", "5"});
    CHECK(a.payloads == texts{"1"});
    CHECK(b.payloads == texts{"2"});
    CHECK(c.payloads == texts{"3"});
    for (const caller* each : {&a, &b, &c}) CHECK(each->asked == 2);
    w.send({"6"});
    for (const caller* each : {&a, &b, &c}) CHECK(each->asked == 2);

    SECTION("who came back first is served first, then its equals") {
        c.recover(w.q, 2);
        a.recover(w.q, 1);
        w.settle();
        CHECK(c.payloads == texts{"3", "4", "6"});
        CHECK(a.payloads == texts{"1", "5"});
        CHECK(b.asked == 2);
    }
    SECTION("the last one left is asked, whatever it said") {
        w.leave({&a, &b});
        c.credit = 1;
        w.settle();
        CHECK(c.payloads == texts{"3", "4"});
    }
    SECTION("one that waits may go, and another come") {
        w.leave({&b});
        caller d;
        w.join({&d});
        w.settle();
        CHECK(d.payloads == texts{"4"});
        w.leave({&d});
        a.recover(w.q, 5);
        w.settle();
        CHECK(a.payloads == texts{"1", "5", "6"});
    }
    SECTION("those that wait hear that the queue is gone") {
        a.credit = 1;
        CHECK(w.broker().delete_queue("q", false, false, {}));
        for (const caller* each : {&a, &b, &c}) CHECK(each->deleted);
        return;
    }
    w.leave({&a, &b, &c});
}

TEST_CASE("one that cannot take this message is asked about the next") {
    served w;
    rank picky, other;
    picky.credit = 0;
    other.credit = 1;
    w.join({&picky, &other});
    w.send({"1", "2"});
    CHECK(other.payloads == texts{"1"});
    picky.credit = 2;
    w.send({"3"});
    CHECK(picky.payloads == texts{"2", "3"});
    w.leave({&picky, &other});
}

TEST_CASE("on a quorum queue nobody consumes exclusively: the flag means nothing there, as with RabbitMQ") {
    served w({{"x-queue-type", std::string("quorum")}});
    rank asks, other, asks_too;
    REQUIRE(w.q.add_consumer(asks, true));
    CHECK_FALSE(w.q.exclusively_consumed());
    REQUIRE(w.q.add_consumer(other));
    REQUIRE(w.q.add_consumer(asks_too, true));
    w.send({"1", "2", "3"});
    CHECK(asks.payloads == texts{"1"});
    CHECK(other.payloads == texts{"2"});
    CHECK(asks_too.payloads == texts{"3"});
    w.leave({&asks, &other, &asks_too});
}

TEST_CASE("a single active consumer gets everything, in its turn also when it has no credit") {
    served w(single_active());
    rank first, second;
    first.credit = 1;
    w.join({&first, &second});
    CHECK(w.q.single_active_consumer() == &first);
    w.send({"1", "2"});
    CHECK(first.payloads == texts{"1"});
    CHECK(second.payloads.empty());
    w.leave({&first});
    w.settle();
    CHECK(w.q.single_active_consumer() == &second);
    CHECK(second.payloads == texts{"2"});
    w.leave({&second});
    CHECK(w.q.single_active_consumer() == nullptr);
}

TEST_CASE("who waits takes over in order of arrival; a higher priority goes first, but takes nothing away") {
    served w(single_active());
    rank active(0), second(0), urgent(9), third(0);
    w.join({&active, &second, &urgent, &third});
    CHECK(w.q.single_active_consumer() == &active);
    w.leave({&second});  // one that waits
    CHECK(w.q.single_active_consumer() == &active);
    w.join({&second});
    w.send({"1"});
    CHECK(active.payloads == texts{"1"});
    for (rank* next : std::initializer_list<rank*>{&urgent, &third, &second}) {
        w.q.remove_consumer(const_cast<core::consumer&>(*w.q.single_active_consumer()));
        CHECK(w.q.single_active_consumer() == next);
    }
    w.leave({&second});
}

TEST_CASE("where one consumer is active, none may ask to be exclusive") {
    served w(single_active());
    rank t;
    CHECK(w.q.add_consumer(t, true).error().code == core::error::access_refused);
    CHECK(w.q.consumer_count() == 0);
}
