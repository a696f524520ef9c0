// How fast a client may publish: the buckets alone, then clients that publish too fast.
#include <catch2/catch.hpp>

#include "protocols/mqtt/rate_limit.hpp"
#include "tests/unit/mqtt/mqtt_world.hpp"

using namespace causeway::mqtt;
using namespace causeway::mqtt::test;

namespace {

/// How many can be taken one by one at that time.
int taken_at(token_bucket& b, std::int64_t now_ms) {
    int count = 0;
    while (b.ready_ms(1, now_ms) <= now_ms) {
        b.take(1);
        ++count;
    }
    return count;
}

options at_most(std::uint32_t messages, std::uint64_t bytes, rate_excess then = rate_excess::hold_back) {
    options o;
    o.publish_rate_max = messages;
    o.publish_bytes_rate_max = bytes;
    o.on_rate_exceeded = then;
    return o;
}

/// Payloads of what a subscriber has got.
std::size_t arrived(peer& subscriber) { return subscriber.gets().size(); }

}  // namespace

TEST_CASE("a bucket gives a second's worth at once, and then as it fills") {
    token_bucket b(10, 5'000);
    CHECK(taken_at(b, 5'000) == 10);
    CHECK(taken_at(b, 5'099) == 0);
    CHECK(taken_at(b, 5'100) == 1);
    CHECK(taken_at(b, 5'350) == 2);
    CHECK(taken_at(b, 5'400) == 1);
    CHECK(taken_at(b, 1'000'000'000'000) == 10);
}

TEST_CASE("a bucket tells when it has enough") {
    token_bucket b(3, 0);
    CHECK(b.ready_ms(3, 0) == 0);
    b.take(3);
    CHECK(b.ready_ms(1, 0) == 334);
    CHECK(b.ready_ms(1, 333) == 334);
    CHECK(b.ready_ms(1, 334) == 334);
    CHECK(b.ready_ms(2, 334) == 667);
    CHECK(b.ready_ms(100, 334) == 1'000);
}

TEST_CASE("who takes more than a second's worth leaves a debt of just that") {
    token_bucket b(100, 0);
    REQUIRE(b.ready_ms(1'000, 0) == 0);
    b.take(1'000);
    CHECK(b.ready_ms(1, 0) == 9'010);
    CHECK(b.ready_ms(1, 9'009) == 9'010);
    CHECK(b.ready_ms(1, 9'010) == 9'010);
    CHECK(b.ready_ms(1'000, 9'010) == 10'000);
}

TEST_CASE("a bucket without a limit gives always, and the largest one does not overflow") {
    token_bucket endless(0, 0), large(std::uint64_t{1} << 40, 0);
    endless.take(1'000'000'000);
    CHECK(endless.ready_ms(1, 0) == 0);
    large.take(std::uint64_t{1} << 40);
    CHECK(large.ready_ms(std::uint64_t{1} << 40, 100'000'000'000) == 100'000'000'000);
}

TEST_CASE("without a limit there is no gate") {
    CHECK_FALSE(publish_gate::wanted({}));
    CHECK(publish_gate::wanted(at_most(1, 0)));
    CHECK(publish_gate::wanted(at_most(0, 1)));
}

TEST_CASE("a client that publishes too fast is read only as fast as it may, and loses nothing") {
    mqtt_world w(at_most(5, 0));
    peer all = w.subscriber("all", "#");
    peer fast = w.client("fast", GENERATE(version::v3_1_1, version::v5));
    for (int i = 0; i < 12; ++i) fast.sends(message("t", std::to_string(i)));
    CHECK(arrived(all) == 5);
    CHECK_FALSE(fast.link().reading());
    w.world.pass_ms(199);
    CHECK(arrived(all) == 0);
    w.world.pass_ms(1);
    CHECK(all.gets() == lines{"PUBLISH q0 't' payload=1 \"5\""});
    for (int i = 0; i < 5; ++i) w.world.pass_ms(200);
    CHECK(arrived(all) == 5);
    w.world.pass_ms(200);
    CHECK(all.gets() == lines{"PUBLISH q0 't' payload=2 \"11\""});
    CHECK(fast.link().reading());
    CHECK_FALSE(fast.is_closed());
}

TEST_CASE("bytes are counted with the whole packet") {
    mqtt_world w(at_most(0, 1'000));
    peer all = w.subscriber("all", "#");
    peer fast = w.client("fast", version::v3_1_1);
    const std::string payload(494, 'p');  // with header and topic: 500
    for (int i = 0; i < 3; ++i) fast.sends(message("t", payload));
    CHECK(arrived(all) == 2);
    w.world.pass_ms(499);
    CHECK(arrived(all) == 0);
    w.world.pass_ms(1);
    CHECK(arrived(all) == 1);
}

TEST_CASE("only PUBLISH is held back, and what comes behind one") {
    mqtt_world w(at_most(1, 0));
    peer fast = w.client("fast");
    fast.sends(message("t", "1")).sends(pingreq{}).sends(subscription_to("a"));
    CHECK(fast.gets().size() == 2);
    fast.sends(message("t", "2")).sends(pingreq{});
    CHECK(fast.gets().empty());
    w.world.pass_ms(1'000);
    CHECK(fast.gets() == lines{"PINGRESP"});
}

TEST_CASE("a client that is held back is not silent [MQTT-3.1.2-22]") {
    mqtt_world w(at_most(0, 100));
    peer slow = w.client(connect{.version = version::v5, .keep_alive_s = 5, .client_id = "slow"});
    slow.sends(message("t", std::string(2'000, 'x'))).sends(message("t", "y"));
    CHECK(slow.gets().empty());
    for (int second = 0; second < 19; ++second) w.world.pass_ms(1'000);
    CHECK_FALSE(slow.is_closed());
    CHECK_FALSE(slow.link().reading());
    w.world.pass_ms(2'000);
    CHECK(slow.link().reading());
    w.world.pass_ms(7'499);
    CHECK_FALSE(slow.is_closed());
    w.world.pass_ms(1);
    CHECK(slow.gets() == lines{"DISCONNECT reason='keep alive timeout'"});
}

TEST_CASE("where it is wanted, a client that publishes too fast is disconnected with 0x96 [MQTT-4.13.1-1]") {
    mqtt_world w(at_most(3, 0, rate_excess::disconnect));
    peer all = w.subscriber("all", "#");
    peer fast = w.client("fast");
    for (int i = 0; i < 4; ++i) fast.sends(message("t", "x"));
    CHECK(fast.gets() == lines{"DISCONNECT reason='message rate too high'"});
    CHECK(fast.is_closed());
    CHECK(arrived(all) == 3);
    peer old = w.client("old", version::v3_1_1);
    for (int i = 0; i < 4; ++i) old.sends(message("t", "x"));
    CHECK(old.gets().empty());
    CHECK(old.is_closed());
}

TEST_CASE("a client that goes while it is held back leaves no timer behind") {
    mqtt_world w(at_most(1, 0));
    {
        peer fast = w.client("fast");
        for (int i = 0; i < 3; ++i) fast.sends(message("t", "x"));
        fast.gets();
        fast.breaks();
    }
    w.world.pass_ms(5'000);
    CHECK_FALSE(w.client("fast").is_closed());
}
