// Bytes to and fro, for every arrangement of threads and every kind of transport.
#include <catch2/catch.hpp>

#include <future>

#include "tests/support/certificates.hpp"
#include "tests/support/chunks.hpp"
#include "tests/unit/net/client.hpp"
#include "tests/unit/net/running_loop.hpp"
#include "tls/server_context.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

std::string pattern(std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + i / 251);
    return bytes;
}

std::string packet(std::size_t size) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(size >> shift));
    return bytes + pattern(size);
}

net::loop_options with_threads(unsigned count) {
    net::loop_options options;
    options.io_threads = count;
    return options;
}

net::listener_options secure_listener(const certificates& files, bool ask_for_certificate = false) {
    net::listener_options options;
    options.name = "secure";
    options.kind = net::transport_kind::tls;
    options.tls = tls::server_context::make({files.server_chain(), files.server_key(), ask_for_certificate ? files.authority() : "",
                                             ask_for_certificate, tls::protocol_version::tls1_2, tls::certificate_user::common_name})
                      .value();
    return options;
}

void check_echo(client& c, std::size_t chunk_max) {
    const std::string sent = pattern(400'000);
    auto writing = std::async(std::launch::async, [&] {
        for (std::string_view piece : tests::random_pieces(sent, chunk_max, 7)) c.send(piece);
    });
    const std::string got = c.take(sent.size());
    writing.get();
    CHECK((got == sent));
}

}  // namespace

TEST_CASE("what is sent comes back, in whatever chunks it was sent") {
    const unsigned threads = GENERATE(0, 1, 2);
    CAPTURE(threads);
    running_loop l(with_threads(threads));
    const std::uint16_t port = l.listen();
    l.start();
    for (const std::size_t chunk_max : {20, 1'000, 60'000}) {
        client c(port);
        check_echo(c, chunk_max);
    }
}

TEST_CASE("what is sent through TLS comes back") {
    const unsigned threads = GENERATE(0, 1, 2);
    CAPTURE(threads);
    const certificates files;
    running_loop l(with_threads(threads));
    const std::uint16_t port = l.listen(secure_listener(files));
    l.start();
    client c(port);
    REQUIRE(c.secure({files.authority(), "", ""}));
    c.send("hello");
    CHECK(c.take(5) == "hello");
}

TEST_CASE("large amounts go through TLS both ways") {
    const unsigned threads = GENERATE(0, 1);
    CAPTURE(threads);
    const certificates files;
    running_loop l(with_threads(threads));
    const std::uint16_t port = l.listen(secure_listener(files));
    l.start();
    client c(port);
    REQUIRE(c.secure({files.authority(), "", ""}));
    const std::string sent = pattern(3'000'000);
    for (std::size_t at = 0; at < sent.size(); at += 100'000) {
        c.send(std::string_view(sent).substr(at, 100'000));
        CHECK((c.take(100'000) == sent.substr(at, 100'000)));
    }
}

TEST_CASE("a packet is kept until it is whole, however it comes") {
    const unsigned threads = GENERATE(0, 1);
    const std::size_t piece_bytes_max = GENERATE(9'000, 700);
    CAPTURE(threads, piece_bytes_max);
    running_loop l(with_threads(threads));
    l.factory.acts.receive = echo_packets;
    const std::uint16_t port = l.listen();
    l.start();
    std::string sent;
    for (const std::size_t size : {0, 1, 100, 5'000, 300'000, 3, 1'000'000, 10}) sent += packet(size);
    client c(port);
    auto writing = std::async(std::launch::async, [&] {
        for (std::string_view piece : tests::random_pieces(sent, piece_bytes_max, 3)) c.send(piece);
    });
    const std::string got = c.take(sent.size());
    writing.get();
    CHECK((got == sent));
}

TEST_CASE("many connections are served side by side, each knows its peer") {
    const unsigned threads = GENERATE(0, 2);
    CAPTURE(threads);
    running_loop l(with_threads(threads));
    std::set<std::uint64_t> ids;
    l.factory.acts.opened = [&](protocols::link& to) {
        ids.insert(number(to.peer().id));
        if (!to.peer().loopback || to.peer().secure || to.peer().listener != "many" || to.peer().vhost != "fleet") ids.insert(0);
    };
    net::listener_options options;
    options.name = "many";
    options.vhost = "fleet";
    const std::uint16_t port = l.listen(options);
    l.start();

    constexpr std::size_t count = 300;
    std::vector<client> clients;
    for (std::size_t i = 0; i < count; ++i) clients.emplace_back(port);
    for (std::size_t i = 0; i < count; ++i) clients[i].send("from " + std::to_string(i) + ";");
    for (std::size_t i = 0; i < count; ++i) {
        const std::string sent = "from " + std::to_string(i) + ";";
        CHECK(clients[i].take(sent.size()) == sent);
    }
    CHECK(l.ask([&] { return ids.size(); }) == count);
    CHECK(l.ask([&] { return ids.count(0); }) == 0);
    clients.clear();
    CHECK(l.until([&] { return l.factory.closed == count && l.loop().connections() == 0; }));
    CHECK(l.loop().counters().accepted == count);
}

TEST_CASE("the name in a verified client certificate is told to the endpoint") {
    const unsigned threads = GENERATE(0, 1);
    const certificates files;
    running_loop l(with_threads(threads));
    const std::uint16_t port = l.listen(secure_listener(files, true));
    l.start();
    client c(port);
    REQUIRE(c.secure({files.authority(), files.client_chain(), files.client_key()}));
    REQUIRE(l.until([&] { return l.factory.opened == 1; }));
    const auto who = l.ask([&] { return l.factory.only().peer(); });
    CHECK(who.certificate_user == "sensor-17");
    CHECK(who.secure);
}
