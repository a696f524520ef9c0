// The way back from a member to its share, when commits fail and the power goes off on it.

#include "tests/unit/core/share_world.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

/// Two stored members, of which one has a message with only its own record, and the other no room for any.
struct two_members : shares {
    two_members() : b(0) {
        member_with("a", a);
        member_with("b", b);
    }
    core::session& session_of(const char* id) { return *broker().find_session(id); }
    std::size_t in_inbox(const char* id) { return session_of(id).inbox().ready_count(); }
    /// The batches that wait are written, but for those after the first `stored`: they fail, and then it works again.
    void break_after(std::size_t stored) {
        store().complete_next(stored);
        store().fail_next(core::commit_status::full);
        store().complete_all();
        store().mend();
    }

    member_client a, b;
};

}  // namespace

TEST_CASE("a message whose way back could not be stored is still its member's after a crash") {
    for (const int qos : {1, 2}) {
        two_members w;
        w.store().hold();
        w.publish("amq.topic", "t", "x", qos, plain_mqtt);
        w.settle();
        w.leaves(w.session_of("a"), w.a);
        w.break_after(1);  // erases are made up for, puts are lost
        CHECK(w.sound());
        w.crash();
        CHECK(w.waiting() + w.in_inbox("a") == 1);
        CHECK(w.sound());
    }
}

TEST_CASE("a message whose way back could not be stored is written again as soon as that is possible") {
    two_members w;
    w.send("x");
    w.store().break_down();
    w.leaves(w.session_of("a"), w.a);
    w.store().repair();
    w.settle();
    CHECK(w.records() == 1);
    w.crash();
    CHECK(w.waiting() == 1);
}

TEST_CASE("a message on its way back from a session that ended is found by its share after a crash") {
    for (const std::size_t stored : {1U, 2U}) {
        two_members w;
        w.store().hold();
        w.publish("amq.topic", "t", "x", 2, plain_mqtt);
        w.settle();
        w.leaves(w.session_of("a"), w.a, 0);
        w.break_after(stored);
        w.crash();
        REQUIRE_FALSE(w.broker().find_session("a"));
        CHECK(w.waiting() == 1);
        w.settle();
        w.settle();
        CHECK(w.records() == 1);
        CHECK(w.sound());
        w.comes(w.session_of("b"), w.b);
        w.makes_room("b", w.b);
        w.settle();
        CHECK(w.b.payloads == texts{"x"});
    }
}

TEST_CASE("a message that a session shared before the restart, and that comes back to its share, is stored once") {
    shares w;
    w.member("away");
    w.subscribe(w.session("other"), "t");
    w.send("x", 2);
    CHECK(w.records(core::table::messages) == 1);
    w.crash();
    taker other;
    other.automatic = true;
    REQUIRE(w.broker().find_session("other")->inbox().add_consumer(other));
    w.settle();
    CHECK(other.payloads == texts{"x"});

    w.store().hold();
    member_client passing;
    core::session& s = w.member_with("passing", passing, 0);
    CHECK(passing.payloads.empty());  // the share's record must say first that it is being sent
    w.leaves(s, passing, 0);
    w.store().release();
    w.settle();
    CHECK(w.waiting() == 1);
    CHECK(w.records(core::table::messages) == 1);
    CHECK(w.sound());
}

TEST_CASE("a message that was refused to its publisher does not come back from a member by another commit [MQTT-4.3.3-8]") {
    two_members w;
    w.store().hold();
    const core::receipt r = w.publish("amq.topic", "t", "x", 2, plain_mqtt);
    w.settle();
    w.leaves(w.session_of("a"), w.a);
    w.store().fail_next(core::commit_status::full);
    w.store().complete_next(1);
    w.store().mend();
    w.store().complete_all();
    SECTION("the power goes off") {
        w.crash();
        CHECK(w.in_inbox("a") == 0);
    }
    SECTION("it does not") {
        w.settle();
        CHECK(w.broker().state_of(r.commit) == core::commit_state::failed);
        w.store().release();
        w.settle();
    }
    CHECK(w.waiting() == 0);
    CHECK(w.records() == 0);
    CHECK(w.sound());
}

TEST_CASE("a message that came back is sent exactly once, wherever the power goes off [MQTT-4.3.3-8]") {
    for (const std::uint32_t expiry_s : {0U, core::no_expiry})
        for (int steps = 0; steps < 8; ++steps) {
            two_members w;
            w.store().hold();
            w.publish("amq.topic", "t", "x", 2, plain_mqtt);
            w.turn();
            w.leaves(w.session_of("a"), w.a, expiry_s);
            w.makes_room("b", w.b);
            for (int i = 0; i < steps; ++i) {
                w.store().complete_next(1);
                w.turn();
            }
            const bool stored = steps > 0;
            const std::size_t sent = w.b.payloads.size();
            CHECK(sent == (steps < 4 ? 0 : 1));
            w.crash();
            CHECK(w.sound());
            std::size_t places = w.waiting() + w.in_inbox("b");
            if (core::session* first = w.broker().find_session("a")) places += first->inbox().ready_count();
            CHECK(places == (stored ? 1 : 0));
            if (sent > 0) CHECK(w.in_inbox("b") == 1);
        }
}

TEST_CASE("a message that is settled on its way back leaves no record") {
    two_members w;
    w.send("x");
    w.store().break_down();
    w.leaves(w.session_of("a"), w.a);
    w.makes_room("b", w.b);
    w.settle();
    CHECK(w.b.payloads == texts{"x"});  // at least once needs no store on the way
    SECTION("before the store is back") {
        w.acknowledge(w.session_of("b"), w.b);
        w.store().repair();
    }
    SECTION("after it") {
        w.store().repair();
        w.settle();
        w.acknowledge(w.session_of("b"), w.b);
    }
    SECTION("after it was back once more") {
        w.leaves(w.session_of("b"), w.b);
        w.store().repair();
        w.settle();
        CHECK(w.records() == 1);
        w.comes(w.session_of("b"), w.b);
        w.acknowledge(w.session_of("b"), w.b);
    }
    w.settle();
    CHECK(w.records() == 0);
    CHECK(w.sound());
}

TEST_CASE("a message that was to be sent exactly once and was not is for others, also if that could not be stored at once") {
    shares w;
    w.member("stored");
    member_client passing;
    core::session& s = w.member_with("passing", passing, 0);
    w.store().hold();
    w.publish("amq.topic", "t", "x", 2, plain_mqtt);
    w.turn();
    w.store().complete_all();
    w.turn();  // its record says now that it is under way
    w.leaves(s, passing, 0);
    w.store().complete_next(1);
    w.store().fail_next(core::commit_status::full);
    w.store().complete_all();
    w.settle();
    w.store().mend();
    w.store().release();
    w.settle();
    CHECK(passing.payloads.empty());
    w.crash();
    CHECK(w.waiting() == 1);
}

TEST_CASE("a message of several records is counted right on its way back") {
    two_members w;
    core::session& other = w.session("other");
    w.subscribe(other, "t");
    w.store().hold();
    w.publish("amq.topic", "t", "x", 2, plain_mqtt);
    w.settle();
    w.leaves(w.session_of("a"), w.a);
    SECTION("it is stored") { w.store().release(); }
    SECTION("it fails, and is written again") {
        w.break_after(1);
        w.store().release();
    }
    SECTION("its publication fails") { w.break_after(0); }
    w.store().release();
    w.settle();
    w.settle();
    CHECK(w.sound());
    w.broker().close_session(other, false, 0);
    w.broker().leave_share(w.session_of("a"), "$share/g/t");
    w.broker().leave_share(w.session_of("b"), "$share/g/t");
    w.settle();
    CHECK(w.records() == 0);
    CHECK(w.records(core::table::messages) == 0);
}
