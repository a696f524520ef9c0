// The PROXY protocol: headers byte by byte, then connections that begin with one.
#include <catch2/catch.hpp>

#include "net/proxy_protocol.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/chunks.hpp"
#include "tests/unit/net/client.hpp"
#include "tests/unit/net/running_loop.hpp"
#include "tls/server_context.hpp"

using namespace causeway;
using namespace causeway::test;
using namespace std::string_literals;
using net::proxy_header;

namespace {

const std::string signature = "\r\n\r\n\0\r\nQUIT\n"s;

/// Version 2.
std::string binary(char command, char family, const std::string& rest) {
    return signature + static_cast<char>(0x20 | command) + family + static_cast<char>(rest.size() >> 8) + static_cast<char>(rest.size()) + rest;
}
const std::string v4_block = "\xc0\x00\x02\x01\xcb\x00\x71\x05\xdd\xd5\x07\x5b"s;  // 192.0.2.1:56789 to 203.0.113.5:1883
const std::string v6_block = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01" + std::string(16, 'x') + "\xdd\xd5\x07\x5b";
const std::string unix_block = "/run/app\n.sock" + std::string(94, '\0') + std::string(108, '\0');

struct outcome {
    proxy_header header;
    proxy_header::state state = proxy_header::state::reading;
    std::string behind;
};

outcome read(const tests::chunks& pieces) {
    outcome o;
    for (std::string_view piece : pieces) {
        if (o.state == proxy_header::state::reading) o.state = o.header.receive(piece);
        if (o.state == proxy_header::state::complete) o.behind += piece;
    }
    return o;
}

net::remote_address proxy_at(const std::string& ip) { return {net::ip_address::parse(ip).value(), 4000}; }

net::remote_address client_in(const std::string& header, const std::string& proxy = "198.51.100.1") {
    const outcome o = read({header});
    REQUIRE(o.state == proxy_header::state::complete);
    return o.header.client_of(proxy_at(proxy));
}

std::string failure_of(const std::string& bytes) {
    const outcome o = read({bytes});
    CHECK(o.state == proxy_header::state::failed);
    return o.header.failure();
}

}  // namespace

TEST_CASE("a header of either version is read in any chunks, and nothing behind it") {
    const std::string header = GENERATE("PROXY TCP4 192.0.2.1 203.0.113.5 56789 1883\r\n"s, binary(1, 0x11, v4_block));
    tests::each_split(header + "the rest\r\n", [](const tests::chunks& pieces) {
        const outcome o = read(pieces);
        REQUIRE(o.state == proxy_header::state::complete);
        REQUIRE(o.behind == "the rest\r\n");
        REQUIRE(o.header.client_of(proxy_at("127.0.0.1")).text() == "192.0.2.1:56789");
    });
}

TEST_CASE("the client's address is the one in the header") {
    CHECK(client_in("PROXY TCP6 2001:db8::1 2001:db8::2 1 65535\r\n").text() == "[2001:db8::1]:1");
    CHECK(client_in(binary(1, 0x21, v6_block)).text() == "[2001:db8::1]:56789");
    CHECK(client_in(binary(1, 0x12, v4_block)).text() == "192.0.2.1:56789");
    CHECK(client_in(binary(1, 0x31, unix_block)).text() == "unix:/run/app?.sock, behind 198.51.100.1:4000");
    CHECK(client_in("PROXY TCP4 192.0.2.1 203.0.113.5 56789 1883\r\n").key() == proxy_at("192.0.2.1").key());
}

TEST_CASE("TLVs behind the addresses are passed over") {
    CHECK(client_in(binary(1, 0x11, v4_block + "\x03\x00\x04\x11\x22\x33\x44\x04\x00\x00"s)).text() == "192.0.2.1:56789");
    CHECK(client_in(binary(1, 0x11, v4_block + std::string(3000, 't'))).text() == "192.0.2.1:56789");
}

TEST_CASE("a proxy that speaks for itself keeps its own address") {
    CHECK(client_in(binary(0, 0x00, "")).text() == "198.51.100.1:4000");
    CHECK(client_in(binary(0, 0x11, v4_block)).text() == "198.51.100.1:4000");
    CHECK(client_in(binary(0, 0x00, ""), "127.0.0.1").local());
}

TEST_CASE("an unknown client is not on this machine, though its proxy is") {
    for (const std::string& header : {"PROXY UNKNOWN\r\n"s, "PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"s, binary(1, 0x00, ""), binary(1, 0x00, "?")}) {
        const auto client = client_in(header, "127.0.0.1");
        CHECK(client.text() == "unknown, behind 127.0.0.1:4000");
        CHECK_FALSE(client.local());
    }
}

TEST_CASE("a client is on this machine only if both it and its proxy are") {
    const std::string loopback = "PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n", elsewhere = "PROXY TCP4 192.0.2.1 127.0.0.1 1 2\r\n";
    CHECK(client_in(loopback, "127.0.0.1").local());
    CHECK_FALSE(client_in(loopback, "198.51.100.1").local());
    CHECK_FALSE(client_in(elsewhere, "127.0.0.1").local());
    CHECK(client_in(binary(1, 0x31, unix_block), "::1").local());
    CHECK_FALSE(client_in(binary(1, 0x31, unix_block), "198.51.100.1").local());
}

TEST_CASE("what is no header is refused at its first wrong byte") {
    CHECK(failure_of("\x10") == "no PROXY header");
    CHECK(failure_of("PROXX") == "no PROXY header");
    CHECK(failure_of("\r\n\r\n\n"s) == "no PROXY header");
    CHECK(failure_of("GET / HTTP/1.1\r\n") == "no PROXY header");
}

TEST_CASE("a malformed PROXY line is refused") {
    for (const char* line : {
             "PROXY \r\n",
             "PROXY TCP4\r\n",
             "PROXY TCP5 192.0.2.1 203.0.113.5 1 2\r\n",
             "PROXY TCP4 192.0.2.1 203.0.113.5 1\r\n",
             "PROXY TCP4 192.0.2.1 203.0.113.5 1 2 3\r\n",
             "PROXY TCP4  192.0.2.1 203.0.113.5 1 2\r\n",
             "PROXY TCP4 192.0.2.1 203.0.113.5 1 65536\r\n",
             "PROXY TCP4 192.0.2.1 203.0.113.5 -1 2\r\n",
             "PROXY TCP4 192.0.2.1 203.0.113.5 1 \r\n",
             "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
             "PROXY TCP6 192.0.2.1 203.0.113.5 1 2\r\n",
             "PROXY TCP4 192.0.2.256 203.0.113.5 1 2\r\n",
             "PROXY tcp4 192.0.2.1 203.0.113.5 1 2\r\n",
         })
        CHECK(failure_of(line) == "a malformed PROXY line");
    CHECK(failure_of("PROXY UNKNOWN " + std::string(100, 'x') + "\r\n") == "a PROXY line without end");
}

TEST_CASE("a malformed binary header is refused") {
    CHECK(failure_of(signature + "\x11\x11\x00\x0c"s + v4_block) == "an unknown version of the PROXY protocol");
    CHECK(failure_of(binary(2, 0x11, v4_block)) == "an unknown PROXY command");
    CHECK(failure_of(binary(1, 0x41, v4_block)) == "an unknown PROXY address family");
    CHECK(failure_of(binary(1, 0x13, v4_block)) == "an unknown PROXY address family");
    CHECK(failure_of(binary(1, 0x11, v4_block.substr(1))) == "a PROXY header that is too short for its addresses");
    CHECK(failure_of(binary(1, 0x21, v6_block.substr(1))) == "a PROXY header that is too short for its addresses");
    CHECK(failure_of(binary(1, 0x31, unix_block.substr(1))) == "a PROXY header that is too short for its addresses");
    CHECK(failure_of(signature + "\x21\x11\xff\xff"s) == "a PROXY header that is too long");
}

namespace {

net::listener_options behind_proxy() {
    net::listener_options options;
    options.name = "inner";
    options.proxy_protocol = true;
    return options;
}

net::loop_options with_threads(unsigned count) {
    net::loop_options options;
    options.io_threads = count;
    return options;
}

}  // namespace

TEST_CASE("an endpoint knows its client by the address in the header") {
    running_loop l(with_threads(GENERATE(0, 1)));
    const std::uint16_t port = l.listen(behind_proxy());
    l.start();
    client c(port);
    c.send("PROXY TCP4 192.0.2.1 203.0.113.5 56789 1883\r\nhello");
    CHECK(c.take(5) == "hello");
    l.ask([&] {
        CHECK(l.factory.only().peer_address() == "192.0.2.1:56789");
        CHECK_FALSE(l.factory.only().peer().loopback);
        return 0;
    });
    client local(port);
    local.send(binary(0, 0x00, "") + "x");
    CHECK(local.take(1) == "x");
}

TEST_CASE("the header comes before TLS") {
    const certificates files;
    running_loop l(with_threads(GENERATE(0, 1)));
    net::listener_options options = behind_proxy();
    options.kind = net::transport_kind::tls;
    options.tls = tls::server_context::make({files.server_chain(), files.server_key(), "", false, tls::protocol_version::tls1_2}).value();
    const std::uint16_t port = l.listen(options);
    l.start();
    client c(port);
    c.send(binary(1, 0x21, v6_block));
    REQUIRE(c.secure({files.authority(), "", ""}));
    c.send("secret");
    CHECK(c.take(6) == "secret");
    CHECK(l.ask([&] { return l.factory.only().peer_address(); }) == "[2001:db8::1]:56789");
}

TEST_CASE("a connection without a proper header is closed, logged, and gets no endpoint") {
    running_loop l(with_threads(GENERATE(0, 1)));
    net::listener_options options = behind_proxy();
    options.handshake_timeout_ms = 50;
    const std::uint16_t port = l.listen(options);
    l.start();
    client wrong(port);
    wrong.send("\x10\x0c");
    CHECK(wrong.sees_end());
    CHECK(l.log.has("handshake failed listener=inner"));
    CHECK(l.log.has("reason=no PROXY header"));
    client slow(port);
    slow.send("PROXY TCP4 192.0.2.1");
    CHECK(slow.sees_end());
    CHECK(l.log.has("handshake timed out"));
    CHECK(l.ask([&] { return l.factory.opened; }) == 0);
}

TEST_CASE("who is no proxy may not connect") {
    running_loop l;
    net::listener_options options = behind_proxy();
    options.proxies = {"192.0.2.0/24", "127.0.0.2"};
    const std::uint16_t refused_here = l.listen(options);
    options.proxies.push_back("127.0.0.0/30");
    const std::uint16_t welcome_here = l.listen(options);
    l.start();
    CHECK(client(refused_here).sees_end());
    CHECK(l.log.has("connection refused: not one of the proxies listener=inner peer=127.0.0.1:"));
    client c(welcome_here);
    c.send("PROXY UNKNOWN\r\nx");
    CHECK(c.take(1) == "x");
}

TEST_CASE("connections are counted by the client's address, not the proxy's") {
    running_loop l(with_threads(GENERATE(0, 1)));
    net::listener_options options = behind_proxy();
    options.connections_per_address_max = 1;
    const std::uint16_t port = l.listen(options);
    l.start();
    const std::string one = "PROXY TCP4 192.0.2.1 203.0.113.5 1 2\r\nx", other = "PROXY TCP4 192.0.2.2 203.0.113.5 1 2\r\nx";
    client first(port), second(port), third(port);
    first.send(one);
    CHECK(first.take(1) == "x");
    second.send(one);
    CHECK(second.sees_end());
    CHECK(l.log.has("the address has all it may have listener=inner peer=192.0.2.1:1 connections_per_address_max=1"));
    third.send(other);
    CHECK(third.take(1) == "x");
    first.close();
    REQUIRE(l.until([&] { return l.loop().counters().closed == 2; }));
    client again(port);
    again.send(one);
    CHECK(again.take(1) == "x");
}

TEST_CASE("a proxy that only looks whether somebody listens is no failed handshake") {
    running_loop l;
    const std::uint16_t port = l.listen(behind_proxy());
    l.start();
    client(port).close();
    REQUIRE(l.until([&] { return l.loop().counters().closed == 1; }));
    CHECK(l.log.has("a proxy has only looked in"));
    CHECK(l.loop().counters().handshakes_failed == 0);
}
