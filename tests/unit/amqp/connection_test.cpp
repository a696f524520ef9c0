// Connections: handshake, tuning, heartbeats and the end (AMQP 0-9-1, 1.4 and 4.2).

#include "base/byte_writer.hpp"
#include "protocols/amqp/table.hpp"
#include "tests/unit/amqp/amqp_world.hpp"

using namespace causeway;
using namespace causeway::amqp;
using namespace causeway::amqp::test;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

connection_start_ok login(std::string_view response, std::string_view mechanism = "PLAIN") {
    return {.client_properties = all_capabilities(), .mechanism = mechanism, .response = response, .locale = "en_US"};
}
const connection_tune_ok tuned{.channel_max = 2047, .frame_max = 131'072, .heartbeat = 0};

client logged_in(amqp_world& w, std::string_view user = "guest") {
    client c(w);
    c.sends_bytes(protocol_header);
    c.sends(0, login(plain(user, "secret")));
    c.gets();
    return c;
}

}  // namespace

TEST_CASE("a wrong protocol header is answered with the right one, and the connection is closed (4.2.2)") {
    amqp_world w;
    client c(w);
    c.sends_bytes(std::string_view("AMQP\0\1\0\0", 8));
    w.world.settle();
    CHECK(c.link().gets() == protocol_header);
    CHECK(c.is_closed());
}

TEST_CASE("the server starts with its mechanisms and with the capabilities that clients branch on (1.4.2.1)") {
    amqp_world w;
    client c(w);
    c.sends_bytes(protocol_header.substr(0, 5));
    CHECK(c.gets().empty());
    c.sends_bytes(protocol_header.substr(5));
    const std::string start = c.gets_joined();
    CHECK_THAT(start, StartsWith("0 connection.start(version_major=0, version_minor=9"));
    CHECK_THAT(start, Contains("mechanisms=\"PLAIN AMQPLAIN\", locales=\"en_US\""));
    for (const char* name : {"publisher_confirms", "exchange_exchange_bindings", "basic.nack", "consumer_cancel_notify",
                             "connection.blocked", "consumer_priorities", "authentication_failure_close", "per_consumer_qos", "direct_reply_to"})
        CHECK_THAT(start, Contains("\"" + std::string(name) + "\": t true"));
}

TEST_CASE("the server names the product that it behaves like: kombu sets a whole channel's prefetch count only for RabbitMQ 3.3 and later") {
    amqp_world w;
    client c(w);
    c.sends_bytes(protocol_header);
    const std::string start = c.gets_joined();
    CHECK_THAT(start, Contains("\"platform\": S \"Causeway "));
    CHECK_THAT(start, Contains("\"product\": S \"RabbitMQ\", \"version\": S \"3."));
}

TEST_CASE("PLAIN and AMQPLAIN log in, and tune offers channel_max 2047, frame_max 131072, heartbeat 60 (1.4.2.5)") {
    amqp_world w;
    std::string amqplain;
    write_table_entries(amqplain, {{"LOGIN", std::string("guest")}, {"PASSWORD", std::string("secret")}});
    const auto [mechanism, response] = GENERATE_COPY(std::pair<std::string, std::string>("PLAIN", plain("guest", "secret")),
                                                     std::pair<std::string, std::string>("AMQPLAIN", amqplain));
    client c(w);
    c.sends_bytes(protocol_header);
    c.gets();
    CHECK(c.asks(0, login(response, mechanism)) == "0 connection.tune(channel_max=2047, frame_max=131072, heartbeat=60)");
    c.sends(0, tuned);
    CHECK(c.asks(0, connection_open{.virtual_host = "/"}) == "0 connection.open_ok(reserved_1=\"\")");
}

TEST_CASE("an authenticator may answer in a later turn; until then nothing is read") {
    amqp_world w;
    w.accounts.hold = true;
    client c = logged_in(w);
    CHECK_FALSE(c.link().reading());
    w.accounts.answer_all();
    CHECK_THAT(c.gets_joined(), StartsWith("0 connection.tune("));
    CHECK(c.link().reading());
}

TEST_CASE("an authenticator may answer when the connection is long gone") {
    amqp_world w;
    w.accounts.hold = true;
    client c = logged_in(w);
    c.link().breaks();
    w.world.settle();
    w.accounts.answer_all();
    CHECK(c.is_closed());
}

TEST_CASE("a failed login is explained to clients with authentication_failure_close, others are cut off") {
    amqp_world w;
    client c(w);
    c.sends_bytes(protocol_header);
    c.gets();
    connection_start_ok m = login("wrong");
    const std::string wrong = plain("guest", "wrong");
    m.response = wrong;
    SECTION("told") {
        CHECK(c.asks(0, m) ==
              "0 connection.close(reply_code=403, reply_text=\"ACCESS_REFUSED - Login was refused using authentication "
              "mechanism PLAIN. For details see the broker logfile.\", class_id=0, method_id=0)");
        CHECK_FALSE(c.is_closed());
        c.asks(0, connection_close_ok{});
        CHECK(c.is_closed());
    }
    SECTION("cut off") {
        m.client_properties = {};
        CHECK(c.asks(0, m).empty());
        CHECK(c.is_closed());
    }
}

TEST_CASE("an unknown mechanism is 503 and a malformed response 502") {
    amqp_world w;
    client c(w);
    c.sends_bytes(protocol_header);
    c.gets();
    SECTION("mechanism") {
        CHECK_THAT(c.asks(0, login("", "EXTERNAL")),
                   Contains("COMMAND_INVALID - unknown authentication mechanism 'EXTERNAL'"));
    }
    SECTION("response") { CHECK_THAT(c.asks(0, login("no zeros")), Contains("reply_code=502")); }
}

TEST_CASE("tune-ok outside of what was offered is 530 with RabbitMQ's words (1.4.2.6)") {
    amqp_world w;
    client c = logged_in(w);
    connection_tune_ok m = tuned;
    std::string text;
    SECTION("frame_max below the protocol's minimum") {
        m.frame_max = 4095;
        text = "NOT_ALLOWED - negotiated frame_max = 4095 is lower than the minimum allowed value (4096)";
    }
    SECTION("frame_max above the offer") {
        m.frame_max = 131'073;
        text = "NOT_ALLOWED - negotiated frame_max = 131073 is higher than the maximum allowed value (131072)";
    }
    SECTION("channel_max without limit") {
        m.channel_max = 0;
        text = "NOT_ALLOWED - negotiated channel_max = 0 (no limit) is higher than the maximum allowed value (2047)";
    }
    CHECK_THAT(c.asks(0, m), Contains("reply_code=530, reply_text=\"" + text + "\""));
}

TEST_CASE("a vhost that is missing or not the user's is 530 (1.4.2.7)") {
    amqp_world w;
    SECTION("missing") {
        client c = logged_in(w);
        c.sends(0, tuned);
        CHECK(
            c.asks(0, connection_open{.virtual_host = "x"}) ==
            "0 connection.close(reply_code=530, reply_text=\"NOT_ALLOWED - vhost x not found\", class_id=10, method_id=40)");
    }
    SECTION("not theirs") {
        client c = logged_in(w, "stranger");
        c.sends(0, tuned);
        CHECK_THAT(c.asks(0, connection_open{.virtual_host = "/"}),
                   Contains("NOT_ALLOWED - access to vhost '/' refused for user 'stranger'"));
    }
}

TEST_CASE("a method out of turn in the handshake is 504") {
    amqp_world w;
    client c = logged_in(w);
    CHECK_THAT(c.asks(0, connection_open{.virtual_host = "/"}), Contains("reply_code=504"));
}

TEST_CASE("who never finishes the handshake is cut off") {
    amqp_world w({.handshake_timeout_ms = 2'000});
    client c(w);
    c.sends_bytes("AM");
    w.world.pass_ms(1'999);
    CHECK_FALSE(c.is_closed());
    w.world.pass_ms(1);
    CHECK(c.is_closed());
}

TEST_CASE("any split of the bytes gives the same answers") {
    amqp_world w;
    client c(w);
    std::string bytes(protocol_header);
    write_method(bytes, 0, login(plain("guest", "secret")));
    write_method(bytes, 0, tuned);
    write_method(bytes, 0, connection_open{.virtual_host = "/"});
    write_method(bytes, 1, channel_open{});
    write_method(bytes, 1, queue_declare{.queue = "q"});
    lines got;
    for (const char byte : bytes) {
        c.sends_bytes(std::string_view(&byte, 1));
        for (const std::string& line : c.gets()) got.push_back(line);
    }
    REQUIRE(got.size() == 5);
    CHECK(got[4] == "1 queue.declare_ok(queue=\"q\", message_count=0, consumer_count=0)");
}

TEST_CASE("heartbeats are sent when nothing else is, and silence for two intervals ends the connection (4.2.7)") {
    amqp_world w;
    client c = logged_in(w);
    connection_tune_ok m = tuned;
    m.heartbeat = 4;
    c.sends(0, m);
    c.asks(0, connection_open{.virtual_host = "/"});
    w.world.pass_ms(2'000);  // open-ok was sent in this half
    CHECK(c.gets_joined() == "");
    w.world.pass_ms(2'000);
    CHECK(c.gets_joined() == "0 heartbeat");
    c.sends_frame(frame_type::heartbeat_frame, 0, "");
    w.world.settle();
    for (int i = 0; i < 4; ++i) w.world.pass_ms(2'000);
    CHECK_FALSE(c.is_closed());
    w.world.pass_ms(2'000);
    CHECK(c.is_closed());
}

TEST_CASE("a frame that arrives slowly is a sign of life: any octet substitutes for a heartbeat (4.2.7)") {
    amqp_world w;
    client c = logged_in(w);
    connection_tune_ok m = tuned;
    m.heartbeat = 4;
    c.sends(0, m);
    c.asks(0, connection_open{.virtual_host = "/"});
    for (const char* part : {"\x01", "\x02", "\x03", "\x04", "\x05", "\x06"}) {
        w.world.pass_ms(3'000);
        c.sends_bytes(part);
        w.world.settle();
        CHECK_FALSE(c.is_closed());
    }
}

TEST_CASE("with heartbeat 0 a silent connection lives (4.2.7)") {
    amqp_world w;
    client c = client::opened(w);
    w.world.pass_ms(3'600'000);
    CHECK_FALSE(c.is_closed());
    CHECK(c.gets().empty());
}

TEST_CASE("the client's close is answered and its exclusive queues are gone at once (1.4.2.9)") {
    amqp_world w;
    client c = client::opened(w);
    c.asks(1, queue_declare{.queue = "mine", .exclusive = true});
    CHECK(c.asks(0, connection_close{.reply_code = 200}) == "0 connection.close_ok()");
    CHECK(c.is_closed());
    CHECK(w.world.broker().find_queue("mine") == nullptr);
}

TEST_CASE("after our close everything but close-ok is ignored, and without one the link is closed in time (1.4.2.9)") {
    amqp_world w({.close_timeout_ms = 3'000});
    client c = client::opened(w);
    CHECK_THAT(c.asks(5, queue_declare{.queue = "q"}), Contains("CHANNEL_ERROR - expected 'channel.open'"));
    CHECK(c.asks(1, queue_declare{.queue = "q"}).empty());
    CHECK(w.world.broker().find_queue("q") == nullptr);
    SECTION("answered") {
        c.asks(0, connection_close_ok{});
        CHECK(c.is_closed());
    }
    SECTION("crossed by the client's own close") {
        CHECK(c.asks(0, connection_close{.reply_code = 200}) == "0 connection.close_ok()");
    }
    SECTION("not answered") {
        w.world.pass_ms(2'999);
        CHECK_FALSE(c.is_closed());
        w.world.pass_ms(1);
        CHECK(c.is_closed());
    }
}

TEST_CASE("broken framing is 501, and the connection ends since the next frame cannot be found (4.2.3)") {
    amqp_world w;
    client c = client::opened(w);
    SECTION("wrong end octet") { c.sends_bytes(std::string_view("\x08\0\0\0\0\0\0\x00", 8)); }
    SECTION("larger than frame_max") { c.sends_bytes(std::string_view("\x01\0\1\0\xff\xff\xff", 7)); }
    CHECK_THAT(c.gets_joined(), Contains("reply_code=501, reply_text=\"FRAME_ERROR"));
    CHECK(c.is_closed());
}

TEST_CASE("an unknown method, malformed arguments and methods that are not for a server") {
    amqp_world w;
    client c = client::opened(w);
    SECTION("unknown method: 540 with its ids") {
        c.sends_frame(frame_type::method_frame, 1, std::string_view("\0\x3c\0\x7b", 4));
        CHECK_THAT(c.gets_joined(), Contains("reply_code=540") && Contains("class_id=60, method_id=123"));
    }
    SECTION("a frame of an unknown type: 501") {
        c.sends_bytes(std::string_view("\x07\0\0\0\0\0\0\xCE", 8));
        CHECK_THAT(c.gets_joined(), Contains("\"FRAME_ERROR - type 7, all octets = <<>>: unknown_frame\""));
    }
    SECTION("a heartbeat on a channel: 505") {
        c.sends_bytes(std::string_view("\x08\0\1\0\0\0\0\xCE", 8));
        CHECK_THAT(c.gets_joined(), Contains("\"UNEXPECTED_FRAME - type 8, all octets = <<>>\""));
    }
    SECTION("arguments that end early: 501") {
        c.sends_frame(frame_type::method_frame, 1, std::string_view("\0\x3c\0\x0a\0", 5));
        CHECK_THAT(c.gets_joined(), Contains("\"FRAME_ERROR - cannot decode <<0>>\", class_id=60, method_id=10"));
    }
    SECTION("a name that is not UTF-8: 501") {
        CHECK_THAT(c.asks(1, queue_declare{.queue = "\xff"}), Contains("\"FRAME_ERROR - Malformed UTF-8 in shortstr\""));
    }
    SECTION("a server's method: 503") {
        CHECK_THAT(
            c.asks(1, queue_declare_ok{.queue = "q"}),
            Contains("reply_code=503, reply_text=\"COMMAND_INVALID - unimplemented method\", class_id=50, method_id=11"));
    }
    SECTION("another class on channel 0: 504") {
        CHECK_THAT(c.asks(0, queue_declare{.queue = "q"}), Contains("reply_code=504"));
    }
    SECTION("content on channel 0: 505 (4.2.6.1)") {
        c.sends_frame(frame_type::body_frame, 0, "x");
        CHECK_THAT(c.gets_joined(), Contains("\"UNEXPECTED_FRAME - type 3, all octets = <<\\\"x\\\">>\""));
    }
}

TEST_CASE("update-secret is answered with update-secret-ok") {
    amqp_world w;
    client c = client::opened(w);
    CHECK(c.asks(0, connection_update_secret{.new_secret = "x", .reason = "y"}) == "0 connection.update_secret_ok()");
}

TEST_CASE("a server that stops says 320 CONNECTION_FORCED") {
    amqp_world w;
    client c = client::opened(w);
    c.link().endpoint().shut_down();
    CHECK(c.gets_joined() ==
          "0 connection.close(reply_code=320, reply_text=\"CONNECTION_FORCED - broker forced connection "
          "closure with reason 'shutdown'\", class_id=0, method_id=0)");
    CHECK(c.is_closed());
}

TEST_CASE("while memory is short publishers are told and held back, and consumers go on") {
    amqp_world w({}, {.memory_bytes_max = 20'000});
    client publisher = client::opened(w);
    client idle = client::opened(w);
    publisher.asks(1, queue_declare{.queue = "q"});
    publisher.publishes_to_queue(1, "q", std::string(30'000, 'x'));
    CHECK(publisher.gets_joined() == "0 connection.blocked(reason=\"low on memory\")");
    CHECK_FALSE(publisher.link().reading());
    CHECK(idle.gets().empty());
    CHECK(idle.link().reading());
    SECTION("until there is room again") {
        CHECK(idle.asks(1, queue_purge{.queue = "q"}) == "1 queue.purge_ok(message_count=1)");
        CHECK(publisher.gets_joined() == "0 connection.unblocked()");
        CHECK(publisher.link().reading());
    }
    SECTION("who begins to publish meanwhile is held back too") {
        idle.publishes_to_queue(1, "q", "x");
        CHECK(idle.gets_joined() == "0 connection.blocked(reason=\"low on memory\")");
    }
}

TEST_CASE("while the store takes nothing publishers are told, and go on") {
    amqp_world w;
    client publisher = client::opened(w);
    client idle = client::opened(w);
    publisher.asks(1, queue_declare{.queue = "q", .durable = true});
    publisher.asks(1, confirm_select{});
    publisher.publishes_to_queue(1, "q", "1", 2);
    CHECK(publisher.gets_joined() == "1 basic.ack(delivery_tag=1)");
    w.world.store().break_down();
    CHECK(publisher.gets_joined() == "0 connection.blocked(reason=\"low on disk\")");
    CHECK(idle.gets().empty());
    publisher.publishes_to_queue(1, "q", "durable", 2);
    publisher.publishes_to_queue(1, "q", "transient", 1);
    CHECK(publisher.gets_joined() == "1 basic.nack(delivery_tag=2); 1 basic.ack(delivery_tag=3)");
    idle.publishes_to_queue(1, "q", "x");
    CHECK(idle.gets_joined() == "0 connection.blocked(reason=\"low on disk\")");
    w.world.store().repair();
    CHECK(publisher.gets_joined() == "0 connection.unblocked()");
    CHECK(idle.gets_joined() == "0 connection.unblocked()");
}

TEST_CASE("EXTERNAL is offered and taken only where a verified certificate stands for a user") {
    amqp_world w;
    const connection_start_ok external{.client_properties = all_capabilities(), .mechanism = "EXTERNAL", .response = "", .locale = "en_US"};
    SECTION("with one") {
        client c(w, {.secure = true, .certificate_user = "ann"});
        c.sends_bytes(protocol_header);
        CHECK_THAT(c.gets_joined(), Contains("mechanisms=\"PLAIN AMQPLAIN EXTERNAL\""));
        CHECK_THAT(c.asks(0, external), StartsWith("0 connection.tune("));
        CHECK(w.accounts.last.user == "ann");
        CHECK(w.accounts.last.certified);
    }
    SECTION("with one, and a password all the same") {
        client c(w, {.secure = true, .certificate_user = "ann"});
        c.sends_bytes(protocol_header);
        c.gets();
        CHECK_THAT(c.asks(0, connection_start_ok{.mechanism = "PLAIN", .response = plain("bob", "secret"), .locale = "en_US"}),
                   StartsWith("0 connection.tune("));
        CHECK(w.accounts.last.user == "bob");
        CHECK_FALSE(w.accounts.last.certified);
    }
    SECTION("without one") {
        client c(w);
        c.sends_bytes(protocol_header);
        CHECK_THAT(c.gets_joined(), Contains("mechanisms=\"PLAIN AMQPLAIN\""));
        CHECK_THAT(c.asks(0, external), Contains("reply_code=503"));
    }
}
