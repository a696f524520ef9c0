// WebSocket, RFC 6455: the server's side without a socket, then over real ones.
#include <catch2/catch.hpp>

#include <array>

#include "net/websocket/frames.hpp"
#include "net/websocket/handshake.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/chunks.hpp"
#include "tests/unit/net/client.hpp"
#include "tests/unit/net/running_loop.hpp"
#include "tls/server_context.hpp"

using namespace causeway;
using namespace causeway::test;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using net::websocket::opcode;
using reader = net::websocket::frame_reader;

namespace {

std::string request(const std::string& path = "/mqtt", const std::string& subprotocol = "mqtt", const std::string& version = "13") {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: " + version + "\r\n" +
           (subprotocol.empty() ? "" : "Sec-WebSocket-Protocol: " + subprotocol + "\r\n") + "\r\n";
}

net::websocket::answer answered(const std::string& text, const std::vector<std::string>& origins = {}) {
    static constexpr std::array<std::string_view, 2> subprotocols = {"mqtt", "mqttv3.1"};
    return net::websocket::answer_handshake(text, {"/mqtt", origins, subprotocols});
}

std::string masked(opcode what, std::string_view payload, bool final = true) {
    std::string frame;
    net::websocket::append_frame(frame, what, payload);
    if (!final) frame[0] = static_cast<char>(frame[0] & 0x7F);
    frame[1] = static_cast<char>(frame[1] | 0x80);
    const std::size_t header = frame.size() - payload.size();
    const std::string mask = "\x11\x22\x33\x44";
    for (std::size_t i = 0; i < payload.size(); ++i) frame[header + i] = static_cast<char>(frame[header + i] ^ mask[i % 4]);
    return frame.insert(header, mask);
}

struct outcome {
    std::string data, answers, failure;
    reader::state state = reader::state::reading;
};

outcome read(const tests::chunks& pieces) {
    reader in;
    outcome all;
    for (std::string_view piece : pieces)
        if (all.state == reader::state::reading) all.state = in.receive(piece, all.data, all.answers);
    all.failure = in.failure();
    return all;
}
outcome read(const std::string& bytes) { return read(tests::chunks{bytes}); }

std::string closing(std::uint16_t code) {
    return {'\x88', '\x02', static_cast<char>(code >> 8), static_cast<char>(code)};
}

}  // namespace

TEST_CASE("the handshake is answered with the key's proof and the subprotocol [RFC 6455 1.3, MQTT-6.0.0-4]") {
    const auto answer = answered(request());
    CHECK(answer.refusal.empty());
    CHECK_THAT(answer.text, StartsWith("HTTP/1.1 101 "));
    CHECK_THAT(answer.text, Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    CHECK_THAT(answer.text, Contains("Sec-WebSocket-Protocol: mqtt\r\n"));
}

TEST_CASE("among several subprotocols mqtt is chosen, and an older client gets its own [MQTT-6.0.0-3]") {
    const auto chosen = [](const std::string& offered) { return answered(request("/mqtt", offered)).text; };
    CHECK_THAT(chosen("amqp, mqttv3.1, mqtt"), Contains("Sec-WebSocket-Protocol: mqtt\r\n"));
    CHECK_THAT(chosen("mqttv3.1"), Contains("Sec-WebSocket-Protocol: mqttv3.1\r\n"));
}

TEST_CASE("a client that offers no subprotocol of MQTT is told which ones there are [MQTT-6.0.0-3]") {
    for (const char* offered : {"", "amqp", "MQTT"}) {
        const auto answer = answered(request("/mqtt", offered));
        CHECK_THAT(answer.text, StartsWith("HTTP/1.1 400 "));
        CHECK_THAT(answer.text, EndsWith("\r\n\r\nthe subprotocol has to be mqtt or mqttv3.1\n"));
    }
}

TEST_CASE("only pages of the origins that are allowed may connect, and programs without one") {
    const std::vector<std::string> origins{"https://example.org", "http://localhost:8080"};
    const auto status = [&](const std::string& origin) {
        std::string text = request();
        text.insert(text.size() - 2, origin.empty() ? "" : "Origin: " + origin + "\r\n");
        return answered(text, origins).text.substr(9, 3);
    };
    CHECK(status("https://example.org") == "101");
    CHECK(status("HTTPS://Example.org") == "101");
    CHECK(status("") == "101");
    CHECK(status("https://example.org.evil.net") == "403");
    CHECK(status("http://example.org") == "403");
    CHECK(status("null") == "403");
}

TEST_CASE("a handshake that cannot be accepted is refused with a status [RFC 6455 4.2.2]") {
    const auto refused = [](const std::string& text) {
        const auto answer = answered(text);
        CHECK_FALSE(answer.refusal.empty());
        return answer.text.substr(9, 3);
    };
    CHECK(refused(request("/other")) == "404");
    CHECK(refused(request("/mqtt", "amqp")) == "400");
    CHECK(refused(request("/mqtt", "mqtt", "8")) == "426");
    CHECK(refused("GET /mqtt HTTP/1.1\r\nHost: localhost\r\n\r\n") == "400");
    CHECK(refused("\x10\x0cnot http\r\n\r\n") == "400");
}

TEST_CASE("a query behind the path does not matter") {
    CHECK(answered(request("/mqtt?x=1")).refusal.empty());
}

TEST_CASE("frames of every length are read the same in any chunks [RFC 6455 5.2, MQTT-6.0.0-2]") {
    const std::string bytes = masked(opcode::binary, "") + masked(opcode::binary, "abc") + masked(opcode::binary, std::string(125, 'd')) +
                              masked(opcode::binary, std::string(126, 'e'));
    tests::each_split(bytes, [](const tests::chunks& pieces) {
        const outcome got = read(pieces);
        REQUIRE(got.state == reader::state::reading);
        REQUIRE(got.data == "abc" + std::string(125, 'd') + std::string(126, 'e'));
    });
    for (const std::size_t size : {65'535, 65'536, 300'001}) CHECK((read(masked(opcode::binary, std::string(size, 'x'))).data == std::string(size, 'x')));
}

TEST_CASE("a fragmented message is put together, with a ping in between [RFC 6455 5.4]") {
    const std::string bytes = masked(opcode::binary, "one ", false) + masked(opcode::ping, "are you there") +
                              masked(opcode::continuation, "two ", false) + masked(opcode::continuation, "three");
    tests::each_split(bytes, [](const tests::chunks& pieces) {
        const outcome got = read(pieces);
        REQUIRE(got.data == "one two three");
        REQUIRE(got.answers == "\x8a\x0d" "are you there");
    });
}

TEST_CASE("a close frame is answered [RFC 6455 5.5.1]") {
    const outcome got = read(masked(opcode::binary, "last") + masked(opcode::close, "\x03\xe8") + masked(opcode::binary, "too late"));
    CHECK(got.state == reader::state::closed);
    CHECK(got.data == "last");
    CHECK(got.answers == closing(1000));
}

TEST_CASE("a text frame ends the connection [MQTT-6.0.0-1]") {
    const outcome got = read(masked(opcode::text, "hello"));
    CHECK(got.state == reader::state::failed);
    CHECK(got.answers == closing(1003));
}

TEST_CASE("frames that break the rules end the connection [RFC 6455 5.1, 5.2, 5.4, 5.5]") {
    std::string unmasked, reserved = masked(opcode::binary, "x");
    net::websocket::append_frame(unmasked, opcode::binary, "x");
    reserved[0] = static_cast<char>(reserved[0] | 0x40);
    const std::string no_mask_key(4, '\0');
    for (const std::string& bytes : {
             unmasked,
             reserved,
             masked(opcode::continuation, "x"),
             masked(opcode::binary, "x", false) + masked(opcode::binary, "y"),
             masked(opcode::ping, "x", false),
             masked(opcode::ping, std::string(126, 'x')),
             masked(opcode::close, "\x03"),
             masked(opcode::close, "\x03\xed"),
             masked(opcode::close, std::string("\x00\x00", 2)),
             masked(static_cast<opcode>(3), "x"),
             masked(static_cast<opcode>(11), "x"),
             std::string("\x82\xfe\x00\x05", 4) + no_mask_key,
             std::string("\x82\xff\x00\x00\x00\x00\x00\x00\x01\x00", 10) + no_mask_key,
             std::string("\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00", 10) + no_mask_key,
         }) {
        const outcome got = read(bytes);
        CHECK(got.state == reader::state::failed);
        CHECK(got.answers == closing(1002));
        CHECK_FALSE(got.failure.empty());
    }
}

namespace {

struct websocket_loop {
    explicit websocket_loop(net::transport_kind kind, unsigned threads) : l([&] {
        net::loop_options options;
        options.io_threads = threads;
        return options;
    }()) {
        net::listener_options options;
        options.name = "web";
        options.kind = kind;
        if (kind == net::transport_kind::wss)
            options.tls = tls::server_context::make({files.server_chain(), files.server_key(), "", false, tls::protocol_version::tls1_2}).value();
        port = l.listen(options);
        l.start();
    }
    /// A client that has shaken hands.
    client join() {
        client c(port);
        if (secure) REQUIRE(c.secure({files.authority(), "", ""}));
        c.send(request());
        std::string answer;
        while (!answer.ends_with("\r\n\r\n")) {
            const std::string byte = c.take(1);
            REQUIRE_FALSE(byte.empty());
            answer += byte;
        }
        CHECK_THAT(answer, StartsWith("HTTP/1.1 101 "));
        return c;
    }

    certificates files;
    running_loop l;
    std::uint16_t port = 0;
    bool secure = false;
};

}  // namespace

TEST_CASE("bytes go both ways in frames, with TLS and without") {
    const auto kind = GENERATE(net::transport_kind::ws, net::transport_kind::wss);
    const unsigned threads = GENERATE(0, 1);
    CAPTURE(threads);
    websocket_loop w(kind, threads);
    w.secure = kind == net::transport_kind::wss;
    client c = w.join();
    c.send(masked(opcode::binary, "hello"));
    CHECK(c.take(7) == "\x82\x05hello");

    const std::string large(60'000, 'L');
    c.send(masked(opcode::binary, large));
    std::string expected;
    net::websocket::append_frame(expected, opcode::binary, large);
    std::string got;
    while (got.size() < large.size()) {  // in frames as they come
        const std::string head = c.take(2);
        std::size_t size = static_cast<std::uint8_t>(head[1]);
        if (size == 126) {
            const std::string length = c.take(2);
            size = static_cast<std::size_t>(static_cast<std::uint8_t>(length[0]) << 8 | static_cast<std::uint8_t>(length[1]));
        }
        got += c.take(size);
    }
    CHECK((got == large));
}

TEST_CASE("link::close() says goodbye with a close frame") {
    websocket_loop w(net::transport_kind::ws, 0);
    client c = w.join();
    REQUIRE(w.l.until([&] { return w.l.factory.opened == 1; }));
    w.l.ask([&] {
        w.l.factory.only().output().append("bye");
        w.l.factory.only().close();
        return 0;
    });
    CHECK(c.take_all() == "\x82\x03" "bye" + closing(1000));
}

TEST_CASE("a client's goodbye is answered and closes the connection") {
    websocket_loop w(net::transport_kind::ws, 1);
    client c = w.join();
    c.send(masked(opcode::close, "\x03\xe8"));
    CHECK(c.take_all() == closing(1000));
    CHECK(w.l.until([&] { return w.l.factory.closed == 1; }));
}

TEST_CASE("what is not a handshake gets a refusal and no endpoint") {
    websocket_loop w(net::transport_kind::ws, 0);
    client c(w.port);
    c.send("GET /favicon.ico HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK_THAT(c.take_all(), StartsWith("HTTP/1.1 404 "));
    client endless(w.port);
    endless.send("GET /" + std::string(10'000, 'x'));
    CHECK(endless.sees_end());
    CHECK(w.l.log.has("reason=the request is too long"));
    CHECK(w.l.ask([&] { return w.l.factory.opened; }) == 0);
}
