// What AMQP's connections count of themselves (core/counters.hpp).

#include "tests/unit/amqp/amqp_world.hpp"

using namespace causeway;
using namespace causeway::amqp;
using namespace causeway::amqp::test;

namespace {

const core::traffic& counted(amqp_world& w) { return w.world.broker().traffic(core::protocol::amqp); }

/// What has come since the last call, byte by byte.
std::size_t bytes_for(amqp_world& w, client& c) {
    w.world.settle();
    return c.link().gets().size();
}

}  // namespace

TEST_CASE("connections, logins and who is here are counted") {
    amqp_world w;
    client mute(w);
    client wrong(w);
    wrong.sends_bytes(protocol_header);
    wrong.sends(0, connection_start_ok{.mechanism = "PLAIN", .response = plain("guest", "wrong"), .locale = "en_US"});
    wrong.gets();
    {
        client a = client::opened(w);
        client b = client::opened(w);
        CHECK(counted(w).connected == 2);
        a.sends(0, connection_close{});
        a.gets();
        b.link().breaks();
        w.world.settle();
    }
    CHECK(counted(w).sockets == 4);
    CHECK(counted(w).logins == 3);
    CHECK(counted(w).connected == 0);
    CHECK(counted(w).connected_max == 2);
}

TEST_CASE("every byte and frame of both directions is counted, of the handshake too") {
    amqp_world w;
    client c(w);
    c.sends_bytes(protocol_header);
    std::size_t out = bytes_for(w, c);
    CHECK(counted(w).in.bytes == protocol_header.size());
    CHECK(counted(w).out.packets == 1);
    CHECK(counted(w).out.bytes == out);
    c.sends(0, connection_start_ok{.mechanism = "PLAIN", .response = plain("guest", "secret"), .locale = "en_US"});
    c.sends(0, connection_tune_ok{.channel_max = 1, .frame_max = 4096, .heartbeat = 0});
    c.sends(0, connection_open{.virtual_host = "/"});
    c.sends(1, channel_open{});
    c.sends(1, confirm_select{});
    c.sends(1, queue_declare{.queue = "q", .durable = true});
    c.sends(1, basic_consume{.queue = "q"});
    out += bytes_for(w, c);
    CHECK(counted(w).in.packets == 7);
    CHECK(counted(w).out.packets == 7);  // start, tune, open-ok, channel.open-ok, select-ok, declare-ok, consume-ok
    CHECK(counted(w).out.bytes == out);

    const std::string body(10'000, 'x');  // three frames of 4096
    c.publishes(1, {.routing_key = "q"}, body, client::with_mode(2), 4096);
    out += bytes_for(w, c);
    CHECK(counted(w).in.packets == 7 + 5);
    CHECK(counted(w).out.packets == 7 + 5 + 1);  // deliver, header, three bodies; ack
    CHECK(counted(w).out.bytes == out);
}

TEST_CASE("a frame that is not whole is not counted yet") {
    amqp_world w;
    client c = client::opened(w);
    const core::traffic before = counted(w);
    std::string frame;
    write_heartbeat(frame);
    c.sends_bytes(frame.substr(0, 5));
    c.gets();
    CHECK(counted(w).in.bytes == before.in.bytes);
    c.sends_bytes(frame.substr(5));
    c.gets();
    CHECK(counted(w).in.bytes == before.in.bytes + frame.size());
    CHECK(counted(w).in.packets == before.in.packets + 1);
}

TEST_CASE("messages and their bodies are counted both ways, and in flight until they are settled") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(1, queue_declare{.queue = "q"});
    for (const char* body : {"one", "two", "three"}) c.publishes_to_queue(1, "q", body);
    c.asks(1, basic_get{.queue = "q"});
    c.asks(1, basic_get{.queue = "q", .no_ack = true});
    c.asks(1, basic_consume{.queue = "q"});
    CHECK(counted(w).in.messages == 3);
    CHECK(counted(w).in.message_bytes == 11);
    CHECK(counted(w).out.messages == 3);
    CHECK(counted(w).out.message_bytes == 11);
    CHECK(counted(w).in_flight == 2);
    SECTION("acknowledged") { c.asks(1, basic_ack{.delivery_tag = 0, .multiple = true}); }
    SECTION("the channel closes") { c.asks(1, channel_close{}); }
    SECTION("the connection breaks") {
        c.link().breaks();
        w.world.settle();
    }
    CHECK(counted(w).in_flight == 0);
}

TEST_CASE("what is acknowledged in a transaction is in flight until it is committed") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(1, queue_declare{.queue = "q"});
    c.publishes_to_queue(1, "q", "x");
    c.asks(1, basic_get{.queue = "q"});
    c.asks(1, tx_select{});
    c.asks(1, basic_ack{.delivery_tag = 1});
    CHECK(counted(w).in_flight == 1);
    SECTION("commit") {
        c.asks(1, tx_commit{});
        CHECK(counted(w).in_flight == 0);
    }
    SECTION("rollback") {
        c.asks(1, tx_rollback{});
        CHECK(counted(w).in_flight == 1);
    }
}
