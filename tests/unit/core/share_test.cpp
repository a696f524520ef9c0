// Shares: who gets which message, and what becomes of it when its member goes away.

#include <catch2/catch.hpp>

#include "tests/unit/core/share_world.hpp"

using namespace causeway;
using namespace causeway::test;

TEST_CASE("each message goes to one member, in turns among equals (MQTT5 4.8.2)") {
    shares w;
    member_client a, b, c;
    w.member_with("a", a);
    w.member_with("b", b);
    w.member_with("c", c);
    for (int i = 0; i < 6; ++i) w.publish("amq.topic", "t", std::to_string(i), 0, plain_mqtt);
    w.settle();
    CHECK(a.payloads == texts{"0", "3"});
    CHECK(b.payloads == texts{"1", "4"});
    CHECK(c.payloads == texts{"2", "5"});
}

TEST_CASE("the member with the most free credit is next, and one without gets nothing") {
    shares w;
    member_client small(1), large(3);
    core::session& s = w.member_with("small", small);
    w.member_with("large", large);
    for (int i = 0; i < 5; ++i) w.send(std::to_string(i));
    CHECK(large.payloads == texts{"0", "1", "3"});
    CHECK(small.payloads == texts{"2"});
    CHECK(w.waiting() == 1);
    w.acknowledge(s, small);
    CHECK(small.payloads == texts{"2", "4"});
    CHECK(w.waiting() == 0);
}

TEST_CASE("every share gets its own copy, and so does an ordinary subscription (MQTT5 4.8.2)") {
    shares w;
    member_client a;
    core::session& s = w.member_with("a", a);
    w.join(s, 2, "$share/h/t");
    w.subscribe(s, "t");
    w.send("x");
    CHECK(a.payloads == texts{"x", "x", "x"});
}

TEST_CASE("a share is neither found as a queue nor reached by its name") {
    shares w;
    member_client a;
    w.member_with("a", a);
    CHECK_FALSE(w.broker().find_queue("$share/g/t"));
    CHECK_FALSE(w.broker().find_queue(""));
    CHECK(w.publish("", "$share/g/t", "x").what == core::receipt::fate::no_target);
}

TEST_CASE("messages wait for members that are away, QoS 0 does not") {
    shares w;
    core::session& s = w.member("a");
    w.send("0", 0);
    w.send("1", 1);
    w.send("2", 2);
    CHECK(w.waiting() == 2);
    member_client a;
    w.comes(s, a);
    CHECK(a.payloads == texts{"1", "2"});
}

TEST_CASE("QoS 0 waits if sessions keep it") {
    shares w({.queue_qos0 = true});
    core::session& s = w.member("a");
    w.send("0", 0);
    member_client a;
    w.comes(s, a);
    CHECK(a.payloads == texts{"0"});
}

TEST_CASE("each member gets the QoS that it was granted [MQTT-4.8.2-3]") {
    shares w;
    member_client a, b;
    w.member_with("a", a, core::no_expiry, 0);
    w.member_with("b", b, core::no_expiry, 1);
    w.publish("amq.topic", "t", "x", 2, plain_mqtt);
    w.publish("amq.topic", "t", "y", 2, plain_mqtt);
    w.settle();
    CHECK(a.last_qos == core::qos::at_most_once);
    CHECK(b.last_qos == core::qos::at_least_once);
    CHECK(w.records() == 1);
    CHECK(w.sound());
}

TEST_CASE("a member that asks for more gets it, though messages have gone to the share before [MQTT-4.8.2-3]") {
    shares w;
    member_client modest, other;
    core::session& first = w.member_with("modest", modest, core::no_expiry, 0);
    w.send("1");
    CHECK(modest.last_qos == core::qos::at_most_once);
    core::session& second = w.member_with("other", other, core::no_expiry, 1);
    w.leaves(first, modest);
    w.leaves(second, other);
    w.send("2");
    CHECK(w.waiting() == 1);  // as what is acknowledged does
    w.comes(second, other);
    REQUIRE(other.payloads == texts{"2"});
    CHECK(other.last_qos == core::qos::at_least_once);
}

TEST_CASE("what a member had and did not acknowledge goes to another when it disconnects, in order") {
    shares w;
    member_client a, b(0);
    core::session& s = w.member_with("a", a);
    w.member_with("b", b);
    for (const char* m : {"1", "2", "3"}) w.send(m);
    CHECK(a.payloads == texts{"1", "2", "3"});
    w.send("4", 2);
    s.inbox().acknowledge(a.seqs[0]);
    w.makes_room("b", b);
    w.leaves(s, a);
    CHECK(b.payloads == texts{"2", "3"});
    CHECK(b.again == std::vector<bool>{false, false});
    CHECK(w.records() == 5);  // of a: 4; of b and the share: 2 and 3
    w.acknowledge(*w.broker().find_session("b"), b);
    CHECK(w.records() == 1);
    CHECK(w.sound());
}

TEST_CASE("a message that was sent exactly once stays with its session [MQTT-4.8.2-4]") {
    shares w;
    member_client a, b(0);
    core::session& s = w.member_with("a", a);
    w.member_with("b", b);
    w.send("x", 2);
    w.makes_room("b", b);
    w.leaves(s, a);
    w.settle();
    CHECK(b.payloads.empty());
    member_client again;
    w.comes(s, again);
    CHECK(again.payloads == texts{"x"});
    CHECK(again.again == std::vector<bool>{true});
}

TEST_CASE("a message that was sent exactly once goes with its session [MQTT-4.8.2-5]") {
    for (const std::uint32_t expiry_s : {0U, core::no_expiry}) {
        shares w;
        member_client a, b(0);
        core::session& s = w.member_with("a", a, expiry_s);
        w.member_with("b", b);
        w.send("x", 2);
        CHECK(a.payloads == texts{"x"});
        w.makes_room("b", b);
        w.leaves(s, a, 0);
        CHECK(b.payloads.empty());
        CHECK(w.waiting() == 0);
        CHECK(w.records() == 0);
        CHECK(w.sound());
    }
}

TEST_CASE("without anybody else, a member gets it again with its place in the inbox kept [MQTT-4.4.0-1]") {
    for (const std::uint32_t expiry_s : {60U, core::no_expiry}) {
        shares w;
        member_client a;
        core::session& s = w.member_with("a", a, expiry_s);
        w.send("x");
        const std::uint64_t seq = a.seqs.at(0);
        w.leaves(s, a, expiry_s);
        w.send("y");
        member_client again;
        w.comes(s, again);
        CHECK(again.payloads == texts{"x", "y"});
        CHECK(again.seqs.at(0) == seq);
        CHECK(again.again == std::vector<bool>{true, false});
    }
}

TEST_CASE("what waits in the inbox of one who is away goes to the next member that comes") {
    shares w;
    member_client a;
    core::session& s = w.member_with("a", a);
    w.send("x");
    w.leaves(s, a);
    member_client b;
    SECTION("one that joins") { w.member_with("b", b); }
    SECTION("one that comes back") {
        core::session& other = w.member("b");
        w.comes(other, b);
    }
    CHECK(b.payloads == texts{"x"});
    member_client again;
    w.comes(s, again);
    CHECK(again.payloads.empty());
    CHECK(w.sound());
}

TEST_CASE("one who unsubscribes may settle what it was sent, and the rest goes to others [MQTT-3.10.4-3]") {
    shares w;
    member_client a(1), b(0);
    core::session& s = w.member_with("a", a);
    w.member_with("b", b);
    w.send("1");
    w.publish("amq.topic", "t", "2", 2, plain_mqtt);
    w.makes_room("b", b);
    CHECK(w.broker().leave_share(s, "$share/g/t").existed);
    CHECK_FALSE(w.broker().leave_share(s, "$share/g/t").existed);
    w.settle();
    CHECK(b.payloads == texts{"2"});
    w.send("3");
    CHECK(b.payloads == texts{"2", "3"});
    SECTION("its session ends: the others have it") {
        w.leaves(s, a, 0);
        CHECK(b.payloads == texts{"2", "3", "1"});
    }
    SECTION("it acknowledges") {
        w.acknowledge(s, a);
        w.leaves(s, a, 0);
        CHECK(b.payloads == texts{"2", "3"});
        CHECK(w.records() == 2);
    }
    CHECK(w.sound());
}

TEST_CASE("a share ends with its last member, and its messages with it (MQTT5 4.8.2)") {
    shares w;
    core::session& s = w.member("a");
    member_client a;
    w.send("x");
    SECTION("it leaves") { w.broker().leave_share(s, "$share/g/t"); }
    SECTION("its session ends") { w.broker().close_session(s, false, 0); }
    w.settle();
    CHECK_FALSE(w.the_share());
    CHECK(w.records() == 0);
    CHECK(w.records(core::table::shares) == 0);
    CHECK(w.records(core::table::members) == 0);
    CHECK(w.records(core::table::bindings) == 0);
    CHECK(w.send("y").what == core::receipt::fate::no_target);
}

TEST_CASE("a rejected message is offered to nobody else [MQTT-4.8.2-6]") {
    for (const std::uint32_t expiry_s : {0U, core::no_expiry})
        for (const int qos : {1, 2}) {
            shares w;
            member_client a, b(0);
            core::session& s = w.member_with("a", a, expiry_s);
            w.member_with("b", b);
            w.send("x", qos);
            w.makes_room("b", b);
            s.inbox().reject(a.seqs.at(0));
            w.settle();
            CHECK(b.payloads.empty());
            CHECK(w.broker().counted().dropped[static_cast<int>(core::drop_reason::rejected)] == 1);
            CHECK(w.records() == 0);
        }
}

TEST_CASE("a share with its members and messages survives a crash") {
    shares w;
    w.member("a");
    w.member("b");
    w.send("1");
    w.send("2", 2);
    w.crash();
    REQUIRE(w.the_share());
    CHECK(w.the_share()->members().size() == 2);
    CHECK(w.waiting() == 2);
    member_client a;
    w.comes(*w.broker().find_session("a"), a);
    CHECK(a.payloads == texts{"1", "2"});
    w.send("3");
    CHECK(a.payloads == texts{"1", "2", "3"});
    CHECK(w.sound());
}

TEST_CASE("a message on its way to a stored session is still its own after a crash [MQTT-4.4.0-1]") {
    for (const int qos : {1, 2}) {
        shares w;
        core::session* s = &w.member("a");
        member_client a;
        const bool waited = GENERATE(false, true);  // in the share, before it went to the inbox
        if (!waited) w.comes(*s, a);
        w.send("x", qos);
        if (waited) w.comes(*s, a);
        const std::uint64_t seq = a.seqs.at(0);
        CHECK(w.sound());
        w.crash();
        CHECK(w.waiting() == 0);
        member_client again;
        s = w.broker().find_session("a");
        w.comes(*s, again);
        CHECK(again.payloads == texts{"x"});
        CHECK(again.seqs == std::vector<std::uint64_t>{seq});
        CHECK(again.again == std::vector<bool>{true});
        w.acknowledge(*s, again);
        CHECK(w.records() == 0);
    }
}

TEST_CASE("a message on its way to a session that ends with a crash is there for others") {
    shares w;
    w.member("stored");
    member_client passing;
    w.member_with("passing", passing, 0);
    w.send("x");
    CHECK(passing.payloads == texts{"x"});
    w.crash();
    CHECK(w.the_share()->members().size() == 1);
    CHECK(w.waiting() == 1);
}

TEST_CASE("a message that is sent exactly once to a session that ends with a crash is for nobody else [MQTT-4.8.2-5]") {
    shares w;
    w.member("stored");
    member_client passing;
    core::session& s = w.member_with("passing", passing, 0);
    w.send("x", 2);
    CHECK(passing.payloads == texts{"x"});
    SECTION("before PUBREC") {}
    SECTION("after PUBREC") { s.inbox().release(passing.seqs.at(0)); }
    w.settle();
    CHECK(w.sound());
    w.crash();
    CHECK(w.waiting() == 0);
    w.settle();
    CHECK(w.records() == 0);
}

TEST_CASE("a message of exactly once is not sent before its way is on disk [MQTT-4.3.3-8]") {
    for (const std::uint32_t expiry_s : {0U, core::no_expiry}) {
        shares w;
        w.member("stored");
        member_client a;
        core::session& s = w.member("a", expiry_s);
        w.send("x", 2);
        w.store().hold();
        w.comes(s, a);
        CHECK(a.payloads.empty());
        w.store().release();
        w.settle();
        CHECK(a.payloads == texts{"x"});
    }
}

TEST_CASE("a message that could not be moved is still its share's") {
    for (const std::uint32_t expiry_s : {0U, core::no_expiry}) {
        shares w;
        w.member("stored");
        member_client a;
        core::session& s = w.member("a", expiry_s);
        w.send("x", 2);
        w.store().hold();
        w.comes(s, a);
        w.store().break_down();
        w.store().release();
        w.settle();
        CHECK(a.payloads.empty());
        CHECK(w.waiting() == 1);
        w.store().repair();
        w.settle();
        w.settle();
        CHECK(a.payloads == texts{"x"});
        w.acknowledge(s, a);
        CHECK(w.records() == 0);
        CHECK(w.sound());
    }
}

TEST_CASE("a member that is gone after a crash leaves the share, and the last one ends it") {
    shares w;
    w.member("a", 5);
    w.send("x");
    w.crash();
    REQUIRE(w.the_share());
    w.pass_ms(6000);
    CHECK_FALSE(w.the_share());
    CHECK(w.records() == 0);
    CHECK(w.sound());
}

TEST_CASE("a share of passing sessions writes nothing, and lasts once a stored one joins") {
    shares w;
    w.member("passing", 0);
    w.send("1");
    CHECK(w.records() == 0);
    CHECK(w.records(core::table::shares) == 0);
    core::session& s = w.member("stored");
    w.send("2");
    w.crash();
    REQUIRE(w.the_share());
    member_client a;
    w.comes(*w.broker().find_session("stored"), a);
    CHECK(a.payloads == texts{"2"});
    CHECK(&s != nullptr);
}

TEST_CASE("members may want the same share again with other options") {
    shares w;
    member_client a;
    core::session& s = w.member_with("a", a, core::no_expiry, 0);
    w.join(s, 1);
    CHECK(w.the_share()->members().size() == 1);
    w.send("x");
    CHECK(a.last_qos == core::qos::at_least_once);
    CHECK(w.broker().leave_share(s, "$share/g/t").existed);
    CHECK_FALSE(w.the_share());
}

TEST_CASE("a hundred members share evenly") {
    shares w;
    std::vector<std::unique_ptr<member_client>> all;
    for (int i = 0; i < 100; ++i) {
        all.push_back(std::make_unique<member_client>());
        w.member_with("m" + std::to_string(i), *all.back());
    }
    for (int i = 0; i < 1000; ++i) w.publish("amq.topic", "t", "x", 1, plain_mqtt);
    w.settle();
    for (const auto& each : all) CHECK(each->payloads.size() == 10);
}

TEST_CASE("a message that expires in a share is dropped there") {
    shares w;
    w.member("a");
    w.expires = w.now().wall_ms + 500;
    w.send("x");
    w.pass_ms(600);
    CHECK(w.waiting() == 0);
    CHECK(w.broker().counted().dropped[static_cast<int>(core::drop_reason::expired)] == 1);
}
