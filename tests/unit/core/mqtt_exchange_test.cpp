// The exchange where MQTT publishes and subscribes, where dead letters of sessions go, and what a will says of itself.

#include <catch2/catch.hpp>

#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

/// A broker that is started again and again on the same store, each time with options of its own.
struct restarted {
    core::broker& start(core::broker_options options) {
        it.reset();
        store.reopen();
        it = std::make_unique<core::broker>(std::move(options), store, log, [] { return std::uint64_t{7}; }, plain_origins());
        it->recover({});
        turn();
        return *it;
    }
    void turn() {
        for (int i = 0; i < 4; ++i) {
            it->begin_turn({});
            it->end_turn();
        }
    }
    core::session& session() { return *it->find_session("c"); }

    held_store store;
    silent_logger log;
    std::unique_ptr<core::broker> it;
};

core::broker_options with_exchange(std::string name) {
    core::broker_options options;
    options.mqtt_exchange = std::move(name);
    return options;
}

}  // namespace

TEST_CASE("MQTT's exchange is made if it is not there, and cannot be deleted") {
    core_world w(with_exchange("devices"));
    core::exchange* x = w.broker().find_exchange("devices");
    REQUIRE(x);
    CHECK(x == &w.broker().mqtt_exchange());
    CHECK(x->definition().durable);
    CHECK(w.broker().delete_exchange("devices", false).error().code == core::error::access_refused);
    w.restart();
    CHECK(w.broker().find_exchange("devices") == &w.broker().mqtt_exchange());
}

TEST_CASE("an exchange that is not a plain durable topic exchange cannot be MQTT's") {
    CHECK_THROWS(core_world(with_exchange("amq.direct")));
    CHECK_THROWS(core_world(with_exchange("amq.other")));
}

TEST_CASE("when MQTT changes to another exchange, its subscriptions come along and bindings of AMQP stay") {
    restarted r;
    core::broker& before = r.start({});
    core::session& s = *before.open_session({.client_id = "c", .user = "", .expiry_s = core::no_expiry, .last_will = {}}).value().it;
    for (const core::origin* from : {static_cast<const core::origin*>(&plain_mqtt), static_cast<const core::origin*>(&plain_amqp)})
        REQUIRE(before.bind({.source = &before.mqtt_exchange(), .to_queue = &before.inbox_of(s), .from = from, .key = "a", .arguments = {}, .options = {}}));
    r.turn();

    for (int round = 0; round < 2; ++round) {  // also what was written after the change is read back
        core::broker& after = r.start(with_exchange("devices"));
        CHECK(after.mqtt_exchange().name() == "devices");
        REQUIRE(after.mqtt_exchange().bindings().size() == 1);
        CHECK(after.mqtt_exchange().bindings()[0]->from == &plain_mqtt);
        CHECK(after.find_exchange("amq.topic")->bindings().size() == 1);
        CHECK(r.session().subscription_count() == 2);
        r.turn();
    }
}

TEST_CASE("what leaves a session's queue unheard goes where the vhost says") {
    const auto options = std::make_unique<core::broker_options>();
    options->session_dead_letter_exchange.emplace();
    options->session_dead_letter_routing_key.emplace("dead");
    core_world w(*options);
    core::queue& dead = w.queue("dead");
    core::session& s = w.session("c");
    w.subscribe(s, "a");
    w.publish("amq.topic", "a", "refused");
    w.settle();
    const auto e = s.inbox().take(false);
    REQUIRE(e);
    const core::named_value note("x-mqtt-reason-code", std::uint8_t{0x83});
    s.inbox().reject(e->seq, core::drop_reason::rejected, &note);
    w.settle();
    const auto letter = dead.take(true);
    REQUIRE(letter);
    const core::field_table& headers = letter->message->properties().headers;
    CHECK(*core::find(headers, "x-mqtt-reason-code") == core::field_value(std::uint8_t{0x83}));
    CHECK(*core::as_text(*core::find(headers, "x-first-death-queue")) == "mqtt-subscription-c");
}

TEST_CASE("a published will says that it is one, in the store, too") {
    core_world w;
    w.bind("amq.topic", w.queue("q"), "gone");
    w.last_will = core::will{w.message("amq.topic", "gone", "lost", 1, plain_mqtt), 0, 30};
    core::session& s = w.session("c");
    w.last_will.reset();
    w.broker().close_session(s, true, 0);
    w.settle();
    w.restart();
    w.settle();
    const auto e = w.broker().find_queue("q")->take(true);
    REQUIRE(e);
    CHECK(e->message->will());
    CHECK(e->message->expires_wall_ms() != 0);
}
