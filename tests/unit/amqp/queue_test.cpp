// The queue class (AMQP 0-9-1, 1.7.2).

#include "tests/unit/amqp/amqp_world.hpp"

using namespace causeway;
using namespace causeway::amqp;
using namespace causeway::amqp::test;
using Catch::Matchers::Contains;
using Catch::Matchers::Matches;
using Catch::Matchers::StartsWith;

TEST_CASE("an empty name gets one of the server's, and then means that queue (1.7.2.1.2)") {
    amqp_world w;
    client c = client::opened(w);
    CHECK_THAT(
        c.asks(1, queue_declare{}),
        Matches("1 queue\\.declare_ok\\(queue=\"amq\\.gen-[-_A-Za-z0-9]{22}\", message_count=0, consumer_count=0\\)"));
    CHECK(c.asks(1, queue_bind{.exchange = "amq.topic", .routing_key = "k"}) == "1 queue.bind_ok()");
    CHECK(c.asks(1, basic_consume{.consumer_tag = "t"}) == "1 basic.consume_ok(consumer_tag=\"t\")");
    CHECK(c.asks(1, queue_purge{}) == "1 queue.purge_ok(message_count=0)");
    CHECK(c.asks(1, basic_get{}) == "1 basic.get_empty(reserved_1=\"\")");
    CHECK_THAT(c.asks(1, queue_delete{}), Contains("1 queue.delete_ok(message_count=0)"));
}

TEST_CASE("without a declared queue the empty name is 404") {
    amqp_world w;
    client c = client::opened(w);
    CHECK_THAT(c.asks(1, basic_consume{}), Contains("NOT_FOUND - no previously declared queue"));
}

TEST_CASE("with an empty queue name and an empty key the queue's name is the key (1.7.2.3.4)") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(1, queue_declare{.queue = "q"});
    c.asks(1, queue_bind{.exchange = "amq.direct"});
    c.publishes(1, {.exchange = "amq.direct", .routing_key = "q"}, "m");
    CHECK_THAT(c.asks(1, basic_get{.no_ack = true}), Contains("1 body m"));
}

TEST_CASE("passive declare tells the counts, and 404 of a missing queue (1.7.2.1.3)") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(1, queue_declare{.queue = "q"});
    c.publishes_to_queue(1, "q", "m");
    CHECK(c.asks(1, queue_declare{.queue = "q", .passive = true}) ==
          "1 queue.declare_ok(queue=\"q\", message_count=1, consumer_count=0)");
    CHECK_THAT(
        c.asks(1, queue_declare{.queue = "nope", .passive = true}),
        Contains("reply_code=404, reply_text=\"NOT_FOUND - no queue 'nope' in vhost '/'\", class_id=50, method_id=10"));
}

TEST_CASE("redeclaring with other flags or arguments is 406 with RabbitMQ's text (1.7.2.1)") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(1, queue_declare{.queue = "q"});
    CHECK_THAT(c.asks(1, queue_declare{.queue = "q", .durable = true}),
               Contains("PRECONDITION_FAILED - inequivalent arg 'durable' for queue 'q' in vhost '/': received 'true' but "
                        "current is 'false'"));
}

TEST_CASE("an exclusive queue is locked to others: 405 (1.7.2.1.5)") {
    amqp_world w;
    client c = client::opened(w);
    client other = client::opened(w);
    c.asks(1, queue_declare{.queue = "q", .exclusive = true});
    std::string got;
    SECTION("declare") { got = other.asks(1, queue_declare{.queue = "q", .exclusive = true}); }
    SECTION("passive") { got = other.asks(1, queue_declare{.queue = "q", .passive = true}); }
    SECTION("consume") { got = other.asks(1, basic_consume{.queue = "q"}); }
    SECTION("delete") { got = other.asks(1, queue_delete{.queue = "q"}); }
    CHECK_THAT(
        got, Contains("reply_code=405, reply_text=\"RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'q'"));
}

TEST_CASE("names with the prefix amq. are the server's: 403 (1.7.2.1.2)") {
    amqp_world w;
    client c = client::opened(w);
    CHECK_THAT(c.asks(1, queue_declare{.queue = "amq.foobar"}),
               Contains("ACCESS_REFUSED - queue name 'amq.foobar' contains reserved prefix 'amq.*'"));
}

TEST_CASE("a generated name may be used, but not declared: 403, as RabbitMQ (1.7.2.1.2)") {
    amqp_world w;
    client c = client::opened(w);
    const std::string answer = c.asks(1, queue_declare{.exclusive = true});
    const std::string name = answer.substr(answer.find('"') + 1, std::string_view("amq.gen-").size() + 22);
    CHECK_THAT(c.asks(1, queue_declare{.queue = name, .passive = true}), StartsWith("1 queue.declare_ok"));
    CHECK_THAT(c.asks(1, queue_declare{.queue = name, .exclusive = true}), Contains("ACCESS_REFUSED - queue name '" + name));
}

TEST_CASE("delete: of a missing queue it is ok with 0; if-empty and if-unused are 406 (1.7.2.9)") {
    amqp_world w;
    client c = client::opened(w);
    CHECK(c.asks(1, queue_delete{.queue = "nope"}) == "1 queue.delete_ok(message_count=0)");
    c.asks(1, queue_declare{.queue = "q"});
    c.publishes_to_queue(1, "q", "m");
    SECTION("with its messages") { CHECK(c.asks(1, queue_delete{.queue = "q"}) == "1 queue.delete_ok(message_count=1)"); }
    SECTION("if-empty") {
        CHECK_THAT(c.asks(1, queue_delete{.queue = "q", .if_empty = true}),
                   Contains("PRECONDITION_FAILED - queue 'q' in vhost '/' not empty"));
    }
    SECTION("if-unused") {
        c.asks(1, basic_consume{.queue = "q"});
        CHECK_THAT(c.asks(1, queue_delete{.queue = "q", .if_unused = true}),
                   Contains("PRECONDITION_FAILED - queue 'q' in vhost '/' in use"));
    }
}

TEST_CASE("binding to what is missing is 404; unbinding a missing binding is ok (1.7.2.3, 1.7.2.5)") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(1, queue_declare{.queue = "q"});
    CHECK(c.asks(1, queue_unbind{.queue = "q", .exchange = "amq.topic", .routing_key = "k"}) == "1 queue.unbind_ok()");
    SECTION("no exchange") {
        CHECK_THAT(c.asks(1, queue_bind{.queue = "q", .exchange = "x"}),
                   Contains("NOT_FOUND - no exchange 'x' in vhost '/'"));
    }
    SECTION("no queue") {
        CHECK_THAT(c.asks(1, queue_bind{.queue = "x", .exchange = "amq.topic"}),
                   Contains("NOT_FOUND - no queue 'x' in vhost '/'"));
    }
}

TEST_CASE("declare-ok of a durable queue waits for its commit, and later replies wait behind it") {
    amqp_world w;
    client c = client::opened(w);
    w.world.store().hold();
    c.sends(1, queue_declare{.queue = "q", .durable = true});
    c.sends(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    c.publishes_to_queue(1, "q", "m");
    CHECK(c.gets().empty());
    w.world.store().release();
    const lines got = c.gets();
    REQUIRE(got.size() == 5);
    CHECK_THAT(got[0], StartsWith("1 queue.declare_ok("));
    CHECK_THAT(got[1], StartsWith("1 basic.consume_ok("));
    CHECK_THAT(got[2], StartsWith("1 basic.deliver("));
}

TEST_CASE("other channels do not wait for it") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(2, channel_open{});
    w.world.store().hold();
    CHECK(c.asks(1, queue_declare{.queue = "q", .durable = true}).empty());
    CHECK_THAT(c.asks(2, queue_declare{.queue = "r"}), StartsWith("2 queue.declare_ok("));
    w.world.store().release();
}

TEST_CASE("a channel that the client closes meanwhile says all it has to say, then close-ok") {
    amqp_world w;
    client c = client::opened(w);
    w.world.store().hold();
    c.sends(1, queue_declare{.queue = "q", .durable = true});
    CHECK(c.asks(1, channel_close{.reply_code = 200}).empty());
    w.world.store().release();
    const lines got = c.gets();
    REQUIRE(got.size() == 2);
    CHECK(got[1] == "1 channel.close_ok()");
    CHECK(c.asks(1, channel_open{}) == "1 channel.open_ok(reserved_1=\"\")");
}

TEST_CASE("a definition whose commit fails closes the channel with 541") {
    amqp_world w;
    client c = client::opened(w);
    w.world.store().hold();
    c.sends(1, queue_declare{.queue = "q", .durable = true});
    c.sends(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    c.gets();
    w.world.store().break_down();
    w.world.store().release();
    const std::string got = c.gets_joined();
    CHECK_THAT(got, StartsWith("1 channel.close(reply_code=541, reply_text=\"INTERNAL_ERROR - "));
    CHECK_THAT(got, !Contains("declare_ok"));
}

TEST_CASE("x-mqtt-retained copies the matching retained messages into the queue (mapping.md, Meeting points)") {
    amqp_world w;
    client c = client::opened(w);
    property_block retained;
    std::string entries;
    retained.headers = std::string_view(
        "\x0d"
        "x-mqtt-retain"
        "t\x01",
        16);
    c.publishes(1, {.exchange = "amq.topic", .routing_key = "cities.london"}, "rain", retained);
    c.asks(1, queue_declare{.queue = "q"});
    c.asks(1,
           queue_bind{
               .queue = "q", .exchange = "amq.topic", .routing_key = "cities.*", .arguments = {{"x-mqtt-retained", true}}});
    CHECK_THAT(c.asks(1, basic_get{.queue = "q", .no_ack = true}), Contains("1 body rain"));
}
