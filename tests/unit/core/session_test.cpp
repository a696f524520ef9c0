#include <catch2/catch.hpp>

#include <boost/smart_ptr/make_local_shared.hpp>

#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

struct holder final : core::session_holder {
    bool taken_over() override {
        ++told;
        return accepted;
    }
    bool accepted = true;
    int told = 0;
};

core::will will_of(core_world& w, std::uint32_t delay_s, std::optional<std::uint32_t> expiry_s = {}) {
    return {w.message("amq.topic", "will", "died", 1, plain_mqtt), delay_s, expiry_s};
}

/// A queue that collects the wills.
core::queue& wills(core_world& w) {
    core::queue& q = w.queue("wills");
    w.bind("amq.topic", q, "will");
    return q;
}

}  // namespace

TEST_CASE("a second connection takes the session over and finds it [MQTT-3.1.4-3]") {
    core_world w;
    holder first, second;
    auto a = w.broker().open_session({.client_id = "c", .user = "u", .expiry_s = 10, .last_will = {}, .holder = &first});
    CHECK_FALSE(a.value().present);
    auto b = w.broker().open_session({.client_id = "c", .user = "u", .expiry_s = 10, .last_will = {}, .holder = &second});
    CHECK(first.told == 1);
    CHECK(b.value().present);
    CHECK(a.value().it == b.value().it);
    auto c = w.broker().open_session({.client_id = "c", .user = "u", .clean_start = true, .last_will = {}, .holder = &first});
    CHECK(second.told == 1);
    CHECK_FALSE(c.value().present);
    c.value().it->holder = nullptr;
}

TEST_CASE("a session belongs to its user") {
    core_world w;
    w.session("c");
    const auto refused = w.broker().open_session({.client_id = "c", .user = "other", .last_will = {}, .holder = nullptr});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == core::error::access_refused);
}

TEST_CASE("a client without an identifier is given one of its own [MQTT-3.1.3-6]") {
    core_world w;
    const std::string a = w.broker().unused_client_id();
    w.session(a);
    CHECK(a.starts_with("causeway-"));
    CHECK(w.broker().unused_client_id() != a);
}

TEST_CASE("a session expires after its interval, and not while it is connected [MQTT-3.1.2-23]") {
    core_world w;
    holder h;
    core::session& s = *w.broker().open_session({.client_id = "c", .user = "", .expiry_s = 10, .last_will = {}, .holder = &h}).value().it;
    w.pass_ms(60'000);
    CHECK(w.broker().find_session("c"));
    w.broker().close_session(s, false, 10);
    w.pass_ms(9'999);
    CHECK(w.broker().find_session("c"));
    w.pass_ms(1);
    CHECK_FALSE(w.broker().find_session("c"));
    CHECK(w.store().size(core::table::sessions) == 0);
}

TEST_CASE("the time that a session has left is counted from its disconnection, over a restart [MQTT-3.1.2-23]") {
    core_world w;
    w.broker().close_session(w.session("c", 10), false, 10);
    w.pass_ms(6'000);
    w.crash();
    w.pass_ms(3'999);
    CHECK(w.broker().find_session("c"));
    w.pass_ms(1);
    CHECK_FALSE(w.broker().find_session("c"));
}

TEST_CASE("a session whose client has come back in time does not expire [MQTT-3.1.2-23]") {
    core_world w;
    w.broker().close_session(w.session("c", 10), false, 10);
    w.pass_ms(5'000);
    w.session("c", 10);
    w.pass_ms(60'000);
    CHECK(w.broker().find_session("c"));
}

TEST_CASE("a will is published when the connection breaks, not after a goodbye [MQTT-3.1.2-8, MQTT-3.1.2-10]") {
    core_world w;
    core::queue& q = wills(w);
    w.last_will = will_of(w, 0);
    w.broker().close_session(w.session("a", 0), true, 0);
    CHECK(q.ready_count() == 1);
    w.last_will = will_of(w, 0);
    w.broker().close_session(w.session("b", 0), false, 0);
    CHECK(q.ready_count() == 1);
}

TEST_CASE("a delayed will waits, is cancelled by a reconnect, and comes with the end of the session [MQTT-3.1.3-9]") {
    core_world w;
    core::queue& q = wills(w);
    w.last_will = will_of(w, 5);
    w.broker().close_session(w.session("a", 100), true, 100);
    w.pass_ms(4'999);
    CHECK(q.ready_count() == 0);
    w.last_will.reset();
    w.session("a", 100);
    w.pass_ms(60'000);
    CHECK(q.ready_count() == 0);

    w.last_will = will_of(w, 50);
    w.broker().close_session(w.session("b", 3), true, 3);
    w.pass_ms(3'000);
    CHECK(q.ready_count() == 1);
}

TEST_CASE("a delayed will survives a restart, and a will of a connected client is due after one") {
    core_world w;
    wills(w);
    w.last_will = will_of(w, 5);
    w.broker().close_session(w.session("a", 100), true, 100);
    w.last_will = will_of(w, 0);
    w.session("connected", 100);
    w.settle();
    w.last_will.reset();  // a message must not outlive its broker
    w.crash();
    CHECK(w.broker().find_queue("wills")->ready_count() == 1);
    w.pass_ms(5'000);
    CHECK(w.broker().find_queue("wills")->ready_count() == 2);
}

TEST_CASE("a will's message expiry counts from its publication [MQTT5 3.1.3.2.4]") {
    core_world w;
    core::queue& q = wills(w);
    w.last_will = will_of(w, 10, 5);
    w.broker().close_session(w.session("a", 100), true, 100);
    w.pass_ms(10'000);
    CHECK(q.ready_count() == 1);
    w.pass_ms(5'000);
    CHECK(q.ready_count() == 0);
}

TEST_CASE("No Local keeps a client's own messages from it, unless another subscription wants them [MQTT-3.8.3-3]") {
    core_world w;
    core::session& s = w.session("c", 0);
    auto by = boost::make_local_shared<core::publisher>();
    by->session = s.id();
    w.by = by;
    taker t;
    REQUIRE(s.inbox().add_consumer(t));
    w.subscribe(s, "a/#", 1, true);
    CHECK(w.publish("amq.topic", "a/b", "mine", 1, plain_mqtt).what == core::receipt::fate::no_target);
    w.by = nullptr;
    w.publish("amq.topic", "a/b", "theirs", 1, plain_mqtt);
    w.settle();
    CHECK(t.payloads == texts{"theirs"});
    w.subscribe(s, "a/b", 0);
    w.by = by;
    w.publish("amq.topic", "a/b", "mine", 1, plain_mqtt);
    w.settle();
    CHECK(t.payloads == texts{"theirs", "mine"});
    CHECK(t.last.qos() == core::qos::at_most_once);
    s.inbox().remove_consumer(t);
}

TEST_CASE("overlapping filters give one copy at the highest QoS with all subscription identifiers [MQTT-3.3.4-2]") {
    core_world w;
    core::session& s = w.session("c", 0);
    int id = 0;
    for (const char* filter : {"a/#", "a/+", "a/b"}) {
        auto options = boost::intrusive_ptr<core::delivery_options>(new core::delivery_options);
        options->qos_max = id == 1 ? core::qos::exactly_once : core::qos::at_most_once;
        options->subscription_ids.push_back(static_cast<std::uint32_t>(++id));
        w.bind("amq.topic", s.inbox(), filter, {}, options, plain_mqtt);
    }
    taker t;
    REQUIRE(s.inbox().add_consumer(t));
    w.publish("amq.topic", "a/b", "x", 2, plain_mqtt);
    w.settle();
    CHECK(t.payloads == texts{"x"});
    CHECK(t.last.qos() == core::qos::exactly_once);
    CHECK(t.last.options->subscription_ids.size() == 3);
    s.inbox().remove_consumer(t);
}

TEST_CASE("an absent session keeps QoS 1 and 2, not QoS 0, and its inbox is bounded [MQTT-3.1.2-5]") {
    core_world w({.session_messages_max = 3});
    core::session& s = w.session("c");
    w.subscribe(s, "#");
    for (int i = 0; i < 5; ++i) w.publish("amq.topic", "a", std::to_string(i), i % 2, plain_mqtt);
    CHECK(s.inbox().ready_count() == 2);
    for (int i = 5; i < 9; ++i) w.publish("amq.topic", "a", std::to_string(i), 1, plain_mqtt);
    CHECK(s.inbox().ready_count() == 3);
    CHECK(w.broker().counted().dropped[static_cast<std::size_t>(core::drop_reason::maxlen)] == 3);
}

TEST_CASE("a session that ends with its connection ends in a takeover, too [MQTT-3.1.2-6, MQTT-3.1.2-23]") {
    core_world w;
    core::queue& q = wills(w);
    holder first, second;
    auto a = w.broker().open_session({.client_id = "c", .user = "", .last_will = will_of(w, 60), .holder = &first});
    w.subscribe(*a.value().it, "#");
    auto b = w.broker().open_session({.client_id = "c", .user = "", .expiry_s = 60, .last_will = {}, .holder = &second});
    CHECK_FALSE(b.value().present);
    CHECK_FALSE(b.value().it->has_inbox());
    CHECK(q.ready_count() == 1);
    b.value().it->holder = nullptr;
}

TEST_CASE("a clean start waits until the end of the stored session is stored [MQTT-3.1.2-4]") {
    core_world w;
    w.session("c");
    w.settle();
    const auto opened = w.broker().open_session({.client_id = "c", .user = "", .clean_start = true, .last_will = {}, .holder = nullptr});
    CHECK(opened.value().commit != 0);
}
