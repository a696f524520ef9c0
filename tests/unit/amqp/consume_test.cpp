// The basic class towards consumers: qos, consume, cancel, get, acknowledgements (AMQP 0-9-1, 1.8.3).

#include "tests/unit/amqp/amqp_world.hpp"

using namespace causeway;
using namespace causeway::amqp;
using namespace causeway::amqp::test;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::Matches;
using Catch::Matchers::StartsWith;

namespace {

/// A queue "q" with the messages "1", "2", … in it.
client with_messages(amqp_world& w, int count) {
    client c = client::opened(w);
    c.asks(1, queue_declare{.queue = "q"});
    for (int i = 1; i <= count; ++i) c.publishes_to_queue(1, "q", std::to_string(i));
    c.gets();
    return c;
}

/// "1 2*": the bodies of what was delivered, redelivered ones with a star.
std::string bodies(const lines& got) {
    std::string all;
    bool redelivered = false;
    for (const std::string& line : got) {
        if (line.find("basic.deliver(") != line.npos || line.find("basic.get_ok(") != line.npos)
            redelivered = line.find("redelivered") != line.npos;
        const std::size_t at = line.find(" body ");
        if (at == line.npos) continue;
        all.append(all.empty() ? "" : " ").append(line.substr(at + 6)).append(redelivered ? "*" : "");
    }
    return all;
}

std::string ready(client& c) { return c.asks(1, queue_declare{.queue = "q", .passive = true}); }

}  // namespace

TEST_CASE("a delivery carries tag, exchange, key, properties and body (1.8.3.9)") {
    amqp_world w;
    client c = with_messages(w, 1);
    CHECK(c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"}) ==
          "1 basic.consume_ok(consumer_tag=\"t\"); 1 basic.deliver(consumer_tag=\"t\", delivery_tag=1, exchange=\"\", "
          "routing_key=\"q\"); 1 header 1 [delivery_mode=1]; 1 body 1");
}

TEST_CASE("an empty body is a header alone, a large one is split over frames (4.2.6)") {
    amqp_world w;
    client c = with_messages(w, 0);
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    SECTION("empty") {
        c.publishes_to_queue(1, "q", "");
        CHECK_THAT(c.gets().back(), StartsWith("1 header 0 "));
    }
    SECTION("exactly one frame") {
        c.publishes_to_queue(1, "q", std::string(131'064, 'x'));
        CHECK(c.gets().size() == 3);
    }
    SECTION("one byte more") {
        c.publishes_to_queue(1, "q", std::string(131'065, 'x'));
        const lines got = c.gets();
        REQUIRE(got.size() == 4);
        CHECK(got[2] == "1 body 131064 bytes");
        CHECK(got[3] == "1 body x");
    }
}

TEST_CASE("a consumer without a tag gets one of the server's, and a tag cannot be used twice (1.8.3.3.3)") {
    amqp_world w;
    client c = with_messages(w, 0);
    CHECK_THAT(c.asks(1, basic_consume{.queue = "q"}),
               Matches("1 basic\\.consume_ok\\(consumer_tag=\"amq\\.ctag-[-_A-Za-z0-9]{22}\"\\)"));
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    CHECK_THAT(
        c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"}),
        Contains("0 connection.close(reply_code=530, reply_text=\"NOT_ALLOWED - attempt to reuse consumer tag 't'\""));
}

TEST_CASE("the empty queue name is asked for before the tag: 404, not 530") {
    amqp_world w;
    REQUIRE(w.world.broker().declare_queue({.name = "q"}, connection_id::none));
    client c = client::opened(w);
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    CHECK_THAT(c.asks(1, basic_consume{.queue = "", .consumer_tag = "t"}), Contains("NOT_FOUND - no previously declared queue"));
}

TEST_CASE("an exclusive consumer is alone: 403 (1.8.3.3.6)") {
    amqp_world w;
    client c = with_messages(w, 0);
    const bool first = GENERATE(true, false);
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "a", .exclusive = first});
    CHECK_THAT(c.asks(1, basic_consume{.queue = "q", .consumer_tag = "b", .exclusive = !first}),
               Contains("reply_code=403, reply_text=\"ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use\""));
}

TEST_CASE("with no-ack a delivery is settled when it is sent (1.8.3.3.5)") {
    amqp_world w;
    client c = with_messages(w, 2);
    CHECK(bodies([&] {
              c.sends(1, basic_consume{.queue = "q", .no_ack = true});
              return c.gets();
          }()) == "1 2");
    CHECK_THAT(c.asks(1, basic_ack{.delivery_tag = 1}), Contains("PRECONDITION_FAILED - unknown delivery tag 1\""));
    c.sends(1, channel_close_ok{});
    c.asks(1, channel_open{});
    CHECK_THAT(ready(c), Contains("message_count=0"));
}

TEST_CASE("two consumers take turns") {
    amqp_world w;
    client c = with_messages(w, 0);
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "a"});
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "b"});
    for (int i = 0; i < 4; ++i) c.publishes_to_queue(1, "q", "m");
    std::string tags;
    for (const std::string& line : c.gets())
        if (const auto at = line.find("consumer_tag=\""); at != line.npos) tags += line[at + 14];
    CHECK((tags == "abab" || tags == "baba"));
}

TEST_CASE("qos: a size is not implemented (1.8.3.1.1)") {
    amqp_world w;
    client c = client::opened(w);
    CHECK_THAT(c.asks(1, basic_qos{.prefetch_size = 4}), Contains("NOT_IMPLEMENTED - prefetch_size!=0 (4)"));
}

TEST_CASE("qos global=false limits each consumer that comes later, and acknowledgements give credit") {
    amqp_world w;
    client c = with_messages(w, 5);
    CHECK(c.asks(1, basic_qos{.prefetch_count = 2}) == "1 basic.qos_ok()");
    c.sends(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    CHECK(bodies(c.gets()) == "1 2");
    c.sends(1, basic_ack{.delivery_tag = 1});
    CHECK(bodies(c.gets()) == "3");
    c.sends(1, basic_ack{.delivery_tag = 3, .multiple = true});
    CHECK(bodies(c.gets()) == "4 5");
}

TEST_CASE("qos global=true limits the whole channel, and can be lifted") {
    amqp_world w;
    client c = with_messages(w, 5);
    c.asks(1, basic_qos{.prefetch_count = 3, .global = true});
    c.sends(1, basic_consume{.queue = "q", .consumer_tag = "a"});
    c.sends(1, basic_consume{.queue = "q", .consumer_tag = "b"});
    CHECK(bodies(c.gets()) == "1 2 3");
    c.sends(1, basic_qos{.prefetch_count = 0, .global = true});
    CHECK(bodies(c.gets()) == "4 5");
}

TEST_CASE("qos global=false lifts the limit of the channel, as in RabbitMQ") {
    amqp_world w;
    client c = with_messages(w, 3);
    c.asks(1, basic_qos{.prefetch_count = 1, .global = true});
    c.sends(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    CHECK(bodies(c.gets()) == "1");
    c.sends(1, basic_qos{.prefetch_count = 1});  // for later consumers
    CHECK(bodies(c.gets()) == "2 3");
}

TEST_CASE("what basic.get has taken does not count for qos global=true, as in RabbitMQ") {
    amqp_world w;
    client c = with_messages(w, 3);
    c.asks(1, basic_qos{.prefetch_count = 1, .global = true});
    c.asks(1, basic_get{.queue = "q"});
    c.sends(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    CHECK(bodies(c.gets()) == "2");
    c.sends(1, basic_ack{.delivery_tag = 2});
    CHECK(bodies(c.gets()) == "3");
}

TEST_CASE("a slow peer is sent no more than its output may hold, and goes on when it has taken it") {
    amqp_world w({.output_bytes_max = 10'000});
    client c = with_messages(w, 0);
    client other = client::opened(w);
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t", .no_ack = true});
    c.link().takes(false);
    for (int i = 0; i < 10; ++i) other.publishes_to_queue(1, "q", std::string(3'000, 'x'));
    other.gets();
    CHECK(c.link().output().size() < 14'000);
    CHECK_THAT(ready(other), Contains("message_count=6"));
    c.link().takes(true);
    CHECK(c.gets().size() == 30);
}

TEST_CASE("who asks on and on without taking the answers is read no further until it has taken them") {
    amqp_world w({.output_bytes_max = 1'000});
    client c = with_messages(w, 0);
    c.link().takes(false);
    for (int i = 0; i < 100; ++i) c.publishes(1, {.routing_key = "nobody", .mandatory = true}, std::string(100, 'x'));
    c.gets();
    CHECK_FALSE(c.link().reading());
    CHECK(c.link().output().size() < 4'500);
    c.link().takes(true);
    std::size_t frames = 0;
    for (int i = 0; i < 10; ++i) frames += c.gets().size();
    CHECK(frames == 300);
    CHECK(c.link().reading());
}

TEST_CASE("cancel: no more deliveries; what waits stays acknowledgeable; of an unknown tag it is ok (1.8.3.5)") {
    amqp_world w;
    client c = with_messages(w, 1);
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    CHECK(c.asks(1, basic_cancel{.consumer_tag = "t"}) == "1 basic.cancel_ok(consumer_tag=\"t\")");
    CHECK(c.asks(1, basic_cancel{.consumer_tag = "nobody"}) == "1 basic.cancel_ok(consumer_tag=\"nobody\")");
    c.publishes_to_queue(1, "q", "2");
    CHECK(c.gets().empty());
    CHECK(c.asks(1, basic_ack{.delivery_tag = 1}).empty());
    CHECK_THAT(ready(c), Contains("message_count=1"));
}

TEST_CASE("an auto-delete queue goes with its last consumer, and its deliveries may still be acknowledged") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(1, queue_declare{.queue = "q", .auto_delete = true});
    c.publishes_to_queue(1, "q", "1");
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    c.asks(1, basic_cancel{.consumer_tag = "t"});
    CHECK(w.world.broker().find_queue("q") == nullptr);
    CHECK(c.asks(1, basic_ack{.delivery_tag = 1}).empty());
}

TEST_CASE("when its queue is deleted a consumer is told, if its client announced consumer_cancel_notify") {
    amqp_world w;
    const bool announced = GENERATE(true, false);
    client c = client::opened(w, "guest", announced);
    client other = client::opened(w);
    c.asks(1, queue_declare{.queue = "q"});
    c.publishes_to_queue(1, "q", "1");
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    other.asks(1, queue_delete{.queue = "q"});
    CHECK(c.gets_joined() == (announced ? "1 basic.cancel(consumer_tag=\"t\", no_wait)" : ""));
    // A new queue of the same name knows nothing of the old one's deliveries.
    c.asks(1, queue_declare{.queue = "q"});
    c.publishes_to_queue(1, "q", "new");
    CHECK(c.asks(1, basic_ack{.delivery_tag = 1}).empty());
    CHECK_THAT(ready(c), Contains("message_count=1"));
    CHECK_THAT(c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"}), Contains("1 body new"));
}

TEST_CASE("get: one message with what is left, or empty (1.8.3.10)") {
    amqp_world w;
    client c = with_messages(w, 2);
    CHECK(c.asks(1, basic_get{.queue = "q"}) ==
          "1 basic.get_ok(delivery_tag=1, exchange=\"\", routing_key=\"q\", "
          "message_count=1); 1 header 1 [delivery_mode=1]; 1 body 1");
    CHECK_THAT(c.asks(1, basic_get{.queue = "q", .no_ack = true}), Contains("delivery_tag=2") && Contains("body 2"));
    CHECK(c.asks(1, basic_get{.queue = "q"}) == "1 basic.get_empty(reserved_1=\"\")");
    CHECK(c.asks(1, basic_reject{.delivery_tag = 1, .requeue = true}).empty());
    CHECK_THAT(c.asks(1, basic_get{.queue = "q"}), Contains("redelivered"));
}

TEST_CASE("acknowledging: single, multiple, all with tag 0; an unknown tag is 406 word for word (1.8.3.13)") {
    amqp_world w;
    client c = with_messages(w, 4);
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    SECTION("one from the middle, then all up to the last but one") {
        c.sends(1, basic_ack{.delivery_tag = 2});
        c.sends(1, basic_ack{.delivery_tag = 3, .multiple = true});
        c.asks(1, basic_cancel{.consumer_tag = "t"});
        c.asks(1, basic_recover{.requeue = true});
        CHECK_THAT(ready(c), Contains("message_count=1"));
    }
    SECTION("all") {
        c.sends(1, basic_ack{.delivery_tag = 0, .multiple = true});
        c.asks(1, basic_cancel{.consumer_tag = "t"});
        c.asks(1, basic_recover{.requeue = true});
        CHECK_THAT(ready(c), Contains("message_count=0"));
    }
    SECTION("all of none is no error") {
        c.sends(1, basic_ack{.delivery_tag = 0, .multiple = true});
        CHECK(c.asks(1, basic_ack{.delivery_tag = 0, .multiple = true}).empty());
    }
    SECTION("unknown") {
        CHECK(c.asks(1, basic_ack{.delivery_tag = 82}) ==
              "1 channel.close(reply_code=406, reply_text=\"PRECONDITION_FAILED - unknown delivery tag 82\", class_id=60, "
              "method_id=80)");
    }
    SECTION("twice") {
        c.sends(1, basic_ack{.delivery_tag = 1});
        CHECK_THAT(c.asks(1, basic_ack{.delivery_tag = 1}), Contains("unknown delivery tag 1\""));
    }
}

TEST_CASE("nack and reject with requeue bring messages back to their places, flagged (1.8.3.14)") {
    amqp_world w;
    client c = with_messages(w, 3);
    c.asks(1, basic_qos{.prefetch_count = 3});
    c.sends(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    CHECK(bodies(c.gets()) == "1 2 3");
    c.asks(1, basic_cancel{.consumer_tag = "t"});
    SECTION("nack multiple") { c.sends(1, basic_nack{.delivery_tag = 3, .multiple = true, .requeue = true}); }
    SECTION("rejects, last first") {
        for (std::uint64_t tag : {3, 1, 2}) c.sends(1, basic_reject{.delivery_tag = tag, .requeue = true});
    }
    SECTION("recover") { CHECK(c.asks(1, basic_recover{.requeue = true}) == "1 basic.recover_ok()"); }
    SECTION("recover-async") { CHECK(c.asks(1, basic_recover_async{.requeue = true}).empty()); }
    c.sends(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    CHECK(bodies(c.gets()) == "1* 2* 3*");
}

TEST_CASE("rejected without requeue a message is dead-lettered, and otherwise gone") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(1, queue_declare{.queue = "dead"});
    c.asks(1, queue_declare{.queue = "q",
                            .arguments = {{"x-dead-letter-exchange", std::string("")},
                                          {"x-dead-letter-routing-key", std::string("dead")}}});
    c.publishes_to_queue(1, "q", "m");
    c.asks(1, basic_get{.queue = "q"});
    c.asks(1, basic_nack{.delivery_tag = 1});
    CHECK_THAT(c.asks(1, basic_get{.queue = "dead", .no_ack = true}), Contains("x-death") && Contains("1 body m"));
}

TEST_CASE("recover without requeue is not implemented (1.8.3.16)") {
    amqp_world w;
    client c = client::opened(w);
    CHECK_THAT(c.asks(1, basic_recover{}), Contains("NOT_IMPLEMENTED - requeue=false"));
}

TEST_CASE("a message whose header does not fit the client's frames is dropped for it, and counted") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(1, queue_declare{.queue = "q"});
    client narrow(w);
    narrow.sends_bytes(protocol_header);
    narrow.sends(0, connection_start_ok{.mechanism = "PLAIN", .response = plain("guest", "secret")});
    narrow.sends(0, connection_tune_ok{.channel_max = 1, .frame_max = 4096, .heartbeat = 0});
    narrow.sends(0, connection_open{.virtual_host = "/"});
    narrow.sends(1, channel_open{});
    narrow.gets();
    std::string entries;
    write_table_entries(entries, {{"long", std::string(5'000, 'x')}});
    property_block p;
    p.headers = entries;
    c.publishes(1, {.routing_key = "q"}, "too wide", p);
    c.publishes_to_queue(1, "q", "fits");
    c.gets();
    const bool by_get = GENERATE(true, false);
    if (by_get)
        narrow.sends(1, basic_get{.queue = "q"});
    else
        narrow.sends(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    CHECK(bodies(narrow.gets()) == "fits");
    CHECK(w.world.broker().counted().dropped[static_cast<std::size_t>(core::drop_reason::too_large)] == 1);
}

TEST_CASE("rights: read to consume and get") {
    amqp_world w;
    client c = client::opened(w);
    const std::string text = "ACCESS_REFUSED - access to queue 'forbidden' in vhost '/' refused for user 'guest'";
    SECTION("consume") { CHECK_THAT(c.asks(1, basic_consume{.queue = "forbidden"}), Contains(text)); }
    SECTION("get") { CHECK_THAT(c.asks(1, basic_get{.queue = "forbidden"}), Contains(text)); }
}

TEST_CASE("an MQTT session's inbox can be bound and looked at, not read or deleted (mapping.md, Meeting points)") {
    amqp_world w;
    client c = client::opened(w);
    REQUIRE(w.world.broker().open_session({.client_id = "dev", .user = "u", .expiry_s = 100, .last_will = {}}));
    const std::string_view inbox = "mqtt-subscription-dev";
    CHECK_THAT(c.asks(1, queue_declare{.queue = inbox, .passive = true}), StartsWith("1 queue.declare_ok("));
    CHECK(c.asks(1, queue_bind{.queue = inbox, .exchange = "amq.topic", .routing_key = "k"}) == "1 queue.bind_ok()");
    std::string got;
    SECTION("consume") { got = c.asks(1, basic_consume{.queue = inbox}); }
    SECTION("get") { got = c.asks(1, basic_get{.queue = inbox}); }
    SECTION("delete") { got = c.asks(1, queue_delete{.queue = inbox}); }
    CHECK_THAT(got, Contains("reply_code=403"));
}

TEST_CASE("get waits for a message that is in the store only, and what was sent behind it waits, too") {
    amqp_world w({}, {.queue_window_messages = 8});
    client c = client::opened(w);
    c.asks(1, queue_declare{.queue = "q", .durable = true});
    for (int i = 1; i <= 40; ++i) {
        c.publishes_to_queue(1, "q", std::to_string(i), 2);
        c.gets();
    }
    w.world.settle();
    w.world.store().hold_reads(true);
    int got = 0;
    while (!bodies(c.gets()).empty() || got == 0) {
        c.sends(1, basic_get{.queue = "q", .no_ack = true});
        ++got;
    }
    c.sends(1, basic_qos{.prefetch_count = 7});
    CHECK(c.gets_joined().empty());
    w.world.store().hold_reads(false);
    w.world.store().complete_reads(100);
    w.world.settle();
    CHECK_THAT(c.gets_joined(), EndsWith("1 body " + std::to_string(got) + "; 1 basic.qos_ok()"));
}
