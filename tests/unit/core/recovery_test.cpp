// What was acknowledged is there after a crash, what was forgotten is not.

#include <catch2/catch.hpp>

#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

texts drain(core_world& w, core::queue& q) {
    taker t;
    t.automatic = true;
    REQUIRE(q.add_consumer(t));
    w.settle();
    q.remove_consumer(t);
    return t.payloads;
}

}  // namespace

TEST_CASE("durable definitions and messages come back in order, transient ones do not") {
    core_world w;
    core::queue& q = w.queue("q");
    w.queue("gone", false);
    REQUIRE(w.broker().declare_exchange({.name = "x", .type = core::exchange_type::topic, .durable = true, .arguments = {}}));
    w.bind("x", q, "a.#");
    w.publish("x", "a.b", "1");
    w.publish("x", "a.c", "transient", 0);
    w.publish("x", "a.d", "2");
    w.settle();
    w.crash();
    core::queue* back = w.broker().find_queue("q");
    REQUIRE(back);
    CHECK_FALSE(w.broker().find_queue("gone"));
    CHECK(drain(w, *back) == texts{"1", "2"});
    w.publish("x", "a.e", "3");
    CHECK(drain(w, *back) == texts{"3"});
    w.crash();
    CHECK(w.broker().find_queue("q")->ready_count() == 0);
    CHECK(w.store().size(core::table::entries) == 0);
    CHECK(w.store().size(core::table::messages) == 0);
}

TEST_CASE("a message of several durable queues is stored once and goes with its last entry") {
    core_world w;
    for (const char* name : {"a", "b", "c"}) w.bind("amq.fanout", w.queue(name), "");
    w.publish("amq.fanout", "", std::string(5000, 'x'));
    w.settle();
    CHECK(w.store().size(core::table::messages) == 1);
    CHECK(w.store().size(core::table::entries) == 3);
    w.crash();
    for (const char* name : {"a", "b", "c"}) CHECK(drain(w, *w.broker().find_queue(name)) == texts{std::string(5000, 'x')});
    w.settle();
    CHECK(w.store().size(core::table::messages) == 0);
    CHECK(w.store().size(core::table::entries) == 0);
}

TEST_CASE("unacknowledged entries come back flagged as possibly delivered") {
    core_world w;
    core::queue& q = w.queue("q");
    taker t;
    REQUIRE(q.add_consumer(t));
    w.publish("", "q", "1");
    w.settle();
    t.last = {};  // a message must not outlive its broker
    w.crash();
    const auto e = w.broker().find_queue("q")->take(true);
    REQUIRE(e);
    CHECK(e->redelivered());
}

TEST_CASE("a persistent session comes back with its subscriptions, its messages and the packet ids it had received [MQTT-4.1.0-1]") {
    core_world w;
    core::session& s = w.session("device");
    w.subscribe(s, "a/+", 1);
    CHECK(w.broker().begin_receiving(s, 7, 0) != 0);
    w.publish("amq.topic", "a/b", "1", 2, plain_mqtt);
    w.settle();
    w.crash();
    core::session* back = w.broker().find_session("device");
    REQUIRE(back);
    CHECK(w.broker().being_received(*back, 7));
    w.publish("amq.topic", "a/c", "2", 1, plain_mqtt);
    CHECK(w.broker().open_session({.client_id = "device", .user = "", .expiry_s = 10, .last_will = {}, .holder = nullptr}).value().present);
    CHECK(drain(w, back->inbox()) == texts{"1", "2"});
    CHECK(w.broker().forget_received(*back, 7) != 0);
    w.settle();
    CHECK(w.store().size(core::table::received) == 0);
}

TEST_CASE("a released QoS 2 entry keeps its packet id over a restart [MQTT-4.3.3-13]") {
    core_world w;
    core::session& s = w.session("device");
    w.subscribe(s, "a");
    taker t;
    REQUIRE(s.inbox().add_consumer(t));
    for (const char* p : {"1", "2"}) w.publish("amq.topic", "a", p, 2, plain_mqtt);
    w.settle();
    const std::uint64_t seq = t.seqs.at(1);
    CHECK(s.inbox().release(seq) != 0);
    w.settle();
    t.last = {};  // a message must not outlive its broker
    w.crash();
    taker again;
    core::queue& inbox = w.broker().find_session("device")->inbox();
    REQUIRE(inbox.add_consumer(again));
    w.settle();
    CHECK(again.payloads == texts{"1", "(released)"});
    CHECK(again.seqs.at(1) == seq);
    CHECK(core::packet_id_of(again.seqs[1]) == core::packet_id_of(seq));
    inbox.remove_consumer(again);
}

TEST_CASE("sessions that end with their connection leave nothing behind") {
    core_world w;
    core::session& s = w.session("short", 0);
    w.subscribe(s, "#");
    w.publish("amq.topic", "a", "1", 1, plain_mqtt);
    w.settle();
    for (const core::table t : {core::table::sessions, core::table::bindings, core::table::entries}) CHECK(w.store().size(t) == 0);
    w.broker().close_session(s, false, 0);
    CHECK_FALSE(w.broker().find_session("short"));
    CHECK_FALSE(w.broker().find_queue("mqtt-subscription-short"));
}

TEST_CASE("retained messages come back, cleared ones do not [MQTT-3.3.1-6]") {
    core_world w;
    w.retain = true;
    w.publish("amq.topic", "a/b", "old", 0, plain_mqtt);
    w.publish("amq.topic", "a/b", "new", 1, plain_mqtt);
    w.publish("amq.topic", "a/c", "x", 1, plain_mqtt);
    w.publish("amq.topic", "a/c", "", 1, plain_mqtt);
    w.settle();
    w.crash();
    core::session& s = w.session("late", 0);
    taker t;
    REQUIRE(s.inbox().add_consumer(t));
    w.broker().replay_retained(s.inbox(), plain_mqtt.pattern("a/#"), {});
    w.settle();
    CHECK(t.payloads == texts{"new"});
    CHECK(t.last.options->retained_replay);
    s.inbox().remove_consumer(t);
}

TEST_CASE("deleted definitions stay deleted and take their messages with them") {
    core_world w;
    core::queue& q = w.queue("q");
    REQUIRE(w.broker().declare_exchange({.name = "x", .type = core::exchange_type::fanout, .durable = true, .arguments = {}}));
    w.bind("x", q, "");
    w.publish("x", "", "1");
    w.settle();
    CHECK(w.broker().delete_queue("q", false, false, {}).value().messages == 1);
    REQUIRE(w.broker().delete_exchange("x", false));
    w.settle();
    w.crash();
    CHECK_FALSE(w.broker().find_queue("q"));
    CHECK_FALSE(w.broker().find_exchange("x"));
    for (const core::table t : {core::table::queues, core::table::exchanges, core::table::bindings, core::table::entries})
        CHECK(w.store().size(t) == 0);
}
