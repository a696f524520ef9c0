// Deliveries that are not acknowledged: how long (RabbitMQ's consumer_timeout) and how many a connection may leave so.

#include "tests/unit/amqp/amqp_world.hpp"

using namespace causeway;
using namespace causeway::amqp;
using namespace causeway::amqp::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

/// The bodies among the lines: "1 2".
std::string bodies(const lines& got) {
    std::string all;
    for (const std::string& line : got)
        if (const std::size_t at = line.find(" body "); at != line.npos) all.append(all.empty() ? "" : " ").append(line.substr(at + 6));
    return all;
}

void fill(client& c, std::string_view queue, int count) {
    for (int i = 1; i <= count; ++i) c.publishes_to_queue(1, queue, std::to_string(i));
    c.gets();
}

/// A queue "q" with the messages "1", "2", … in it.
client with_messages(amqp_world& w, int count, core::field_table arguments = {}) {
    client c = client::opened(w);
    c.asks(1, queue_declare{.queue = "q", .arguments = std::move(arguments)});
    fill(c, "q", count);
    return c;
}

std::string counts(amqp_world& w) {
    client other = client::opened(w);
    return other.asks(1, queue_declare{.queue = "q", .passive = true});
}

std::string timed_out_after(int ms) {
    return "1 channel.close(reply_code=406, reply_text=\"PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. "
           "Timeout value used: " +
           std::to_string(ms) + " ms. This timeout value can be configured, see consumers doc guide to learn more\"";
}

options ten_seconds() { return {.consumer_timeout_ms = 10'000}; }

}  // namespace

TEST_CASE("a delivery that is not acknowledged in time closes its channel, and goes back to its queue") {
    amqp_world w(ten_seconds());
    client c = with_messages(w, 2);
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    w.world.pass_ms(9'999);
    CHECK(c.gets().empty());
    w.world.pass_ms(1);
    CHECK_THAT(c.gets_joined(), StartsWith(timed_out_after(10'000)));
    CHECK_THAT(counts(w), Contains("message_count=2, consumer_count=0"));
    c.sends(1, channel_close_ok{});
    c.asks(1, channel_open{});
    CHECK_THAT(c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"}), Contains("redelivered") && Contains("body 2"));
}

TEST_CASE("a client that acknowledges in time may go on for ever, however much is under way") {
    amqp_world w(ten_seconds());
    client c = with_messages(w, 12);
    c.asks(1, basic_qos{.prefetch_count = 2});
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    for (std::uint64_t tag = 1; tag <= 10; ++tag) {
        w.world.pass_ms(4'900);
        CHECK_THAT(c.asks(1, basic_ack{.delivery_tag = tag}), StartsWith("1 basic.deliver"));
    }
    w.world.pass_ms(5'000);  // the older of both was given out 4.9 s before the other
    CHECK(c.gets().empty());
    w.world.pass_ms(200);
    CHECK_THAT(c.gets_joined(), StartsWith(timed_out_after(10'000)));
}

TEST_CASE("basic.get has to be acknowledged in time, too; what is acknowledged automatically has not") {
    amqp_world w(ten_seconds());
    client c = with_messages(w, 2);
    const bool no_ack = GENERATE(true, false);
    SECTION("get") { c.asks(1, basic_get{.queue = "q", .no_ack = no_ack}); }
    SECTION("consume") { c.asks(1, basic_consume{.queue = "q", .no_ack = no_ack}); }
    w.world.pass_ms(60'000);
    if (no_ack)
        CHECK(c.gets().empty());
    else
        CHECK_THAT(c.gets_joined(), StartsWith(timed_out_after(10'000)));
}

TEST_CASE("a queue's x-consumer-timeout goes before the server's, and of argument and policy the smaller one") {
    amqp_world w({.consumer_timeout_ms = GENERATE(0, 10'000)});
    const core::field_table two_seconds{{"x-consumer-timeout", std::int32_t{2'000}}};
    const auto by_policy = [&w](int ms) {
        core::policies all;
        all.users.push_back(core::make_policy(core::policy_kind::user, "p", "^q$", core::policy_target::all, 0,
                                              {{"consumer-timeout", std::int32_t{ms}}}).value());
        w.world.broker().set_policies(std::move(all));
    };
    int expected = 2'000;
    SECTION("the argument alone") {}
    SECTION("a longer policy") { by_policy(3'000); }
    SECTION("a shorter policy") {
        by_policy(1'000);
        expected = 1'000;
    }
    client c = with_messages(w, 1, two_seconds);
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    w.world.pass_ms(expected - 1);
    CHECK(c.gets().empty());
    w.world.pass_ms(1);
    CHECK_THAT(c.gets_joined(), StartsWith(timed_out_after(expected)));
}

TEST_CASE("a policy that comes later is noticed within a minute") {
    amqp_world w;
    client c = with_messages(w, 1);
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    core::policies all;
    all.users.push_back(core::make_policy(core::policy_kind::user, "p", "", core::policy_target::queues, 0,
                                          {{"consumer-timeout", std::int32_t{1'000}}}).value());
    w.world.broker().set_policies(std::move(all));
    w.world.pass_ms(60'000);
    CHECK_THAT(c.gets_joined(), StartsWith(timed_out_after(1'000)));
}

TEST_CASE("without a timeout a client may take its time") {
    amqp_world w({.consumer_timeout_ms = 0});
    client c = with_messages(w, 1);
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    w.world.pass_ms(86'400'000);
    CHECK(c.asks(1, basic_ack{.delivery_tag = 1}).empty());
}

TEST_CASE("an acknowledgement that is rolled back has not been given: the time runs from the delivery (1.9.2.5)") {
    amqp_world w(ten_seconds());
    client c = with_messages(w, 1);
    c.asks(1, tx_select{});
    c.asks(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    c.asks(1, basic_ack{.delivery_tag = 1});
    w.world.pass_ms(20'000);
    CHECK(c.gets().empty());
    CHECK_THAT(c.asks(1, tx_rollback{}), StartsWith("1 tx.rollback_ok(); " + timed_out_after(10'000)));
}

TEST_CASE("a connection is given no more than it may leave unacknowledged, on all of its channels together") {
    amqp_world w({.unacknowledged_messages_max = 3});
    client c = with_messages(w, 3);
    c.asks(1, queue_declare{.queue = "other"});
    fill(c, "other", 3);
    c.asks(2, channel_open{});
    c.sends(1, basic_consume{.queue = "q", .consumer_tag = "a"});
    CHECK(bodies(c.gets()) == "1 2 3");
    CHECK(c.asks(2, basic_consume{.queue = "other", .consumer_tag = "b"}) == "2 basic.consume_ok(consumer_tag=\"b\")");
    client neighbour = client::opened(w);
    CHECK_THAT(neighbour.asks(1, basic_get{.queue = "other"}), Contains("body 1"));

    SECTION("an acknowledgement on one channel lets the other go on") {
        c.sends(1, basic_ack{.delivery_tag = 2, .multiple = true});
        CHECK_THAT(c.gets_joined(), StartsWith("2 basic.deliver") && Contains("body 2") && Contains("body 3"));
    }
    SECTION("so does a channel that closes: what it held goes back") {
        c.sends(1, channel_close{.reply_code = 200});
        CHECK(bodies(c.gets()) == "2 3");
        CHECK_THAT(counts(w), Contains("message_count=3"));
    }
    SECTION("so does an acknowledgement of what came from a queue that is gone") {
        c.asks(1, queue_delete{.queue = "q"});
        c.sends(1, basic_ack{.delivery_tag = 0, .multiple = true});
        CHECK(bodies(c.gets()) == "2 3");
    }
    SECTION("a consumer that acknowledges automatically is not held back") {
        c.asks(2, queue_declare{.queue = "third"});
        fill(c, "third", 2);
        c.sends(2, basic_consume{.queue = "third", .no_ack = true});
        CHECK(bodies(c.gets()) == "1 2");
    }
}

TEST_CASE("a message that is larger than what may be left unacknowledged comes alone") {
    amqp_world w({.unacknowledged_bytes_max = 1'024});
    client c = with_messages(w, 0);
    for (int i = 0; i < 3; ++i) c.publishes_to_queue(1, "q", std::string(2'000, 'x'));
    c.sends(1, basic_consume{.queue = "q", .consumer_tag = "t"});
    CHECK(bodies(c.gets()) == "2000 bytes");
    c.sends(1, basic_nack{.delivery_tag = 1});
    CHECK(bodies(c.gets()) == "2000 bytes");
}

TEST_CASE("basic.get beyond what may be left unacknowledged closes the channel, which gives back what it held") {
    amqp_world w({.unacknowledged_messages_max = 2});
    client c = with_messages(w, 3);
    c.asks(1, queue_declare{.queue = "empty"});
    for (int i = 0; i < 2; ++i) c.asks(1, basic_get{.queue = "q"});
    CHECK(c.asks(1, basic_get{.queue = "empty"}) == "1 basic.get_empty(reserved_1=\"\")");
    CHECK_THAT(c.asks(1, basic_get{.queue = "q", .no_ack = true}), Contains("body 3"));
    c.publishes_to_queue(1, "q", "4");
    CHECK_THAT(c.asks(1, basic_get{.queue = "q"}),
               StartsWith("1 channel.close(reply_code=506, reply_text=\"RESOURCE_ERROR - connection has 2 unacknowledged messages of ") &&
                   Contains("class_id=60, method_id=70"));
    CHECK_FALSE(c.is_closed());
    CHECK_THAT(counts(w), Contains("message_count=3"));
    c.asks(2, channel_open{});
    CHECK_THAT(c.asks(2, basic_get{.queue = "q"}), Contains("body 1"));
}
