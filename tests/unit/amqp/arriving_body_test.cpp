// Messages that are still arriving: what they take counts, and is bounded (AMQP 0-9-1, 4.2.6).

#include "tests/unit/amqp/amqp_world.hpp"

using namespace causeway;
using namespace causeway::amqp;
using namespace causeway::amqp::test;
using Catch::Matchers::Contains;

namespace {

/// A publisher that announces a body and sends it piece by piece.
struct slow_publisher {
    explicit slow_publisher(amqp_world& w, std::uint64_t body_bytes) : c(client::opened(w)) {
        c.asks(1, queue_declare{.queue = "q"});
        c.sends(1, basic_publish{.routing_key = "q"});
        std::string header;
        byte_writer to(header);
        to.u16(60);
        to.u16(0);
        to.u64(body_bytes);
        to.u16(0);
        c.sends_frame(frame_type::header_frame, 1, header);
    }
    void sends(std::size_t bytes) {
        c.sends_frame(frame_type::body_frame, 1, std::string(bytes, 'x'));
        c.link();
    }
    client c;
};

}  // namespace

TEST_CASE("half a message counts as messages in memory do, until it is whole or its channel goes") {
    amqp_world w;
    slow_publisher p(w, 20'000);
    p.sends(10'000);
    p.c.gets();
    CHECK(w.world.broker().memory()->unfinished_bytes >= 10'000);
    CHECK(w.world.broker().memory()->bytes >= 10'000);
    SECTION("whole") {
        p.sends(10'000);
        p.c.gets();
        CHECK(w.world.broker().memory()->bytes >= 20'000);
        CHECK(w.world.broker().find_queue("q")->ready_count() == 1);
    }
    SECTION("the connection breaks") {
        p.c.link().breaks();
        w.world.settle();
        CHECK(w.world.broker().memory()->bytes == 0);
    }
    SECTION("the body lies about its length") {
        p.sends(10'001);
        p.c.gets();
        CHECK(w.world.broker().memory()->bytes == 0);
    }
    CHECK(w.world.broker().memory()->unfinished_bytes == 0);
}

TEST_CASE("bodies that nobody finishes are bounded together: who goes beyond is disconnected with 506") {
    amqp_world w({}, {.memory_bytes_max = 100'000});
    slow_publisher a(w, 60'000), b(w, 60'000);
    a.sends(30'000);
    CHECK(a.c.gets().empty());
    b.sends(30'000);
    CHECK_THAT(b.c.gets_joined(), Contains("reply_code=506, reply_text=\"RESOURCE_ERROR - messages that are still arriving"));
    a.sends(15'000);
    a.sends(15'000);
    CHECK_THAT(a.c.gets_joined(), Contains("reply_code=506"));
    CHECK(w.world.broker().memory()->unfinished_bytes == 0);
}

TEST_CASE("a message that has begun to arrive may end while memory is short") {
    amqp_world w({}, {.memory_bytes_max = 100'000});
    slow_publisher p(w, 30'000);
    p.sends(15'000);
    p.c.gets();
    client other = client::opened(w);
    other.publishes_to_queue(1, "q", std::string(110'000, 'y'));
    CHECK(other.gets_joined() == "0 connection.blocked(reason=\"low on memory\")");
    CHECK(p.c.link().reading());
    p.sends(15'000);
    CHECK(p.c.gets_joined() == "0 connection.blocked(reason=\"low on memory\")");
    CHECK_FALSE(p.c.link().reading());
    CHECK(w.world.broker().find_queue("q")->ready_count() == 2);
}
