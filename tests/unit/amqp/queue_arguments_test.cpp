// What x-arguments of queues and consumers change for AMQP clients.

#include "tests/unit/amqp/amqp_world.hpp"

using namespace causeway;
using namespace causeway::amqp;
using namespace causeway::amqp::test;
using Catch::Matchers::Contains;

namespace {

struct table_text {
    std::string bytes;
    explicit table_text(core::field_table table) { write_table_entries(bytes, table); }
};

void declare(client& c, std::string_view name, core::field_table arguments) {
    REQUIRE_THAT(c.asks(1, queue_declare{.queue = name, .durable = true, .arguments = std::move(arguments)}),
                 Contains("queue.declare_ok"));
}

core::field_table quorum(core::field_table more = {}) {
    more.emplace_back("x-queue-type", std::string("quorum"));
    return more;
}

/// The consumers that got something, in the order in which they got it: "a b a".
std::string who_got(const lines& got) {
    std::string all;
    for (const std::string& line : got) {
        const std::size_t at = line.find("basic.deliver(consumer_tag=\"");
        if (at == line.npos) continue;
        const std::string tag = line.substr(at + 28);
        all.append(all.empty() ? "" : " ").append(tag.substr(0, tag.find('"')));
    }
    return all;
}

}  // namespace

TEST_CASE("x-priority: a consumer of higher priority is served first, while its prefetch lasts (consumer-priority)") {
    amqp_world w;
    client c = client::opened(w);
    declare(c, "q", {});
    c.asks(1, basic_qos{.prefetch_count = 1});
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "low"});
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "high", .arguments = {{"x-priority", std::int32_t{10}}}});
    for (const char* body : {"1", "2", "3"}) c.publishes_to_queue(1, "q", body);
    CHECK(who_got(c.gets()) == "high low");
    c.sends(1, basic_ack{.delivery_tag = 1});
    CHECK(who_got(c.gets()) == "high");
}

TEST_CASE("an x-priority that is no number is 406") {
    amqp_world w;
    client c = client::opened(w);
    declare(c, "q", {});
    CHECK_THAT(c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t", .arguments = {{"x-priority", std::string("a")}}}),
               Contains("reply_code=406, reply_text=\"PRECONDITION_FAILED - invalid arg 'x-priority' for queue 'q' in vhost '/': "));
}

TEST_CASE("x-single-active-consumer: the first gets all until it goes, then the next gets what it left") {
    amqp_world w;
    client c = client::opened(w);
    declare(c, "q", {{"x-single-active-consumer", true}});
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "first"});
    client other = client::opened(w);
    other.asks(1, basic_consume{.queue = "q", .consumer_tag = "second"});
    c.publishes_to_queue(1, "q", "1");
    CHECK(who_got(c.gets()) == "first");
    CHECK(other.gets().empty());
    c.link().breaks();
    CHECK_THAT(other.gets_joined(), Contains("consumer_tag=\"second\"") && Contains("redelivered") && Contains("body 1"));
    CHECK_THAT(other.asks(1, basic_consume{.queue = "q", .consumer_tag = "x", .exclusive = true}),
               Contains("ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use"));
}

TEST_CASE("basic.get from a quorum queue with a single active consumer is 405, from a classic one it works") {
    amqp_world w;
    client c = client::opened(w);
    declare(c, "classic", {{"x-single-active-consumer", true}});
    declare(c, "quorum", quorum({{"x-single-active-consumer", true}}));
    c.asks(1, basic_consume{.queue = "classic", .consumer_tag = "a"});
    c.asks(1, basic_consume{.queue = "quorum", .consumer_tag = "b"});
    CHECK(c.asks(1, basic_get{.queue = "classic"}) == "1 basic.get_empty(reserved_1=\"\")");
    CHECK_THAT(c.asks(1, basic_get{.queue = "quorum"}),
               Contains("RESOURCE_LOCKED - cannot obtain access to locked queue 'quorum' in vhost '/'. basic.get operations are "
                        "not supported by quorum queues with single active consumer"));
}

TEST_CASE("a quorum queue says how often a message came back, a classic one does not") {
    amqp_world w;
    client c = client::opened(w);
    declare(c, "q", quorum());
    declare(c, "classic", {});
    const table_text forged({{"mine", std::int32_t{1}}, {"x-delivery-count", std::int64_t{77}}});
    property_block p;
    p.headers = forged.bytes;
    c.publishes(1, {.routing_key = "q"}, "m", p);
    c.publishes_to_queue(1, "classic", "m");
    for (const int returns : {0, 1, 2}) {
        const std::string got = c.asks(1, basic_get{.queue = "q"});
        CHECK_THAT(got, Contains("\"mine\": I 1, \"x-delivery-count\": l " + std::to_string(returns) + "}"));
        c.sends(1, basic_reject{.delivery_tag = static_cast<std::uint64_t>(returns + 1), .requeue = true});
    }
    CHECK_THAT(c.asks(1, basic_get{.queue = "classic"}), !Contains("x-delivery-count"));
}

TEST_CASE("a quorum queue's first delivery says nothing of returns, the next ones do, as in RabbitMQ") {
    amqp_world w;
    client c = client::opened(w);
    declare(c, "q", quorum());
    c.publishes_to_queue(1, "q", "m");
    c.sends(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    CHECK_THAT(c.gets_joined(), Contains("body m") && !Contains("x-delivery-count"));
    CHECK_THAT(c.asks(1, basic_reject{.delivery_tag = 1, .requeue = true}), Contains("\"x-delivery-count\": l 1}"));
}

TEST_CASE("a quorum queue is not consumed by a channel that counts for all of its queues: 540") {
    amqp_world w;
    client c = client::opened(w);
    declare(c, "q", quorum());
    declare(c, "classic", {});
    SECTION("a limit that comes before the consumer") {
        c.asks(1, basic_qos{.prefetch_count = 1, .global = true});
        CHECK(c.asks(1, basic_consume{.queue = "classic", .consumer_tag = "c"}) == "1 basic.consume_ok(consumer_tag=\"c\")");
        CHECK_THAT(c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"}),
                   Contains("0 connection.close(reply_code=540") &&
                       Contains("NOT_IMPLEMENTED - queue 'q' in vhost '/' does not support global qos\""));
    }
    SECTION("one that was lifted") {
        c.asks(1, basic_qos{.prefetch_count = 1, .global = true});
        c.asks(1, basic_qos{.prefetch_count = 0, .global = true});
        CHECK(c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"}) == "1 basic.consume_ok(consumer_tag=\"t\")");
    }
    SECTION("one that comes later does not count what the queue delivers") {
        c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"});
        c.asks(1, basic_consume{.queue = "classic", .consumer_tag = "c"});
        c.asks(1, basic_qos{.prefetch_count = 1, .global = true});
        for (int i = 0; i < 2; ++i) c.publishes_to_queue(1, "q", "quorum");
        for (int i = 0; i < 2; ++i) c.publishes_to_queue(1, "classic", "classic");
        const std::string got = c.gets_joined();
        CHECK_THAT(got, Contains("delivery_tag=3") && !Contains("delivery_tag=4"));
        CHECK_THAT(c.asks(1, basic_ack{.delivery_tag = 3, .multiple = true}), Contains("delivery_tag=4") && Contains("body classic"));
    }
}

TEST_CASE("a dead letter says what its expiration was, and has none any more") {
    amqp_world w;
    client c = client::opened(w);
    declare(c, "dead", {});
    declare(c, "q", {{"x-dead-letter-exchange", std::string("")}, {"x-dead-letter-routing-key", std::string("dead")}});
    property_block p;
    p.expiration = "50";
    c.publishes(1, {.routing_key = "q"}, "m", p);
    c.gets();
    w.world.pass_ms(50);
    const std::string got = c.asks(1, basic_get{.queue = "dead"});
    CHECK_THAT(got, Contains("\"original-expiration\": S \"50\"") && !Contains(", expiration="));
}

TEST_CASE("CC that leads to the same queue gives one message, under its first key") {
    amqp_world w;
    client c = client::opened(w);
    declare(c, "q", {});
    declare(c, "cc", {});
    const table_text headers({{"CC", core::field_array{std::string("cc"), std::string("q")}}});
    property_block p;
    p.headers = headers.bytes;
    c.publishes(1, {.routing_key = "q"}, "m", p);
    CHECK_THAT(c.asks(1, basic_get{.queue = "cc"}), Contains("routing_key=\"q\"") && Contains("body m"));
    CHECK_THAT(c.asks(1, basic_get{.queue = "q"}), Contains("body m"));
    CHECK(c.asks(1, basic_get{.queue = "q"}) == "1 basic.get_empty(reserved_1=\"\")");
}

TEST_CASE("declaring passively renews the lease of x-expires") {
    amqp_world w;
    client c = client::opened(w);
    declare(c, "q", {{"x-expires", std::int32_t{1000}}});
    for (int i = 0; i < 3; ++i) {
        w.world.pass_ms(900);
        CHECK_THAT(c.asks(1, queue_declare{.queue = "q", .passive = true}), Contains("queue.declare_ok"));
    }
    w.world.pass_ms(1000);
    CHECK_THAT(c.asks(1, queue_declare{.queue = "q", .passive = true}), Contains("404"));
}
