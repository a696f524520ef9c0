// Policies: which applies to what, and what it changes at once.

#include <catch2/catch.hpp>

#include "core/consumer_timeout.hpp"
#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::core;
using namespace causeway::test;

namespace {

policy made(policy_kind kind, std::string_view pattern, field_table definition, std::int64_t priority = 0,
            policy_target apply_to = policy_target::all) {
    return make_policy(kind, "p", pattern, apply_to, priority, std::move(definition)).value();
}
policy user(std::string_view pattern, field_table definition, std::int64_t priority = 0, policy_target apply_to = policy_target::all) {
    return made(policy_kind::user, pattern, std::move(definition), priority, apply_to);
}
policy of_operator(std::string_view pattern, field_table definition) {
    return made(policy_kind::of_operator, pattern, std::move(definition));
}
std::string refusal(policy_kind kind, field_table definition, std::string_view pattern = "^q") {
    const auto p = make_policy(kind, "p", pattern, policy_target::all, 0, std::move(definition));
    return p ? "" : p.error().text;
}
field_table length(std::int32_t most) { return {{"max-length", most}}; }

struct governed : core_world {
    void set(std::vector<policy> users, std::vector<policy> operators = {}) {
        broker().set_policies({std::move(users), std::move(operators)});
    }
    void fill(const std::string& name, int count) {
        for (int i = 0; i < count; ++i) publish("", name, std::to_string(i));
        settle();
    }
};

}  // namespace

TEST_CASE("a definition is refused that RabbitMQ refuses") {
    using enum policy_kind;
    CHECK(refusal(user, {}) == "no policy provided");
    CHECK(refusal(user, {{"foo", 1}}) == "'foo' is not a recognised policy setting");
    CHECK(refusal(user, {{"max-priority", 1}}) == "'max-priority' is not a recognised policy setting");
    CHECK(refusal(user, {{"message-ttl", -1}}) == "-1 is not a valid message TTL");
    CHECK(refusal(user, {{"expires", 0}}) == "0 is not a valid queue expiry");
    CHECK(refusal(user, {{"max-length", std::string("a")}}) == "'a' is not a valid maximum length");
    CHECK(refusal(user, {{"overflow", std::string("x")}}) == "'x' is not a valid overflow value");
    CHECK(refusal(user, {{"dead-letter-exchange", 1}}) == "1 is not a valid dead letter exchange name");
    CHECK(refusal(user, length(1), "[").starts_with("pattern should be regular expression but is invalid: "));
    CHECK(refusal(of_operator, {{"dead-letter-exchange", std::string("x")}}) ==
          "'dead-letter-exchange' is not a recognised policy setting");
    CHECK(refusal(of_operator, {{"overflow", std::string("drop-head")}}) == "'overflow' is not a recognised policy setting");
    CHECK(refusal(of_operator, {{"message-ttl", 1}, {"delivery-limit", 1}}).empty());
}

TEST_CASE("a pattern is found anywhere in a name, and a search that would not end finds nothing") {
    const auto matches = [](std::string_view pattern, std::string_view name) {
        return name_pattern::compile(pattern).value().found_in(name);
    };
    CHECK(matches("b", "abc"));
    CHECK_FALSE(matches("^b", "abc"));
    CHECK(matches("", ""));
    CHECK(matches("^(?:orders|bills)\\.\\d+$", "bills.17"));
    CHECK_FALSE(matches("^(a|aa|aaa)+\\1\\1$", std::string(250, 'a') + "b"));
    CHECK_FALSE(name_pattern::compile("(").has_value());
}

TEST_CASE("of the policies that match, the one with the highest priority applies, and no other") {
    governed w;
    w.set({user("^q", length(5)), user("q1", {{"message-ttl", 100}}, 9), user("", length(1), 99, policy_target::exchanges)});
    const queue_limits& q1 = w.queue("q1").limits();
    CHECK(q1.ttl_ms == 100);
    CHECK_FALSE(q1.messages_max);
    CHECK(w.queue("q2").limits().messages_max == 5U);
    CHECK_FALSE(w.queue("other").limits().messages_max);
}

TEST_CASE("a policy may be for one type of queues") {
    governed w;
    w.set({user("", length(5), 0, policy_target::quorum_queues), user("", {{"delivery-limit", 3}}, -1)});
    const queue_limits& quorum = w.queue("quorum", true, {{"x-queue-type", std::string("quorum")}}).limits();
    CHECK(quorum.messages_max == 5U);
    const queue_limits& classic = w.queue("classic").limits();
    CHECK_FALSE(classic.messages_max);
    CHECK_FALSE(classic.delivery_limit);
    w.set({user("", {{"delivery-limit", 3}})});
    CHECK(w.broker().find_queue("quorum")->limits().delivery_limit == 3U);
    CHECK_FALSE(w.broker().find_queue("classic")->limits().delivery_limit);
}

TEST_CASE("of two limits the smaller one holds; for the rest arguments go before policies") {
    governed w;
    w.set({user("", {{"max-length", 5}, {"message-ttl", 10}, {"overflow", std::string("reject-publish")},
                     {"dead-letter-exchange", std::string("p")}, {"dead-letter-routing-key", std::string("k")}})},
          {of_operator("^q", {{"message-ttl", 20}, {"max-length", 4}, {"max-length-bytes", 1000}})});
    const queue_limits& q = w.queue("q", true, {{"x-max-length", 3}, {"x-message-ttl", 30}, {"x-overflow", std::string("drop-head")},
                                                {"x-dead-letter-exchange", std::string("a")}}).limits();
    CHECK(q.messages_max == 3U);
    CHECK(q.ttl_ms == 10);
    CHECK(q.bytes_max == 1000U);
    CHECK(q.overflow == overflow::drop_head);
    CHECK(q.dead_letter_exchange == "a");
    CHECK(q.dead_letter_routing_key == "k");
    CHECK(w.queue("other").limits().overflow == overflow::reject_publish);
}

TEST_CASE("consumer-timeout is a limit: the smallest of argument, policy and operator policy holds") {
    governed w;
    w.set({user("", {{"consumer-timeout", 20}})}, {of_operator("^q", {{"consumer-timeout", 10}})});
    const auto timeout = [&w](const queue& q) { return consumer_timeout_ms(q, w.broker().policies()); };
    CHECK(timeout(w.queue("q", true, {{"x-consumer-timeout", 30}})) == 10);
    CHECK(timeout(w.queue("other")) == 20);
    CHECK(timeout(w.queue("shorter", true, {{"x-consumer-timeout", std::int64_t{5}}})) == 5);
    CHECK(timeout(w.queue("soon", true, {{"x-consumer-timeout", std::string("soon")}})) == 20);
    CHECK(timeout(w.queue("never", true, {{"x-consumer-timeout", 0}})) == 20);
    w.set({});
    CHECK_FALSE(timeout(w.queue("other")));
    CHECK(refusal(policy_kind::user, {{"consumer-timeout", 0}}) == "0 is not a valid consumer timeout");
}

TEST_CASE("what policies change is changed at once in all queues that are there") {
    governed w;
    w.settle();
    queue& dead = w.queue("dead");
    queue& q = w.queue("q");
    w.fill("q", 6);
    w.set({user("^q$", {{"max-length", 2}, {"dead-letter-exchange", std::string("")}, {"dead-letter-routing-key", std::string("dead")}})});
    CHECK(q.ready_count() == 2);
    w.settle();
    CHECK(dead.ready_count() == 4);
    CHECK(w.store().size(table::entries) == 6);
    w.set({});
    w.fill("q", 4);
    CHECK(q.ready_count() == 6);
}

TEST_CASE("a TTL by policy is for messages that come, as in RabbitMQ; an expiry counts from now") {
    governed w;
    w.settle();
    queue& q = w.queue("q");
    w.fill("q", 1);
    w.set({user("", {{"message-ttl", 100}})});
    w.pass_ms(1000);
    CHECK(q.ready_count() == 1);
    q.take(true);
    w.fill("q", 1);
    w.pass_ms(100);
    CHECK(q.ready_count() == 0);
    w.set({user("", {{"expires", 500}})});
    w.pass_ms(499);
    CHECK(w.broker().find_queue("q"));
    w.pass_ms(1);
    CHECK_FALSE(w.broker().find_queue("q"));
}

TEST_CASE("a lease that a policy gave ends with it") {
    governed w;
    w.settle();
    w.queue("q");
    w.set({user("", {{"expires", 500}})});
    w.set({});
    w.pass_ms(5000);
    CHECK(w.broker().find_queue("q"));
}

TEST_CASE("an exchange's alternate comes from its argument, else from a policy") {
    governed w;
    queue& lost = w.queue("lost");
    w.bind("amq.fanout", lost, "");
    const auto declare = [&](const char* name, field_table arguments) {
        REQUIRE(w.broker().declare_exchange({.name = name, .arguments = std::move(arguments)}));
    };
    declare("x", {});
    declare("own", {{"alternate-exchange", std::string("amq.direct")}});
    w.publish("x", "nowhere", "1");
    CHECK(lost.ready_count() == 0);
    w.set({user("^(x|own|late)$", {{"alternate-exchange", std::string("amq.fanout")}}, 0, policy_target::exchanges)});
    declare("late", {});
    for (const char* name : {"x", "own", "late"}) w.publish(name, "nowhere", name);
    CHECK(lost.ready_count() == 2);
    w.set({});
    w.publish("x", "nowhere", "1");
    CHECK(lost.ready_count() == 2);
}

TEST_CASE("sessions and the default exchange have no policies") {
    governed w;
    session& s = w.session("a");
    w.set({user("", {{"max-length", 0}, {"alternate-exchange", std::string("amq.fanout")}})});
    w.bind("amq.fanout", w.queue("lost", true), "");
    CHECK(s.inbox().limits().messages_max != 0U);
    CHECK(w.publish("", "nowhere", "1").what == receipt::fate::no_target);
}
