// Channels: open, flow, close and what is ignored when (AMQP 0-9-1, 1.5).

#include "tests/unit/amqp/amqp_world.hpp"

using namespace causeway;
using namespace causeway::amqp;
using namespace causeway::amqp::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {
const basic_get get_missing{.queue = "missing"};
}

TEST_CASE("a channel that is opened twice is 504 (1.5.2.1)") {
    amqp_world w;
    client c = client::opened(w);
    CHECK(c.asks(1, channel_open{}) ==
          "0 connection.close(reply_code=504, reply_text=\"CHANNEL_ERROR - second 'channel.open' "
          "seen\", class_id=20, method_id=10)");
}

TEST_CASE("more channels than the agreed channel_max are 530, whatever their numbers, as in RabbitMQ") {
    amqp_world w;
    client c = client::opened(w);
    CHECK_THAT(c.asks(65535, channel_open{}), Contains("65535 channel.open_ok"));
    for (std::uint16_t number = 2; number < 2047; ++number) c.asks(number, channel_open{});
    CHECK_THAT(c.asks(2047, channel_open{}),
               Contains("reply_code=530, reply_text=\"NOT_ALLOWED - number of channels opened (2047) has reached the "
                        "negotiated channel_max (2047)\""));
}

TEST_CASE("channel.flow active=true is answered, active=false is not implemented (1.5.2.3)") {
    amqp_world w;
    client c = client::opened(w);
    CHECK(c.asks(1, channel_flow{.active = true}) == "1 channel.flow_ok(active)");
    CHECK_THAT(c.asks(1, channel_flow{.active = false}), Contains("reply_text=\"NOT_IMPLEMENTED - active=false\""));
}

TEST_CASE("after the server's channel.close all is ignored until close-ok, and then the number is free again (1.5.2.5)") {
    amqp_world w;
    client c = client::opened(w);
    CHECK(c.asks(1, get_missing) ==
          "1 channel.close(reply_code=404, reply_text=\"NOT_FOUND - no queue 'missing' in vhost "
          "'/'\", class_id=60, method_id=70)");
    c.sends(1, queue_declare{.queue = "q"});
    c.publishes_to_queue(1, "q", "ignored");
    CHECK(c.gets().empty());
    c.sends(1, channel_close_ok{});
    CHECK(c.asks(1, channel_open{}) == "1 channel.open_ok(reserved_1=\"\")");
    CHECK(c.asks(1, queue_declare{.queue = "q"}) == "1 queue.declare_ok(queue=\"q\", message_count=0, consumer_count=0)");
}

TEST_CASE("closes of both sides may cross, and the number is free afterwards") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(1, get_missing);
    CHECK(c.asks(1, channel_close{.reply_code = 200}) == "1 channel.close_ok()");
    c.sends(1, channel_close_ok{});
    CHECK(c.asks(1, channel_open{}) == "1 channel.open_ok(reserved_1=\"\")");
}

TEST_CASE("the client's channel.close is answered, and what was unacknowledged is there again, flagged (1.5.2.5)") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(1, queue_declare{.queue = "q"});
    c.publishes_to_queue(1, "q", "a");
    c.publishes_to_queue(1, "q", "b");
    c.asks(1, basic_get{.queue = "q"});
    CHECK(c.asks(1, channel_close{.reply_code = 200}) == "1 channel.close_ok()");
    c.asks(1, channel_open{});
    CHECK(c.asks(1, basic_get{.queue = "q"}) ==
          "1 basic.get_ok(delivery_tag=1, redelivered, exchange=\"\", routing_key=\"q\", "
          "message_count=1); 1 header 1 [delivery_mode=1]; 1 body a");
}

TEST_CASE("an error on one channel leaves the others alone") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(2, channel_open{});
    CHECK_THAT(c.asks(2, get_missing), StartsWith("2 channel.close("));
    CHECK_THAT(c.asks(1, queue_declare{.queue = "q"}), StartsWith("1 queue.declare_ok("));
}

TEST_CASE("access.request, a leftover of 0-8, gets a ticket") {
    amqp_world w;
    client c = client::opened(w);
    CHECK(c.asks(1, access_request{.realm = "/data"}) == "1 access.request_ok(ticket=1)");
}

TEST_CASE("a close-ok for a channel that does not exist is 504") {
    amqp_world w;
    client c = client::opened(w);
    CHECK_THAT(c.asks(9, channel_close_ok{}),
               Contains("\"CHANNEL_ERROR - expected 'channel.open'\", class_id=20, method_id=41"));
}

TEST_CASE("a connection that breaks gives everything back to the queues") {
    amqp_world w;
    client c = client::opened(w);
    client other = client::opened(w);
    c.asks(1, queue_declare{.queue = "q"});
    c.asks(1, queue_declare{.queue = "mine", .exclusive = true});
    c.publishes_to_queue(1, "q", "a");
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    c.link().breaks();
    w.world.settle();
    CHECK(other.asks(1, queue_declare{.queue = "q", .passive = true}) ==
          "1 queue.declare_ok(queue=\"q\", message_count=1, consumer_count=0)");
    CHECK(w.world.broker().find_queue("mine") == nullptr);
}
