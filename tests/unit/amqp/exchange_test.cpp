// The exchange class (AMQP 0-9-1, 1.6.2).

#include "tests/unit/amqp/amqp_world.hpp"

using namespace causeway;
using namespace causeway::amqp;
using namespace causeway::amqp::test;
using Catch::Matchers::Contains;

TEST_CASE("an exchange is declared, found passively with an empty type, and deleted (1.6.2.1, 1.6.2.3)") {
    amqp_world w;
    client c = client::opened(w);
    const char* type = GENERATE("direct", "fanout", "topic", "headers");
    CHECK(c.asks(1, exchange_declare{.exchange = "x", .type = type, .durable = true}) == "1 exchange.declare_ok()");
    CHECK(c.asks(1, exchange_declare{.exchange = "x", .type = "", .passive = true}) == "1 exchange.declare_ok()");
    CHECK(c.asks(1, exchange_delete{.exchange = "x"}) == "1 exchange.delete_ok()");
    CHECK(c.asks(1, exchange_delete{.exchange = "x"}) == "1 exchange.delete_ok()");
    CHECK_THAT(c.asks(1, exchange_declare{.exchange = "x", .passive = true}),
               Contains("reply_code=404, reply_text=\"NOT_FOUND - no exchange 'x' in vhost '/'\""));
}

TEST_CASE("the predeclared exchanges may be declared as they are, but not deleted, and no others with their prefix") {
    amqp_world w;
    client c = client::opened(w);
    CHECK(c.asks(1, exchange_declare{.exchange = "amq.topic", .type = "topic", .durable = true}) ==
          "1 exchange.declare_ok()");
    SECTION("delete") {
        CHECK_THAT(c.asks(1, exchange_delete{.exchange = "amq.topic"}),
                   Contains("ACCESS_REFUSED - deletion of system exchange 'amq.topic' in vhost '/' not allowed"));
    }
    SECTION("declare another") {
        CHECK_THAT(c.asks(1, exchange_declare{.exchange = "amq.mine", .type = "topic"}), Contains("reply_code=403"));
    }
}

TEST_CASE("declaring again with something else is 406 with RabbitMQ's text (1.6.2.1)") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(1, exchange_declare{.exchange = "x", .type = "direct"});
    CHECK_THAT(
        c.asks(1, exchange_declare{.exchange = "x", .type = "direct", .durable = true}),
        Contains("PRECONDITION_FAILED - inequivalent arg 'durable' for exchange 'x' in vhost '/': received 'true' but "
                 "current is 'false'"));
}

TEST_CASE("an unknown exchange type is 503 and closes the connection") {
    amqp_world w;
    client c = client::opened(w);
    CHECK_THAT(c.asks(1, exchange_declare{.exchange = "x", .type = "odd"}),
               Contains("0 connection.close(reply_code=503, reply_text=\"COMMAND_INVALID - unknown exchange type 'odd'\""));
}

TEST_CASE("the default exchange can be neither declared, deleted nor bound") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(1, queue_declare{.queue = "q"});
    std::string got;
    SECTION("declare") { got = c.asks(1, exchange_declare{.exchange = "", .type = "direct"}); }
    SECTION("delete") { got = c.asks(1, exchange_delete{.exchange = ""}); }
    SECTION("bind a queue") { got = c.asks(1, queue_bind{.queue = "q", .exchange = "", .routing_key = "k"}); }
    SECTION("bind an exchange") { got = c.asks(1, exchange_bind{.destination = "amq.topic", .source = ""}); }
    CHECK_THAT(got, Contains("ACCESS_REFUSED - operation not permitted on the default exchange"));
}

TEST_CASE("if-unused keeps an exchange that has bindings (1.6.2.3)") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(1, exchange_declare{.exchange = "x", .type = "fanout"});
    c.asks(1, queue_declare{.queue = "q"});
    c.asks(1, queue_bind{.queue = "q", .exchange = "x"});
    CHECK_THAT(c.asks(1, exchange_delete{.exchange = "x", .if_unused = true}),
               Contains("PRECONDITION_FAILED - exchange 'x' in vhost '/' in use"));
}

TEST_CASE("exchanges are bound to exchanges, and unbound") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(1, exchange_declare{.exchange = "a", .type = "topic"});
    c.asks(1, exchange_declare{.exchange = "b", .type = "fanout"});
    c.asks(1, queue_declare{.queue = "q"});
    c.asks(1, queue_bind{.queue = "q", .exchange = "b"});
    CHECK(c.asks(1, exchange_bind{.destination = "b", .source = "a", .routing_key = "k.*"}) == "1 exchange.bind_ok()");
    c.publishes(1, {.exchange = "a", .routing_key = "k.1"}, "through");
    CHECK_THAT(c.asks(1, basic_get{.queue = "q", .no_ack = true}), Contains("1 body through"));
    CHECK(c.asks(1, exchange_unbind{.destination = "b", .source = "a", .routing_key = "k.*"}) == "1 exchange.unbind_ok()");
    c.publishes(1, {.exchange = "a", .routing_key = "k.1"}, "nowhere");
    CHECK(c.asks(1, basic_get{.queue = "q", .no_ack = true}) == "1 basic.get_empty(reserved_1=\"\")");
}

TEST_CASE("nobody publishes to an internal exchange (1.6.2.1.8)") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(1, exchange_declare{.exchange = "x", .type = "fanout", .internal = true});
    c.publishes(1, {.exchange = "x"}, "m");
    CHECK_THAT(c.gets_joined(), Contains("ACCESS_REFUSED - cannot publish to internal exchange 'x' in vhost '/'"));
}

TEST_CASE("nobody publishes what is the broker's own to say (docs/sys_topics.md)") {
    amqp_world w;
    client c = client::opened(w);
    SECTION("under its name") {
        c.publishes(1, {.exchange = "amq.topic", .routing_key = "$SYS.broker.version"}, "m");
        CHECK_THAT(c.gets_joined(), Contains("ACCESS_REFUSED - routing key '$SYS.broker.version' in exchange 'amq.topic' in vhost "
                                             "'/' is the broker's own"));
    }
    SECTION("as an answer to an MQTT client") {
        c.asks(1, confirm_select{});
        c.publishes(1, {.routing_key = "mqtt:$SYS/broker/version"}, "m");
        CHECK(c.gets_joined() == "1 basic.nack(delivery_tag=1)");
    }
    SECTION("other names are nobody's, and other exchanges take all of them") {
        c.publishes(1, {.exchange = "amq.topic", .routing_key = "$SYSTEM.x"}, "m");
        c.publishes(1, {.exchange = "amq.fanout", .routing_key = "$SYS.x"}, "m");
        CHECK(c.gets().empty());
    }
}

TEST_CASE("no-wait declarations are carried out without an answer (1.6.2.1.9)") {
    amqp_world w;
    client c = client::opened(w);
    CHECK(c.asks(1, exchange_declare{.exchange = "x", .type = "fanout", .no_wait = true}).empty());
    CHECK(w.world.broker().find_exchange("x") != nullptr);
    CHECK(c.asks(1, exchange_delete{.exchange = "x", .no_wait = true}).empty());
    CHECK(w.world.broker().find_exchange("x") == nullptr);
}

TEST_CASE("rights: configure to declare, and RabbitMQ's words when they lack") {
    amqp_world w;
    client c = client::opened(w);
    CHECK_THAT(
        c.asks(1, exchange_declare{.exchange = "forbidden", .type = "direct"}),
        Contains("reply_code=403, reply_text=\"ACCESS_REFUSED - access to exchange 'forbidden' in vhost '/' refused for "
                 "user 'guest'\""));
}

TEST_CASE("a binding's arguments are judged before it is asked whose queue it is, but after whether it is there") {
    amqp_world w;
    client owner = client::opened(w);
    owner.asks(1, queue_declare{.queue = "q", .exclusive = true});
    client c = client::opened(w);
    const core::field_table wrong{{"x-match", std::string("some")}};
    SECTION("wrong arguments") {
        CHECK_THAT(c.asks(1, queue_bind{.queue = "q", .exchange = "amq.headers", .arguments = wrong}),
                   Contains("reply_code=406, reply_text=\"PRECONDITION_FAILED - Invalid x-match field value"));
    }
    SECTION("right ones") {
        CHECK_THAT(c.asks(1, queue_bind{.queue = "q", .exchange = "amq.headers"}), Contains("RESOURCE_LOCKED"));
    }
    SECTION("no such queue") {
        CHECK_THAT(c.asks(1, queue_bind{.queue = "none", .exchange = "amq.headers", .arguments = wrong}), Contains("NOT_FOUND - no queue"));
    }
}

TEST_CASE("rights to a dead-letter or alternate exchange are asked when the name is new, not when it is declared again") {
    amqp_world w;
    const core::field_table dead{{"x-dead-letter-exchange", std::string("forbidden")}};
    const core::field_table alternate{{"alternate-exchange", std::string("forbidden")}};
    REQUIRE(w.world.broker().declare_queue({.name = "q", .durable = true, .arguments = dead}, connection_id::none));
    REQUIRE(w.world.broker().declare_exchange({.name = "x", .type = core::exchange_type::fanout, .arguments = alternate}));
    client c = client::opened(w);
    const std::string refused = "ACCESS_REFUSED - access to exchange 'forbidden' in vhost '/' refused for user 'guest'";
    SECTION("a queue that is there") {
        CHECK_THAT(c.asks(1, queue_declare{.queue = "q", .durable = true, .arguments = dead}), Contains("queue.declare_ok"));
    }
    SECTION("a new queue") { CHECK_THAT(c.asks(1, queue_declare{.queue = "new", .arguments = dead}), Contains(refused)); }
    SECTION("a new queue without a name") {
        CHECK_THAT(c.asks(1, queue_declare{.queue = "", .arguments = dead}), Contains(refused));
    }
    SECTION("an exchange that is there") {
        CHECK_THAT(c.asks(1, exchange_declare{.exchange = "x", .type = "fanout", .arguments = alternate}),
                   Contains("exchange.declare_ok"));
    }
    SECTION("a new exchange") {
        CHECK_THAT(c.asks(1, exchange_declare{.exchange = "new", .type = "fanout", .arguments = alternate}), Contains(refused));
    }
}

TEST_CASE("unbinding what is not there is no error, binding it is: the exchange is looked for first") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(1, queue_declare{.queue = "q"});
    CHECK(c.asks(1, queue_unbind{.queue = "q", .exchange = "nope"}) == "1 queue.unbind_ok()");
    CHECK(c.asks(1, queue_unbind{.queue = "nope", .exchange = "amq.direct"}) == "1 queue.unbind_ok()");
    CHECK(c.asks(1, exchange_unbind{.destination = "nope", .source = "amq.direct"}) == "1 exchange.unbind_ok()");
    CHECK_THAT(c.asks(1, queue_bind{.queue = "no", .exchange = "nope"}), Contains("NOT_FOUND - no exchange 'nope' in vhost '/'"));
}

TEST_CASE("a message with x-delay waits in an x-delayed-message exchange, and keeps its other properties") {
    amqp_world w;
    client c = client::opened(w);
    CHECK(c.asks(1, exchange_declare{.exchange = "late", .type = "x-delayed-message", .durable = true,
                                     .arguments = {{"x-delayed-type", std::string("direct")}}}) == "1 exchange.declare_ok()");
    c.asks(1, queue_declare{.queue = "q", .durable = true});
    c.asks(1, queue_bind{.queue = "q", .exchange = "late", .routing_key = "k"});
    c.asks(1, confirm_select{});
    std::string entries;
    write_table_entries(entries, {{"a", std::int16_t{1}}, {"x-delay", std::int32_t{5'000}}});
    property_block p;
    p.headers = entries;
    p.delivery_mode = 2;
    p.expiration = "60000";
    c.publishes(1, {.exchange = "late", .routing_key = "k", .mandatory = true}, "m", p);
    CHECK(c.gets_joined() == "1 basic.ack(delivery_tag=1)");  // no basic.return: who will want it cannot be known
    w.world.pass_ms(4'999);
    CHECK(c.asks(1, basic_get{.queue = "q"}) == "1 basic.get_empty(reserved_1=\"\")");
    w.world.pass_ms(1);
    CHECK_THAT(c.asks(1, basic_get{.queue = "q", .no_ack = true}),
               Contains("\"a\": s 1, \"x-delay\": I -5000") && Contains("delivery_mode=2") && Contains("expiration=\"60000\"") &&
                   Contains("1 body m"));
}

TEST_CASE("a delaying exchange needs the type that it routes by") {
    amqp_world w;
    client c = client::opened(w);
    SECTION("none") {
        CHECK_THAT(c.asks(1, exchange_declare{.exchange = "late", .type = "x-delayed-message"}),
                   Contains("1 channel.close(reply_code=406, reply_text=\"PRECONDITION_FAILED - Invalid argument, 'x-delayed-type'"));
    }
    SECTION("an unknown one") {
        CHECK_THAT(c.asks(1, exchange_declare{.exchange = "late", .type = "x-delayed-message",
                                              .arguments = {{"x-delayed-type", std::string("odd")}}}),
                   Contains("0 connection.close(reply_code=503, reply_text=\"COMMAND_INVALID - unknown exchange type 'odd'\""));
    }
}
