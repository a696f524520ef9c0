// permessage-deflate, RFC 7692: what is agreed on, and messages that are compressed.
#include <catch2/catch.hpp>

#include <random>

#include "net/websocket/compression.hpp"
#include "net/websocket/frames.hpp"
#include "net/websocket_layer.hpp"
#include "tests/unit/net/toy_endpoints.hpp"
#include "tests/support/chunks.hpp"

using namespace causeway;
using namespace causeway::net::websocket;
using reader = frame_reader;

namespace {

const std::string plain_answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

std::string answer_to(const std::string& offers) {
    const auto agreed = agree_on_compression(offers);
    return agreed ? agreed->answer : "";
}

/// If it gets smaller, that is.
std::string deflated(std::string_view text, int window_bits = 15) {
    deflater packs;
    std::string out = "kept";
    const bool smaller = packs.append(out, text, window_bits);
    CHECK(smaller == (out.size() > 4));
    REQUIRE(out.starts_with("kept"));
    return out.substr(4);
}

/// A client's frame; the mask is zero, which changes nothing.
std::string framed(opcode what, std::string_view payload, bool final, bool compressed) {
    std::string frame;
    append_frame(frame, what, payload, compressed);
    if (!final) frame[0] = static_cast<char>(frame[0] & 0x7F);
    frame[1] = static_cast<char>(frame[1] | 0x80);
    return frame.insert(frame.size() - payload.size(), 4, '\0');
}
std::string message(std::string_view text) { return framed(opcode::binary, deflated(text), true, true); }

struct outcome {
    std::string data, answers, failure;
    reader::state state = reader::state::reading;
    std::size_t largest = 0;  // portion
};

outcome read(const tests::chunks& pieces) {
    reader in;
    in.allow_compression();
    outcome all;
    for (std::string_view piece : pieces) {
        do {
            std::string portion;
            all.state = in.receive(piece, portion, all.answers);
            all.largest = std::max(all.largest, portion.size());
            all.data += portion;
        } while (in.has_more() && all.state == reader::state::reading);
        if (all.state != reader::state::reading) break;
    }
    all.failure = in.failure();
    return all;
}
outcome read(const std::string& bytes) { return read(tests::chunks{bytes}); }

std::string closing(std::uint16_t code) { return {'\x88', '\x02', static_cast<char>(code >> 8), static_cast<char>(code)}; }

std::string noise(std::size_t size) {
    std::mt19937 random(7);
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    return bytes;
}

}  // namespace

TEST_CASE("what browsers and libraries offer is taken, without context takeover [RFC 7692 7.1.1]") {
    CHECK(answer_to("permessage-deflate") == plain_answer);
    CHECK(answer_to("permessage-deflate; client_max_window_bits") == plain_answer);
    CHECK(answer_to("permessage-deflate; client_max_window_bits=10; server_no_context_takeover; client_no_context_takeover") == plain_answer);
    CHECK(answer_to("x-webkit-deflate-frame, permessage-deflate") == plain_answer);
    CHECK(answer_to("permessage-deflate; server_max_window_bits=\"10\"") == plain_answer + "; server_max_window_bits=10");
}

TEST_CASE("the server's window is as small as the client needs it [RFC 7692 7.1.2.1]") {
    const auto agreed = agree_on_compression("permessage-deflate; server_max_window_bits=9");
    REQUIRE(agreed);
    CHECK(agreed->window_bits == 9);
    CHECK(agreed->answer == plain_answer + "; server_max_window_bits=9");
}

TEST_CASE("an offer that is malformed or cannot be kept is passed over for the next [RFC 7692 5.1, 7.1]") {
    for (const char* offer : {
             "",
             "deflate",
             "permessage-deflate; server_max_window_bits",
             "permessage-deflate; server_max_window_bits=8",
             "permessage-deflate; server_max_window_bits=16",
             "permessage-deflate; server_max_window_bits=010",
             "permessage-deflate; server_max_window_bits=9; server_max_window_bits=10",
             "permessage-deflate; client_max_window_bits=7",
             "permessage-deflate; client_max_window_bits=1x",
             "permessage-deflate; client_max_window_bits=\"\"",
             "permessage-deflate; server_no_context_takeover=1",
             "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
             "permessage-deflate; unheard_of",
         }) {
        CAPTURE(offer);
        CHECK(answer_to(offer).empty());
        CHECK(answer_to(std::string(offer) + ", permessage-deflate") == plain_answer);
    }
}

TEST_CASE("what is deflated is inflated again, with every window") {
    const int bits = GENERATE(9, 10, 12, 15);
    for (const std::string& text : {std::string(12, 'a'), std::string(70'000, 'a'), noise(100) + noise(100), std::string(65'536, 'b') + noise(70'000)}) {
        const outcome got = read(framed(opcode::binary, deflated(text, bits), true, true));
        CHECK(got.state == reader::state::reading);
        CHECK((got.data == text));
    }
}

TEST_CASE("what does not get smaller is not deflated") {
    for (const std::string& text : {std::string(), std::string("a"), std::string("abcdefgh"), noise(100), noise(70'000)}) CHECK(deflated(text).empty());
}

TEST_CASE("compressed messages are read the same in any chunks, among others and with pings in between [RFC 7692 6.2]") {
    const std::string text = "hello hello hello hello hello, this is a message that is not the same all over", packed = deflated(text);
    const std::string bytes = message("first first first first") + framed(opcode::binary, packed.substr(0, 10), false, true) +
                              framed(opcode::ping, "?", true, false) +
                              framed(opcode::continuation, packed.substr(10, 5), false, false) +
                              framed(opcode::continuation, packed.substr(15), true, false) + framed(opcode::binary, "plain", true, false) +
                              message("last last last last last");
    tests::each_split(bytes, [&](const tests::chunks& pieces) {
        const outcome got = read(pieces);
        REQUIRE(got.state == reader::state::reading);
        REQUIRE(got.data == "first first first first" + text + "plain" + "last last last last last");
        REQUIRE(got.answers == "\x8a\x01?");
    });
}

namespace {

/// An uncompressed block, as it may stand in a compressed message. RFC 7692 7.2.3.3
std::string in_block(std::string_view text) {
    const auto size = static_cast<char>(text.size());
    return std::string({'\0', size, '\0', static_cast<char>(~size), '\xff'}) + std::string(text) + '\0';
}

}  // namespace

TEST_CASE("the message of the standard's example is understood, in one block, in two, and after a final one [RFC 7692 7.2.3]") {
    const std::string in_one("\xf2\x48\xcd\xc9\xc9\x07\x00", 7);
    const std::string in_two("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13);
    const std::string final_block("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8);
    for (const std::string& payload : {in_one, in_two, in_block("Hello"), final_block}) {
        const outcome got = read(framed(opcode::binary, payload, true, true) + framed(opcode::binary, ", world", true, false));
        CHECK(got.data == "Hello, world");
        CHECK(got.failure.empty());
    }
}

TEST_CASE("a few bytes that stand for many are given out in portions") {
    const std::string text(10'000'000, 'z');
    const std::string bytes = message(text);
    REQUIRE(bytes.size() < 20'000);
    const outcome got = read(bytes);
    CHECK((got.data == text));
    CHECK(got.largest == reader::portion_bytes);
}

TEST_CASE("what is not deflated ends the connection with 1007") {
    for (const std::string& payload : {std::string("\x07"), std::string("\xff\xff\xff\xff"), noise(1000)}) {
        const outcome got = read(framed(opcode::binary, payload, true, true));
        CHECK(got.state == reader::state::failed);
        CHECK(got.answers == closing(1007));
    }
}

TEST_CASE("the bit of compressed messages is for the first frame of data only [RFC 7692 6.1]") {
    const std::string begun = framed(opcode::binary, in_block("x"), false, true);
    for (const std::string& bytes : {begun + framed(opcode::continuation, "x", true, true), framed(opcode::ping, "", true, true),
                                     framed(opcode::close, "", true, true)}) {
        const outcome got = read(bytes);
        CHECK(got.state == reader::state::failed);
        CHECK(got.answers == closing(1002));
    }
    CHECK(read(framed(opcode::text, in_block("x"), true, true)).answers == closing(1003));
}

TEST_CASE("only what gets smaller is sent compressed") {
    net::listener_options options;
    options.websocket_compression = true;
    deflater packs;
    test::toy_factory protocol;
    net::websocket_layer layer(options, protocol, packs);
    std::string up, down;
    layer.receive("GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
                  up, down);
    CHECK_THAT(down, Catch::Matchers::Contains("Sec-WebSocket-Extensions: " + plain_answer + "\r\n"));
    const auto sent = [&](const std::string& bytes) {
        std::string frame;
        layer.send(bytes, frame);
        return frame;
    };
    CHECK(sent("short") == "\x82\x05short");
    CHECK(sent(noise(1000)).substr(4) == noise(1000));
    const std::string packed = sent(std::string(1000, 'x'));
    CHECK(packed.size() < 40);
    CHECK(packed[0] == '\xc2');
    CHECK(packed.substr(2) == deflated(std::string(1000, 'x')));
}

TEST_CASE("a layer that has given a portion goes on without new bytes, and takes new ones then") {
    net::listener_options options;
    options.websocket_compression = true;
    deflater packs;
    test::toy_factory protocol;
    net::websocket_layer layer(options, protocol, packs);
    std::string up, down, all;
    layer.receive("GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n" +
                      message(std::string(300'000, 'z')) + framed(opcode::binary, "end", true, false),
                  up, down);
    while (layer.has_more()) {
        all += std::exchange(up, {});
        CHECK(layer.receive({}, up, down) == net::layer::state::open);
    }
    layer.receive(framed(opcode::binary, "!", true, false), up, down);
    CHECK((all + up == std::string(300'000, 'z') + "end!"));
}
