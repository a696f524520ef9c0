#include "bench/amqp_scan.hpp"

#include <catch2/catch.hpp>

#include <cstring>
#include <string>

#include "bench/amqp_client.hpp"
#include "bench/stamp.hpp"
#include "protocols/amqp/framing.hpp"

using namespace causeway;
using bench::scan;

namespace {

template <class Method>
std::string method_frame_of(const Method& m) {
    std::string out;
    amqp::write_method(out, 1, m);
    return out;
}

bench::amqp_frame first_frame(std::string_view bytes) {
    bench::amqp_frame f;
    REQUIRE(bench::next_frame(bytes, f) == scan::whole);
    return f;
}

}  // namespace

TEST_CASE("basic.deliver's tag is found behind its consumer tag (AMQP 0-9-1, 1.8.3.14)") {
    for (const std::string& tag : {std::string(), std::string("ctag-1"), std::string(255, 't')}) {
        amqp::basic_deliver m;
        m.consumer_tag = tag;
        m.delivery_tag = 0x0102030405060708;
        m.exchange = "amq.topic";
        m.routing_key = "a.b";
        const std::string bytes = method_frame_of(m);
        const bench::amqp_frame f = first_frame(bytes);
        CHECK(f.type == bench::method_frame);
        CHECK(f.size == bytes.size());
        CHECK(bench::method_of(f.payload) == bench::basic_deliver_id);
        CHECK(bench::deliver_tag(f.payload) == 0x0102030405060708);
    }
}

TEST_CASE("basic.ack and basic.nack say how far they go (AMQP 0-9-1, 1.8.3.13)") {
    const std::string ack = method_frame_of(amqp::basic_ack{77, true}),
                      nack = method_frame_of(amqp::basic_nack{78, false, true});
    CHECK(bench::method_of(first_frame(ack).payload) == bench::basic_ack_id);
    CHECK(bench::read_confirmation(first_frame(ack).payload).tag == 77);
    CHECK(bench::read_confirmation(first_frame(ack).payload).multiple);
    CHECK(bench::method_of(first_frame(nack).payload) == bench::basic_nack_id);
    CHECK(bench::read_confirmation(first_frame(nack).payload).tag == 78);
    CHECK_FALSE(bench::read_confirmation(first_frame(nack).payload).multiple);  // requeue is another bit
}

TEST_CASE("a frame that has not come whole is waited for; one without its end is broken (AMQP 0-9-1, 4.2.3)") {
    std::string bytes = method_frame_of(amqp::basic_ack{1, false});
    bench::amqp_frame f;
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK(bench::next_frame(std::string_view(bytes).substr(0, size), f) == scan::incomplete);
    bytes.back() = 0;
    CHECK(bench::next_frame(bytes, f) == scan::broken);
}

TEST_CASE("payloads that are too short give nothing, and nothing is read beyond them") {
    const std::string short_one(3, 'x');
    CHECK(bench::method_of(short_one) == 0);
    CHECK(bench::deliver_tag(short_one) == 0);
    CHECK(bench::deliver_tag(std::string("\0\x3C\0\x3C\xFFtag", 8)) == 0);
    CHECK(bench::read_confirmation(short_one).tag == 0);
    CHECK(bench::body_bytes(short_one) == 0);
}

TEST_CASE("a prepared message is a method, a header and as many bodies as the frame size demands (AMQP 0-9-1, 4.2.6)") {
    for (const std::size_t payload : {24U, 4088U, 4089U, 20'000U}) {
        bench::plan how;
        how.payload_bytes = payload;
        how.durable = true;
        const bench::message_template t = bench::amqp_message(how, {.exchange = "x", .key = "k"}, 4096);
        std::string_view rest = t.bytes;
        const bench::amqp_frame method = first_frame(rest);
        rest.remove_prefix(method.size);
        const bench::amqp_frame header = first_frame(rest);
        rest.remove_prefix(header.size);
        CHECK(header.type == bench::header_frame);
        CHECK(bench::body_bytes(header.payload) == payload);
        CHECK(header.payload.substr(12) == std::string_view("\x10\0\x02", 3));  // delivery-mode 2
        CHECK(t.stamp_at == method.size + header.size + 7);
        std::size_t bodies = 0;
        while (!rest.empty()) {
            const bench::amqp_frame body = first_frame(rest);
            CHECK(body.size <= 4096);
            bodies += body.payload.size();
            rest.remove_prefix(body.size);
        }
        CHECK(bodies == payload);
    }
}
