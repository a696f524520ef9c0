// Ports: opening them, refusing, handshakes that go wrong, and running out of file descriptors.
#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "tests/support/certificates.hpp"
#include "tests/unit/net/client.hpp"
#include "tests/unit/net/running_loop.hpp"
#include "tls/server_context.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

net::listener_options secure_listener(const certificates& files, bool require = false) {
    net::listener_options options;
    options.name = "secure";
    options.kind = net::transport_kind::tls;
    options.tls = tls::server_context::make({files.server_chain(), files.server_key(), require ? files.authority() : "", require,
                                             tls::protocol_version::tls1_2})
                      .value();
    return options;
}

net::loop_options with_threads(unsigned count) {
    net::loop_options options;
    options.io_threads = count;
    return options;
}

}  // namespace

TEST_CASE("a port that is taken is refused with its address and the reason") {
    running_loop first, second;
    net::listener_options options;
    options.port = first.listen(options);
    CHECK(second.listen_error(options) == "127.0.0.1:" + std::to_string(options.port) + ": Address already in use");
}

TEST_CASE("an address that is none is refused") {
    running_loop l;
    net::listener_options options;
    options.address = "localhost.";
    CHECK(l.listen_error(options) == "localhost.:0: not an IP address");
}

TEST_CASE("a port for TLS without a certificate is refused") {
    running_loop l;
    net::listener_options options;
    options.kind = net::transport_kind::tls;
    CHECK(l.listen_error(options) == "127.0.0.1:0: a certificate is needed for TLS");
}

TEST_CASE("connections beyond the maximum are closed at once, and places become free again") {
    running_loop l;
    net::listener_options options;
    options.connections_max = 1;
    const std::uint16_t port = l.listen(options);
    l.start();
    {
        client first(port);
        first.send("x");
        CHECK(first.take(1) == "x");
        client second(port);
        CHECK(second.sees_end());
        CHECK(l.loop().counters().refused == 1);
        CHECK(l.log.has("the listener has all it may have"));
    }
    REQUIRE(l.until([&] { return l.loop().counters().closed == 1; }));
    client third(port);
    third.send("y");
    CHECK(third.take(1) == "y");
}

TEST_CASE("garbage on a TLS port is refused without harm to others") {
    const unsigned threads = GENERATE(0, 1);
    const certificates files;
    running_loop l(with_threads(threads));
    const std::uint16_t port = l.listen(secure_listener(files));
    l.start();
    client good(port);
    REQUIRE(good.secure({files.authority(), "", ""}));

    client bad(port);
    bad.send("this is not a handshake, whatever else it may be");
    bad.take_all();
    bad.close();
    client impatient(port);
    impatient.close();

    good.send("still here");
    CHECK(good.take(10) == "still here");
    CHECK(l.log.has("handshake failed listener=secure"));
    CHECK(l.ask([&] { return l.factory.opened; }) == 1);
}

TEST_CASE("a client without the certificate that is required gets no endpoint") {
    const certificates files;
    running_loop l;
    const std::uint16_t port = l.listen(secure_listener(files, true));
    l.start();
    client c(port);
    c.secure({files.authority(), "", ""});  // in TLS 1.3 the refusal comes after the client's own end of the handshake
    CHECK(c.take_all().empty());
    CHECK(l.log.has("reason=peer did not return a certificate"));
    CHECK(l.ask([&] { return l.factory.opened; }) == 0);
}

TEST_CASE("a connection that does not begin its handshake is closed in time") {
    const unsigned threads = GENERATE(0, 1);
    const certificates files;
    running_loop l(with_threads(threads));
    net::listener_options options = secure_listener(files);
    options.handshake_timeout_ms = 50;
    const std::uint16_t port = l.listen(options);
    l.start();
    client c(port);
    CHECK(c.sees_end());
    CHECK(l.log.has("handshake timed out"));
    CHECK(l.loop().counters().handshakes_failed == 1);
}

TEST_CASE("without file descriptors accepting pauses, and goes on once there are some") {
    net::loop_options options;
    options.accept_pause_ms = 20;
    running_loop l(options);
    const std::uint16_t port = l.listen();
    l.start();
    client c;  // has its descriptor already

    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const int next = ::dup(0);
    ::close(next);
    const rlimit none{static_cast<rlim_t>(next), before.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    c.connect(port);
    const std::uint64_t turns = l.loop().counters().turns;
    const bool paused = l.until([&] { return l.log.has("cannot accept for now"); });
    const std::uint64_t turns_taken = l.loop().counters().turns - turns;
    ::setrlimit(RLIMIT_NOFILE, &before);

    CHECK(paused);
    CHECK(turns_taken < 20);
    c.send("x");
    CHECK(c.take(1) == "x");
}

TEST_CASE("on a port of both families an IPv4 client has its own address") {
    running_loop l;
    net::listener_options options;
    options.address = "::";
    const std::uint16_t port = l.listen(options);
    l.start();
    client c(port);
    c.send("x");
    REQUIRE(c.take(1) == "x");
    l.ask([&] {
        CHECK_THAT(l.factory.only().peer_address(), Catch::Matchers::StartsWith("127.0.0.1:"));
        CHECK(l.factory.only().peer().loopback);
        return 0;
    });
}

namespace {

/// This process's socket whose peer has that port of 127.0.0.1.
int socket_to(std::uint16_t port) {
    for (int socket = 0; socket < 1024; ++socket) {
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        if (::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) == 0 && peer.sin_family == AF_INET && ntohs(peer.sin_port) == port)
            return socket;
    }
    return -1;
}

int option_of(int socket, int level, int name) {
    int value = -1;
    socklen_t size = sizeof value;
    ::getsockopt(socket, level, name, &value, &size);
    return value;
}

}  // namespace

TEST_CASE("what is accepted is sent without delay, and a peer that has vanished is found out") {
    running_loop l;
    const std::uint16_t port = l.listen();
    l.start();
    client c(port);
    c.send("x");
    REQUIRE(c.take(1) == "x");
    const std::string address = l.ask([&] { return l.factory.only().peer_address(); });
    const int accepted = socket_to(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    CHECK(option_of(accepted, IPPROTO_TCP, TCP_NODELAY) > 0);
    CHECK(option_of(accepted, SOL_SOCKET, SO_KEEPALIVE) > 0);
}

TEST_CASE("connections of one address are limited, and places become free again") {
    running_loop l(with_threads(GENERATE(0, 1)));
    net::listener_options options;
    options.connections_per_address_max = 1;
    const std::uint16_t port = l.listen(options);
    l.start();
    {
        client first(port);
        first.send("x");
        CHECK(first.take(1) == "x");
        CHECK(client(port).sees_end());
        CHECK(l.loop().counters().refused == 1);
    }
    REQUIRE(l.until([&] { return l.loop().counters().closed == 1; }));
    client third(port);
    third.send("y");
    CHECK(third.take(1) == "y");
}
