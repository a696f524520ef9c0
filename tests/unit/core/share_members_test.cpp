// Members that leave, are away, or have no credit: what they cost and what they count.

#include "tests/unit/core/share_world.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

std::size_t count_of(core::session& s) { return s.subscription_count(); }

/// How often a share looks at a member for each of some messages, with so many members away and so many there, of which each has
/// room for one message, or for all.
std::uint64_t compared(int away, int there, std::size_t window) {
    shares w;
    for (int i = 0; i < away; ++i) w.member("away" + std::to_string(i));
    std::vector<std::unique_ptr<member_client>> clients;
    for (int i = 0; i < there; ++i) {
        clients.push_back(std::make_unique<member_client>(window));
        w.member_with("there" + std::to_string(i), *clients.back());
    }
    const std::uint64_t before = w.the_share()->compared();
    for (int i = 0; i < 100; ++i) w.publish("amq.topic", "t", "x", 1, plain_mqtt);
    w.settle();
    return w.the_share()->compared() - before;
}

}  // namespace

TEST_CASE("members that are away cost a message nothing") {
    CHECK(compared(300, 2, 1000) == compared(0, 2, 1000));
    CHECK(compared(300, 2, 1000) <= 300);
}

TEST_CASE("of many members that are there, few are compared for a message") {
    CHECK(compared(0, 300, 1000) <= 100 * 33);
    CHECK(compared(0, 300, 1000) == compared(0, 100, 1000));
}

TEST_CASE("members without credit are not asked again before they have some") {
    shares w;
    std::vector<std::unique_ptr<member_client>> clients;
    for (int i = 0; i < 200; ++i) {
        clients.push_back(std::make_unique<member_client>(1));
        w.member_with(std::to_string(i), *clients.back());
    }
    for (int i = 0; i < 400; ++i) w.publish("amq.topic", "t", std::to_string(i), 1, plain_mqtt);
    w.settle();
    CHECK(w.waiting() == 200);
    const std::uint64_t before = w.the_share()->compared();
    for (int i = 0; i < 200; ++i) w.acknowledge(*w.broker().find_session(std::to_string(i)), *clients[static_cast<std::size_t>(i)]);
    CHECK(w.waiting() == 0);
    CHECK(w.the_share()->compared() - before <= 200 * 4);
}

TEST_CASE("a member that is away when it could have a message is no longer chosen, and is again when it is back") {
    shares w;
    member_client a(1), b(1);
    core::session& first = w.member_with("a", a);
    w.member_with("b", b);
    w.leaves(first, a);
    w.send("1");
    w.send("2");
    CHECK(b.payloads == texts{"1"});
    w.comes(first, a);
    CHECK(a.payloads == texts{"2"});
}

TEST_CASE("one that left does not count among the subscriptions of its session") {
    shares w;
    member_client a;
    core::session& s = w.member_with("a", a);
    w.member("b");
    w.send("x");
    CHECK(count_of(s) == 1);
    w.broker().leave_share(s, "$share/g/t");
    CHECK(count_of(s) == 0);
    CHECK(w.the_share()->members().size() == 1);
    CHECK(w.broker().shared_subscription_count() == 1);
}

TEST_CASE("a share keeps in mind who left only for as long as there are entries to settle") {
    const int qos = GENERATE(1, 2);
    shares w;
    member_client a;
    core::session& s = w.member_with("a", a);
    w.member("b");
    w.send("1", qos);
    w.send("2", qos);
    w.broker().leave_share(s, "$share/g/t");
    CHECK(w.the_share()->departed().size() == 1);
    s.inbox().acknowledge(a.seqs.at(0));
    CHECK(w.the_share()->departed().size() == 1);
    SECTION("it acknowledges") { s.inbox().acknowledge(a.seqs.at(1)); }
    SECTION("it rejects") { s.inbox().reject(a.seqs.at(1)); }
    SECTION("its session ends") { w.broker().close_session(s, false, 0); }
    SECTION("it joins again") { w.join(s); }
    CHECK(w.the_share()->departed().empty());
    w.settle();
    CHECK(w.sound());
}

TEST_CASE("a share that ends forgets who had left it") {
    shares w;
    member_client a;
    core::session& s = w.member_with("a", a);
    w.member("b");
    w.send("x");
    w.broker().leave_share(s, "$share/g/t");
    w.broker().leave_share(*w.broker().find_session("b"), "$share/g/t");
    REQUIRE_FALSE(w.the_share());
    CHECK(s.shares->left.empty());
    w.acknowledge(s, a);
    CHECK(w.records() == 0);
    CHECK(w.sound());
}

TEST_CASE("a share knows after a crash who left and holds entries") {
    shares w;
    member_client a, again;
    core::session* s = &w.member_with("a", a);
    w.member("b");
    w.send("x");
    w.broker().leave_share(*s, "$share/g/t");
    w.settle();
    w.crash();
    s = w.broker().find_session("a");
    CHECK(count_of(*s) == 0);
    CHECK(w.the_share()->members().size() == 1);
    CHECK(w.the_share()->departed().size() == 1);
    w.comes(*s, again);
    CHECK(again.payloads == texts{"x"});
    w.acknowledge(*s, again);
    CHECK(w.the_share()->departed().empty());
    CHECK(w.records() == 0);
}

TEST_CASE("what many who are away hold goes to the first that comes after a crash") {
    shares w;
    std::vector<std::unique_ptr<member_client>> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(std::make_unique<member_client>());
        w.member_with("m" + std::to_string(i), *clients.back());
    }
    for (int i = 0; i < 40; ++i) w.publish("amq.topic", "t", std::to_string(i), 1, plain_mqtt);
    w.settle();
    w.crash();
    member_client first;
    w.comes(*w.broker().find_session("m3"), first);
    CHECK(first.payloads.size() == 40);
}

TEST_CASE("a message that one member of many could take is not lost to the others, whoever has credit [MQTT-3.1.2-25]") {
    shares w;
    std::vector<std::unique_ptr<member_client>> small;
    for (int i = 0; i < 50; ++i) {
        small.push_back(std::make_unique<member_client>());
        small.back()->useful = false;
        w.member_with("small" + std::to_string(i), *small.back());
    }
    member_client large(1);
    core::session& s = w.member_with("large", large);
    w.send("1");
    w.send("2");
    CHECK(large.payloads == texts{"1"});
    CHECK(w.waiting() == 1);
    w.acknowledge(s, large);
    CHECK(large.payloads == texts{"1", "2"});
    w.leaves(s, large);
    w.send("3");
    CHECK(w.waiting() == 0);  // nobody there could take it
}
