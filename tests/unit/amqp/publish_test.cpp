// basic.publish: contents, routing, returns, confirms and transactions (AMQP 0-9-1, 1.8.3.7 and 1.9; RabbitMQ's confirms).

#include "protocols/amqp/table.hpp"
#include "tests/unit/amqp/amqp_world.hpp"

using namespace causeway;
using namespace causeway::amqp;
using namespace causeway::amqp::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

client with_queue(amqp_world& w, bool durable = false) {
    client c = client::opened(w);
    c.asks(1, queue_declare{.queue = "q", .durable = durable});
    return c;
}

std::string header_payload(std::uint64_t body_bytes, std::uint16_t class_id = 60) {
    std::string payload;
    byte_writer to(payload);
    to.u16(class_id);
    to.u16(0);
    to.u64(body_bytes);
    to.u16(0);
    return payload;
}

const basic_publish to_q{.routing_key = "q"};
const std::string empty = "1 basic.get_empty(reserved_1=\"\")";

}  // namespace

TEST_CASE("a message keeps its property bytes and its body, however the body is cut into frames (4.2.6)") {
    amqp_world w;
    client c = with_queue(w);
    property_block p;
    p.content_type = "text/plain";
    p.priority = 3;
    p.timestamp_s = 1'700'000'000;
    c.publishes(1, to_q, "hello", p, 4096);
    CHECK_THAT(c.asks(1, basic_get{.queue = "q", .no_ack = true}),
               Contains("header 5 [content_type=\"text/plain\", priority=3, timestamp=1700000000]; 1 body hello"));
    c.sends(1, to_q);
    c.sends_frame(frame_type::header_frame, 1, header_payload(5));
    c.sends_frame(frame_type::body_frame, 1, "he");
    c.gets();
    c.sends_frame(frame_type::body_frame, 1, "");
    c.sends_frame(frame_type::body_frame, 1, "llo");
    CHECK_THAT(c.asks(1, basic_get{.queue = "q", .no_ack = true}), Contains("1 body hello"));
}

TEST_CASE("contents of different channels may be interleaved (4.2.6)") {
    amqp_world w;
    client c = with_queue(w);
    c.asks(2, channel_open{});
    c.sends(1, to_q);
    c.sends(2, to_q);
    c.sends_frame(frame_type::header_frame, 1, header_payload(3));
    c.sends_frame(frame_type::header_frame, 2, header_payload(3));
    c.sends_frame(frame_type::body_frame, 1, "one");
    c.sends_frame(frame_type::body_frame, 2, "two");
    CHECK_THAT(c.asks(1, basic_get{.queue = "q", .no_ack = true}), Contains("1 body one"));
    CHECK_THAT(c.asks(1, basic_get{.queue = "q", .no_ack = true}), Contains("1 body two"));
}

TEST_CASE("frames out of turn are 505, contents that lie about themselves 501 and 502") {
    amqp_world w;
    client c = with_queue(w);
    std::string expected;
    SECTION("a body without a method") {
        c.sends_frame(frame_type::body_frame, 1, "x");
        expected = "UNEXPECTED_FRAME - expected method frame, got non method frame instead";
    }
    SECTION("a method instead of the header") {
        c.sends(1, to_q);
        c.sends(1, to_q);
        expected = "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead";
    }
    SECTION("a method instead of the body") {
        c.sends(1, to_q);
        c.sends_frame(frame_type::header_frame, 1, header_payload(5));
        c.sends(1, to_q);
        expected = "UNEXPECTED_FRAME - expected content body, got non content body frame instead";
    }
    SECTION("channel.close in the middle of a content") {
        c.sends(1, to_q);
        c.sends(1, channel_close{.reply_code = 200});
        expected = "reply_code=505";
    }
    SECTION("a longer body than announced") {
        c.sends(1, to_q);
        c.sends_frame(frame_type::header_frame, 1, header_payload(5));
        c.sends_frame(frame_type::body_frame, 1, "123456");
        expected = "reply_code=501";
    }
    SECTION("malformed properties") {
        c.sends(1, to_q);
        c.sends_frame(frame_type::header_frame, 1, header_payload(0) + "\xff");
        expected = "reply_code=502";
    }
    CHECK_THAT(c.gets_joined(), StartsWith("0 connection.close(") && Contains(expected));
}

TEST_CASE("a body above the limit is 406 before it has arrived, and the rest of it is ignored") {
    amqp_world w({.message_bytes_max = 10});
    client c = with_queue(w);
    c.publishes(1, to_q, "12345678901");
    CHECK_THAT(c.gets_joined(),
               Contains("1 channel.close(reply_code=406, reply_text=\"PRECONDITION_FAILED - message size 11 is larger than "
                        "configured max size 10\", class_id=60, method_id=40)"));
    CHECK_FALSE(c.is_closed());
}

TEST_CASE("publishing to a missing exchange is 404 on the channel (1.8.3.7.2)") {
    amqp_world w;
    client c = with_queue(w);
    c.publishes(1, {.exchange = "x", .routing_key = "q"}, "m");
    CHECK(c.gets_joined() ==
          "1 channel.close(reply_code=404, reply_text=\"NOT_FOUND - no exchange 'x' in vhost '/'\", "
          "class_id=60, method_id=40)");
}

TEST_CASE("immediate is not implemented, word for word (1.8.3.7.5)") {
    amqp_world w;
    client c = with_queue(w);
    c.publishes(1, {.routing_key = "q", .immediate = true}, "m");
    CHECK(c.gets_joined() ==
          "0 connection.close(reply_code=540, reply_text=\"NOT_IMPLEMENTED - immediate=true\", class_id=60, "
          "method_id=40)");
}

TEST_CASE("user_id must be the login, expiration a number: 406") {
    amqp_world w;
    client c = with_queue(w);
    property_block p;
    SECTION("own name") {
        p.user_id = "guest";
        c.publishes(1, to_q, "m", p);
        CHECK(c.gets().empty());
    }
    SECTION("another name") {
        p.user_id = "root";
        c.publishes(1, to_q, "m", p);
        CHECK_THAT(c.gets_joined(),
                   Contains("PRECONDITION_FAILED - user_id property set to 'root' but authenticated user was 'guest'"));
    }
    SECTION("expiration") {
        p.expiration = "soon";
        c.publishes(1, to_q, "m", p);
        CHECK_THAT(c.gets_joined(), Contains("1 channel.close(reply_code=406"));
    }
}

TEST_CASE("a message expires after its expiration") {
    amqp_world w;
    client c = with_queue(w);
    property_block p;
    p.expiration = "500";
    c.publishes(1, to_q, "m", p);
    c.gets();
    w.world.pass_ms(499);
    CHECK_THAT(c.asks(1, queue_declare{.queue = "q", .passive = true}), Contains("message_count=1"));
    w.world.pass_ms(1);
    CHECK(c.asks(1, basic_get{.queue = "q"}) == empty);
}

TEST_CASE("a mandatory message that nobody wants comes back with 312, before its confirm (1.8.3.7.4)") {
    amqp_world w;
    client c = with_queue(w);
    c.asks(1, confirm_select{});
    c.publishes(1, {.exchange = "amq.topic", .routing_key = "nobody", .mandatory = true}, "m");
    CHECK(c.gets_joined() ==
          "1 basic.return(reply_code=312, reply_text=\"NO_ROUTE\", exchange=\"amq.topic\", "
          "routing_key=\"nobody\"); 1 header 1 []; 1 body m; 1 basic.ack(delivery_tag=1)");
}

TEST_CASE("rights: write to publish, and 'amq.default' is the default exchange's name") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(1, queue_declare{.queue = "q"});
    c.publishes(1, {.exchange = "forbidden", .routing_key = "q"}, "m");
    CHECK_THAT(c.gets_joined(), Contains("access to exchange 'forbidden' in vhost '/' refused for user 'guest'"));
}

// --- confirms ---

TEST_CASE("confirms of one turn are one basic.ack with multiple") {
    amqp_world w;
    client c = with_queue(w);
    CHECK(c.asks(1, confirm_select{}) == "1 confirm.select_ok()");
    for (int i = 0; i < 3; ++i) c.publishes_to_queue(1, "q", "m");
    CHECK(c.gets_joined() == "1 basic.ack(delivery_tag=3, multiple)");
    c.publishes_to_queue(1, "q", "m");
    CHECK(c.gets_joined() == "1 basic.ack(delivery_tag=4)");
}

TEST_CASE("a durable message is confirmed only after its commit, and others behind it in order") {
    amqp_world w;
    client c = with_queue(w, true);
    c.asks(1, confirm_select{});
    w.world.store().hold();
    c.publishes_to_queue(1, "q", "durable", 2);
    c.publishes_to_queue(1, "q", "not", 1);
    CHECK(c.gets().empty());
    w.world.store().release();
    CHECK(c.gets_joined() == "1 basic.ack(delivery_tag=2, multiple)");
}

TEST_CASE("a commit that fails is a basic.nack, and so is a message refused by a limit or by the store") {
    amqp_world w;
    client c = with_queue(w, true);
    c.asks(1,
           queue_declare{.queue = "full",
                         .arguments = {{"x-max-length", std::int32_t{0}}, {"x-overflow", std::string("reject-publish")}}});
    c.asks(1, confirm_select{});
    SECTION("commit") {
        w.world.store().hold();
        c.publishes_to_queue(1, "q", "m", 2);
        c.gets();
        w.world.store().break_down();
        w.world.store().release();
        CHECK(c.gets_joined() == "1 basic.nack(delivery_tag=1); 0 connection.blocked(reason=\"low on disk\")");
    }
    SECTION("store") {
        w.world.store().break_down();
        c.publishes_to_queue(1, "q", "m", 2);
        c.publishes_to_queue(1, "q", "m", 1);
        CHECK(c.gets_joined() == "0 connection.blocked(reason=\"low on disk\"); 1 basic.nack(delivery_tag=1); 1 basic.ack(delivery_tag=2)");
    }
}

TEST_CASE("what was confirmed is there after a crash, in order") {
    amqp_world w;
    client c = with_queue(w, true);
    c.asks(1, confirm_select{});
    for (const char* body : {"1", "2", "3"}) c.publishes_to_queue(1, "q", body, 2);
    CHECK_THAT(c.gets_joined(), Contains("basic.ack(delivery_tag=3"));
    w.world.crash();
    client again = client::opened(w);
    for (const char* body : {"1", "2", "3"})
        CHECK_THAT(again.asks(1, basic_get{.queue = "q", .no_ack = true}), Contains(std::string("1 body ") + body));
}

// --- transactions ---

TEST_CASE("a transaction publishes and acknowledges at tx.commit, and commit-ok waits for the store (1.9.2.3)") {
    amqp_world w;
    client c = with_queue(w, true);
    client other = client::opened(w);
    CHECK(c.asks(1, tx_select{}) == "1 tx.select_ok()");
    c.publishes_to_queue(1, "q", "m", 2);
    CHECK(c.gets().empty());
    CHECK(other.asks(1, basic_get{.queue = "q"}) == empty);
    w.world.store().hold();
    CHECK(c.asks(1, tx_commit{}).empty());
    w.world.store().release();
    CHECK(c.gets_joined() == "1 tx.commit_ok()");
    CHECK_THAT(other.asks(1, basic_get{.queue = "q"}), Contains("1 body m"));
}

TEST_CASE("a rollback forgets publishes, and what was acknowledged waits again (1.9.2.5)") {
    amqp_world w;
    client c = with_queue(w);
    c.publishes_to_queue(1, "q", "m");
    c.asks(1, tx_select{});
    c.asks(1, basic_get{.queue = "q"});
    c.sends(1, basic_ack{.delivery_tag = 1});
    c.publishes_to_queue(1, "q", "never");
    CHECK(c.asks(1, tx_rollback{}) == "1 tx.rollback_ok()");
    c.sends(1, basic_ack{.delivery_tag = 1});
    CHECK(c.asks(1, tx_commit{}) == "1 tx.commit_ok()");
    CHECK(c.asks(1, basic_get{.queue = "q"}) == empty);
}

TEST_CASE("a channel that closes rolls its transaction back (1.9.2)") {
    amqp_world w;
    client c = with_queue(w);
    c.publishes_to_queue(1, "q", "m");
    c.asks(1, tx_select{});
    c.asks(1, basic_get{.queue = "q"});
    c.sends(1, basic_ack{.delivery_tag = 1});
    c.asks(1, channel_close{.reply_code = 200});
    c.asks(1, channel_open{});
    CHECK_THAT(c.asks(1, basic_get{.queue = "q"}), Contains("redelivered"));
}

TEST_CASE("a mandatory message in a transaction comes back at its commit") {
    amqp_world w;
    client c = with_queue(w);
    c.asks(1, tx_select{});
    c.publishes(1, {.routing_key = "nobody", .mandatory = true}, "m");
    CHECK(c.gets().empty());
    const std::string got = c.asks(1, tx_commit{});
    CHECK_THAT(got, StartsWith("1 basic.return(reply_code=312") && Contains("1 tx.commit_ok()"));
}

TEST_CASE("tx and confirm exclude each other, and tx methods need tx.select: 406") {
    amqp_world w;
    client c = client::opened(w);
    std::string got;
    SECTION("tx, then confirm") {
        c.asks(1, tx_select{});
        got = c.asks(1, confirm_select{});
        CHECK_THAT(got, Contains("PRECONDITION_FAILED - cannot switch from tx to confirm mode"));
    }
    SECTION("confirm, then tx") {
        c.asks(1, confirm_select{});
        got = c.asks(1, tx_select{});
        CHECK_THAT(got, Contains("PRECONDITION_FAILED - cannot switch from confirm to tx mode"));
    }
    SECTION("commit") { got = c.asks(1, tx_commit{}); }
    SECTION("rollback") { got = c.asks(1, tx_rollback{}); }
    CHECK_THAT(got, Contains("reply_code=406, reply_text=\"PRECONDITION_FAILED - "));
}

// --- RabbitMQ's and the gateway's own ---

TEST_CASE("CC and BCC name further routing keys, and BCC is never seen") {
    amqp_world w;
    client c = with_queue(w);
    c.asks(1, queue_declare{.queue = "cc"});
    c.asks(1, queue_declare{.queue = "bcc"});
    c.asks(1, confirm_select{});
    std::string entries;
    write_table_entries(entries, {{"CC", core::field_array{std::string("cc"), std::string("q")}},
                                  {"BCC", core::field_array{std::string("bcc")}}});
    property_block p;
    p.headers = entries;
    c.publishes(1, to_q, "m", p);
    CHECK(c.gets_joined() == "1 basic.ack(delivery_tag=1)");
    for (const char* queue : {"q", "cc", "bcc"}) {
        const std::string got = c.asks(1, basic_get{.queue = queue, .no_ack = true});
        CHECK_THAT(got, Contains("message_count=0") && Contains("1 body m") && Contains("\"CC\"") && !Contains("BCC"));
        CHECK_THAT(got, Contains("routing_key=\"q\""));
    }
}

TEST_CASE("a queue that several of a message's keys lead to gets it once") {
    amqp_world w;
    client c = with_queue(w);
    c.asks(1, exchange_declare{.exchange = "t", .type = "topic"});
    c.asks(1, queue_bind{.queue = "q", .exchange = "t", .routing_key = "a.*"});
    c.asks(1, queue_bind{.queue = "q", .exchange = "t", .routing_key = "#.b"});
    std::string entries;
    write_table_entries(entries, {{"CC", core::field_array{std::string("a.c"), std::string("x.b")}}});
    property_block p;
    p.headers = entries;
    c.publishes(1, {.exchange = "t", .routing_key = "a.b"}, "m", p);
    CHECK_THAT(c.asks(1, basic_get{.queue = "q", .no_ack = true}), Contains("message_count=0"));
    SECTION("in a transaction too") {
        c.asks(1, tx_select{});
        c.publishes(1, {.exchange = "t", .routing_key = "a.b"}, "m", p);
        CHECK(c.asks(1, tx_commit{}) == "1 tx.commit_ok()");
        CHECK_THAT(c.asks(1, basic_get{.queue = "q", .no_ack = true}), Contains("message_count=0"));
    }
}

TEST_CASE("CC and BCC have to be arrays; what in them is no text is left out") {
    amqp_world w;
    client c = with_queue(w);
    const auto with = [](const char* name, core::field_value value) {
        std::string entries;
        write_table_entries(entries, {{name, std::move(value)}});
        return entries;
    };
    const char* name = GENERATE("CC", "BCC");
    property_block p;
    SECTION("a text") {
        const std::string entries = with(name, std::string("q"));
        p.headers = entries;
        c.publishes(1, to_q, "m", p);
        CHECK_THAT(c.gets_joined(), Contains("reply_code=406, reply_text=\"PRECONDITION_FAILED - invalid message: "
                                             "{unacceptable_type_in_header,") && Contains("longstr}"));
    }
    SECTION("numbers") {
        const std::string entries = with(name, core::field_array{std::int32_t{1}});
        p.headers = entries;
        c.publishes(1, to_q, "m", p);
        CHECK_THAT(c.asks(1, basic_get{.queue = "q", .no_ack = true}), Contains("1 body m"));
    }
}

TEST_CASE("direct reply-to: the responder is told a name that leads to the requester's consumer") {
    amqp_world w;
    client requester = client::opened(w);
    client responder = with_queue(w);
    CHECK(requester.asks(1, basic_consume{.queue = "amq.rabbitmq.reply-to", .consumer_tag = "t", .no_ack = true}) ==
          "1 basic.consume_ok(consumer_tag=\"t\")");
    property_block p;
    p.reply_to = "amq.rabbitmq.reply-to";
    requester.publishes(1, to_q, "ask", p);
    requester.gets();
    const std::string asked = responder.asks(1, basic_get{.queue = "q", .no_ack = true});
    const std::size_t at = asked.find("reply_to=\"") + 10;
    const std::string address = asked.substr(at, asked.find('"', at) - at);
    CHECK_THAT(address, Catch::Matchers::StartsWith("amq.rabbitmq.reply-to."));
    responder.publishes_to_queue(1, address, "answer");
    responder.gets();
    CHECK_THAT(requester.gets_joined(), Contains("1 basic.deliver(consumer_tag=\"t\"") && Contains("1 body answer"));

    const std::string here = "1 queue.declare_ok(queue=\"" + address + "\", message_count=0, consumer_count=1)";
    const std::string missing = "reply_code=404, reply_text=\"NOT_FOUND - no queue '" + address + "' in vhost '/'\"";
    SECTION("it may ask whether the requester is still there") {
        CHECK(responder.asks(1, queue_declare{.queue = address, .passive = true}) == here);
        CHECK(responder.asks(1, queue_declare{.queue = address}) == here);
        requester.asks(1, basic_cancel{.consumer_tag = "t"});
        CHECK_THAT(responder.asks(1, queue_declare{.queue = address, .passive = true}), Contains(missing));
    }
    SECTION("mandatory: it is no queue, so the message comes back, and arrives all the same") {
        responder.asks(1, confirm_select{});
        responder.publishes(1, {.routing_key = address, .mandatory = true}, "again");
        CHECK_THAT(responder.gets_joined(), Contains("basic.return(reply_code=312") && Contains("basic.ack"));
        CHECK_THAT(requester.gets_joined(), Contains("1 body again"));
    }
    SECTION("it can be deleted no more than any queue that is not there") {
        CHECK(responder.asks(1, queue_delete{.queue = address}) == "1 queue.delete_ok(message_count=0)");
        CHECK(responder.asks(1, queue_declare{.queue = address, .passive = true}) == here);
    }
    SECTION("nobody else can consume, bind or purge it") {
        std::string got;
        SECTION("get") { got = responder.asks(1, basic_get{.queue = address}); }
        SECTION("consume") { got = responder.asks(1, basic_consume{.queue = address}); }
        SECTION("bind") { got = responder.asks(1, queue_bind{.queue = address, .exchange = "amq.fanout"}); }
        SECTION("purge") { got = responder.asks(1, queue_purge{.queue = address}); }
        CHECK_THAT(got, Contains(missing));
    }
}

TEST_CASE("the pseudo-queue of direct reply-to can always be declared") {
    amqp_world w;
    client c = client::opened(w);
    const bool passive = GENERATE(true, false);
    CHECK(c.asks(1, queue_declare{.queue = "amq.rabbitmq.reply-to", .passive = passive}) ==
          "1 queue.declare_ok(queue=\"amq.rabbitmq.reply-to\", message_count=0, consumer_count=1)");
}

TEST_CASE("direct reply-to without a consumer, or with acknowledgements, is 406") {
    amqp_world w;
    client c = with_queue(w);
    SECTION("no consumer") {
        property_block p;
        p.reply_to = "amq.rabbitmq.reply-to";
        c.publishes(1, to_q, "ask", p);
        CHECK_THAT(c.gets_joined(), Contains("PRECONDITION_FAILED - fast reply consumer does not exist"));
    }
    SECTION("acknowledgements") {
        CHECK_THAT(c.asks(1, basic_consume{.queue = "amq.rabbitmq.reply-to"}),
                   Contains("PRECONDITION_FAILED - reply consumer cannot acknowledge"));
    }
}

TEST_CASE("'mqtt:<topic>' on the default exchange answers where MQTT clients subscribe (mapping.md, Properties)") {
    amqp_world w;
    client c = with_queue(w);
    c.asks(1, queue_bind{.queue = "q", .exchange = "amq.topic", .routing_key = "answers.#"});
    c.publishes(1, {.routing_key = "mqtt:answers/1"}, "m");
    CHECK_THAT(c.asks(1, basic_get{.queue = "q", .no_ack = true}),
               Contains("exchange=\"amq.topic\", routing_key=\"answers.1\"") && Contains("1 body m"));
}

TEST_CASE("'mqtt:<topic>' reaches a topic whose key is longer than keys may be (mapping.md, Requests and replies)") {
    amqp_world w;
    client c = with_queue(w);
    c.asks(1, queue_bind{.queue = "q", .exchange = "amq.topic", .routing_key = "answers.#"});
    const std::string topic = "answers/" + std::string(100, '.');
    c.publishes(1, {.routing_key = "mqtt:" + topic}, "m");
    CHECK_THAT(c.asks(1, basic_get{.queue = "q", .no_ack = true}),
               Contains("routing_key=\"answers.%~") && Contains("\"x-mqtt-topic\": S \"" + topic + "\"") && Contains("1 body m"));
    c.publishes(1, {.routing_key = "mqtt:" + topic + "+"}, "m");  // [MQTT-3.3.2-2]
    CHECK(c.asks(1, basic_get{.queue = "q", .no_ack = true}) == empty);
}
