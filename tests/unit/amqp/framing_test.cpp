// Frames in any chunks, contents in any frame sizes. Single frames: tests/vectors/amqp/frames.txt.

#include "protocols/amqp/framing.hpp"

#include <catch2/catch.hpp>

#include <array>

#include "protocols/amqp/properties.hpp"
#include "tests/unit/amqp/random_values.hpp"
#include "tests/unit/amqp/vector_text.hpp"

using namespace causeway;
using namespace causeway::amqp;

namespace {

std::string bytes_of(const output_buffer& out) {
    std::array<iovec, 64> pieces;
    std::string all;
    const std::size_t used = out.gather(pieces);
    for (std::size_t i = 0; i < used; ++i) all.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
    REQUIRE(all.size() == out.size());
    return all;
}

struct seen_frame {
    frame_type type;
    std::uint16_t channel;
    std::string payload;
    bool operator==(const seen_frame&) const = default;
};

/// Takes whole frames off the front of what has arrived, as an endpoint does. False: refused.
bool take_frames(std::string& arrived, std::vector<seen_frame>& seen) {
    while (true) {
        const auto read = read_frame(arrived, frame_max_least);
        if (!read) return false;
        if (!read.value()) return true;
        const frame& f = *read.value();
        seen.push_back({f.type, f.channel, std::string(f.payload)});
        arrived.erase(0, f.size());
    }
}

std::vector<seen_frame> frames_of(std::string bytes) {
    std::vector<seen_frame> seen;
    REQUIRE(take_frames(bytes, seen));
    REQUIRE(bytes.empty());
    return seen;
}

}  // namespace

TEST_CASE("any split of the input into chunks gives the same frames (AMQP 4.2.3)") {
    std::string stream;
    for (const auto& each : test::read_vectors("frames.txt"))
        if (each.meaning.find("refused 501") == std::string::npos && each.meaning.find("incomplete") == std::string::npos)
            stream.append(each.bytes);
    const std::vector<seen_frame> whole = frames_of(stream);
    CHECK(whole.size() > 60);

    test::dice dice;
    for (const std::size_t chunk_max : {1, 2, 7, 64, 5000}) {
        std::vector<seen_frame> seen;
        std::string arrived;
        for (std::size_t at = 0; at < stream.size();) {
            const std::size_t size = 1 + dice.below(chunk_max);
            arrived.append(std::string_view(stream).substr(at, size));
            at += size;
            REQUIRE(take_frames(arrived, seen));
        }
        CHECK(arrived.empty());
        CHECK(seen == whole);
    }
}

TEST_CASE("a stream that is refused is refused in any chunks (AMQP 4.2.3)") {
    int refused = 0;
    for (const auto& each : test::read_vectors("frames.txt")) {
        if (read_frame(each.bytes, frame_max_least)) continue;  // framed well, whatever is in it
        ++refused;
        INFO(each.where);
        std::vector<seen_frame> seen;
        std::string arrived;
        bool accepted = true;
        for (std::size_t at = 0; at < each.bytes.size() && accepted; ++at) {
            arrived.push_back(each.bytes[at]);
            accepted = take_frames(arrived, seen);
        }
        CHECK_FALSE(accepted);
        CHECK(seen.empty());
    }
    CHECK(refused >= 5);
}

TEST_CASE("the protocol header is known by its first different byte (AMQP 4.2.2)") {
    for (std::size_t size = 0; size < protocol_header.size(); ++size)
        CHECK(detect_preface(protocol_header.substr(0, size)) == preface::incomplete);
    CHECK(detect_preface(std::string(protocol_header) + "more") == preface::amqp_0_9_1);
    CHECK(detect_preface("G") == preface::other);
    CHECK(detect_preface("AMQPX") == preface::other);
    CHECK(detect_preface(std::string_view("AMQP\x01\x01\0\x09", 8)) == preface::other);
    CHECK(detect_preface(std::string_view("AMQP\0\x01\0\0", 8)) == preface::other);
}

TEST_CASE("a written method is one frame with its end octet (AMQP 4.2.3)") {
    std::string out;
    write_method(out, 3, basic_ack{.delivery_tag = 1, .multiple = true});
    CHECK(out == test::bytes_of("M3( s60 s80 q1 o1 )"));
    out.clear();
    write_method(out, 3, method(basic_ack{.delivery_tag = 1, .multiple = true}));
    CHECK(out == test::bytes_of("M3( s60 s80 q1 o1 )"));
    out.clear();
    write_heartbeat(out);
    CHECK(out == test::bytes_of("x080000 l0 xce"));
}

TEST_CASE("a body is cut into frames that the peer agreed to (AMQP 4.2.6.2)") {
    constexpr std::uint32_t frame_max = frame_max_least;
    constexpr std::size_t chunk = frame_max - frame_overhead_bytes;
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, chunk - 1, chunk, chunk + 1, 3 * chunk, 3 * chunk + 17}) {
        const std::string payload = std::string(size, 'p');
        output_buffer out;
        write_content(out, 9, to_block({}, 2, {}), payload, {}, frame_max);
        const auto frames = frames_of(bytes_of(out));
        REQUIRE(frames.size() == 1 + (size + chunk - 1) / chunk);
        const auto header = decode_content_header(frames[0].payload);
        REQUIRE(header);
        CHECK(header.value().body_bytes == size);
        std::string body;
        for (std::size_t i = 1; i < frames.size(); ++i) {
            CHECK(frames[i].type == frame_type::body_frame);
            CHECK(frames[i].channel == 9);
            body.append(frames[i].payload);
        }
        CHECK(body == payload);
    }
}

TEST_CASE("a large payload is referenced, and gives the same bytes as a copied one (AMQP 4.2.6.2)") {
    test::dice dice;
    for (const std::uint32_t frame_max : {4096U, 20'000U, 131'072U, 0U}) {
        std::string payload(300'000, ' ');
        for (char& c : payload) c = static_cast<char>(dice.bits());
        const shared_bytes shared{std::string_view(payload)};
        output_buffer referenced;
        write_content(referenced, 1, {}, shared.view(), shared, frame_max);
        output_buffer copied;
        write_content(copied, 1, {}, payload, {}, frame_max);
        if (frame_max == 4096) continue;  // pieces this small are copied in any case
        CHECK(bytes_of(referenced) == bytes_of(copied));
        std::array<iovec, 64> pieces;
        CHECK(referenced.gather(pieces) > 2);
        CHECK(pieces[1].iov_base == shared.view().data());
    }
}

TEST_CASE("a part of shared bytes outlives its owner and is consumed like any piece") {
    std::string all;
    output_buffer out;
    {
        const shared_bytes shared{std::string(10'000, 's')};
        out.append(std::string_view("head"));
        out.append(shared, shared.view().substr(1000, 5000));
        out.append(shared, shared.view().substr(0, 10));
    }
    CHECK(out.size() == 5014);
    out.consume(4 + 1000);
    output_buffer other;
    other.append(std::string_view("before"));
    other.splice(out);
    CHECK(bytes_of(other) == "before" + std::string(4010, 's'));
}

TEST_CASE("a property block must fit into one frame (AMQP 4.2.6.1)") {
    CHECK(block_fits(4096 - 20, 4096));
    CHECK_FALSE(block_fits(4096 - 19, 4096));
    CHECK(block_fits(1 << 20, 0));
}
