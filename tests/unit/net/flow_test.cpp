// Back-pressure, stopping to read, and the ways a connection ends.
#include <catch2/catch.hpp>

#include <future>
#include <thread>

#include "tests/unit/net/client.hpp"
#include "tests/unit/net/running_loop.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

net::loop_options with_threads(unsigned count) {
    net::loop_options options;
    options.io_threads = count;
    return options;
}

constexpr std::size_t output_bytes_max = 500'000;

/// An echo that stops reading a peer that does not take its output.
void make_polite(toy_factory& factory, std::size_t& largest, int& stops) {
    factory.acts.receive = [&](protocols::link& l, std::string_view bytes) {
        l.output().append(bytes);
        l.touch();
        largest = std::max(largest, l.output().size());
        if (l.output().size() > output_bytes_max) {
            ++stops;
            l.read(false);
            l.notify_when_flushed();
        }
        return bytes.size();
    };
    factory.acts.flushed = [](protocols::link& l) { l.read(true); };
}

}  // namespace

TEST_CASE("a client that does not read is held back, and gets everything once it reads") {
    const unsigned threads = GENERATE(0, 1, 2);
    CAPTURE(threads);
    running_loop l(with_threads(threads));
    std::size_t largest = 0;
    int stops = 0;
    make_polite(l.factory, largest, stops);
    const std::uint16_t port = l.listen();
    l.start();

    client c;
    c.take_little();
    c.connect(port);
    const std::string sent(20'000'000, 'x');
    auto writing = std::async(std::launch::async, [&] { c.send(sent); });
    CHECK(l.until([&] { return stops > 0; }));
    CHECK((c.take(sent.size()) == sent));
    writing.get();
    CHECK(l.ask([&] { return largest; }) < output_bytes_max + 2'000'000);
}

TEST_CASE("an I/O thread that had to wait for a busy broker thread reads on afterwards") {
    running_loop l(with_threads(1));
    const std::uint16_t port = l.listen();
    l.start();
    client c(port);
    const std::string sent(8'000'000, 'x');
    l.loop().post([&] {
        while (l.loop().counters().bytes_in < 1'000'000) std::this_thread::yield();
    });
    auto writing = std::async(std::launch::async, [&] { c.send(sent); });
    CHECK((c.take(sent.size()) == sent));
    writing.get();
}

TEST_CASE("while reading is off nothing is delivered, also not what has been received already") {
    const unsigned threads = GENERATE(0, 1);
    CAPTURE(threads);
    running_loop l(with_threads(threads));
    std::string got;
    l.factory.acts.receive = [&](protocols::link& from, std::string_view bytes) -> std::size_t {
        got += bytes.front();  // one at a time, then a pause
        from.read(false);
        return 1;
    };
    const std::uint16_t port = l.listen();
    l.start();
    client c(port);
    c.send("abc");
    for (const std::string want : {"a", "ab", "abc"}) {
        REQUIRE(l.until([&] { return got == want; }));
        CHECK(l.ask([&] { return got; }) == want);
        l.ask([&] { l.factory.only().read(true); return 0; });
    }
    c.send("d");
    CHECK(l.until([&] { return got == "abcd"; }));
}

TEST_CASE("flushed() is called once for each request, also if there was nothing to send") {
    const unsigned threads = GENERATE(0, 1);
    CAPTURE(threads);
    running_loop l(with_threads(threads));
    int flushed = 0;
    l.factory.acts.flushed = [&](protocols::link&) { ++flushed; };
    const std::uint16_t port = l.listen();
    l.start();
    client c(port);
    REQUIRE(l.until([&] { return l.factory.opened == 1; }));
    l.ask([&] { l.factory.only().notify_when_flushed(); return 0; });
    CHECK(l.until([&] { return flushed == 1; }));
    l.ask([&] {
        l.factory.only().output().append("x");
        l.factory.only().notify_when_flushed();
        return 0;
    });
    CHECK(l.until([&] { return flushed == 2; }));
    c.send("y");
    CHECK(c.take(2) == "xy");
    CHECK(l.ask([&] { return flushed; }) == 2);
}

TEST_CASE("close() sends what is in the output, then ends; nothing more is received") {
    const unsigned threads = GENERATE(0, 1, 2);
    CAPTURE(threads);
    running_loop l(with_threads(threads));
    const std::string last(5'000'000, 'z');
    int received = 0;
    l.factory.acts.receive = [&](protocols::link& from, std::string_view bytes) {
        ++received;
        from.output().append(last);
        from.touch();
        from.close();
        return bytes.size();
    };
    const std::uint16_t port = l.listen();
    l.start();
    client c(port);
    c.send("go");
    c.send("this comes too late");
    CHECK((c.take_all() == last));
    c.close();
    CHECK(l.until([&] { return l.factory.closed == 1 && l.loop().connections() == 0; }));
    l.stop();
    CHECK(received == 1);
    CHECK_FALSE(l.factory.closed_twice);
    CHECK_FALSE(l.factory.destroyed_unclosed);
}

TEST_CASE("an endpoint may close as soon as it is made") {
    const unsigned threads = GENERATE(0, 1);
    running_loop l(with_threads(threads));
    l.factory.acts.opened = [](protocols::link& to) {
        to.output().append("no");
        to.close();
    };
    const std::uint16_t port = l.listen();
    l.start();
    client c(port);
    CHECK(c.take_all() == "no");
    CHECK(l.until([&] { return l.factory.closed == 1; }));
}

TEST_CASE("a peer that closes or resets is told to the endpoint") {
    const unsigned threads = GENERATE(0, 1);
    const bool reset = GENERATE(false, true);
    running_loop l(with_threads(threads));
    const std::uint16_t port = l.listen();
    l.start();
    client c(port);
    c.send("x");
    CHECK(c.take(1) == "x");
    reset ? c.reset() : c.close();
    CHECK(l.until([&] { return l.factory.closed == 1 && l.loop().connections() == 0; }));
    l.stop();
    CHECK_FALSE(l.factory.closed_twice);
}

TEST_CASE("output to a peer that is gone ends the connection in a later turn") {
    const unsigned threads = GENERATE(0, 1);
    running_loop l(with_threads(threads));
    bool closed_outside_of_turn = false;
    l.factory.acts.receive = [](protocols::link& from, std::string_view bytes) {
        from.read(false);  // so that only writing notices
        return bytes.size();
    };
    const std::uint16_t port = l.listen();
    l.start();
    client c(port);
    c.send("x");
    REQUIRE(l.until([&] { return l.factory.opened == 1; }));
    c.reset();
    const auto write_on = [&] {
        if (l.factory.links.empty()) return;
        closed_outside_of_turn = closed_outside_of_turn || !l.in_turn;
        l.factory.only().output().append(std::string(100'000, 'x'));
        l.factory.only().touch();
        l.loop().post([] {});  // another turn
    };
    l.ask([&] { l.on_end = write_on; return 0; });
    CHECK(l.until([&] { return l.factory.closed == 1; }));
    CHECK_FALSE(l.ask([&] { return closed_outside_of_turn; }));
}

TEST_CASE("a peer that does not take its last output is cut off") {
    const unsigned threads = GENERATE(0, 1);
    CAPTURE(threads);
    net::loop_options options = with_threads(threads);
    options.stalled_close_ms = 50;
    running_loop l(options);
    l.factory.acts.receive = [](protocols::link& from, std::string_view bytes) {
        from.output().append(std::string(50'000'000, 'x'));
        from.close();
        return bytes.size();
    };
    const std::uint16_t port = l.listen();
    l.start();
    client c;
    c.take_little();
    c.connect(port);
    c.send("x");
    CHECK(l.until([&] { return l.factory.closed == 1 && l.loop().connections() == 0; }));
    CHECK(l.log.has("peer does not take its last output"));
    CHECK(c.sees_reset());
}

TEST_CASE("a peer that does not close in its turn is left after a while") {
    const unsigned threads = GENERATE(0, 1);
    net::loop_options options = with_threads(threads);
    options.linger_ms = 50;
    running_loop l(options);
    l.factory.acts.receive = [](protocols::link& from, std::string_view bytes) {
        from.close();
        return bytes.size();
    };
    const std::uint16_t port = l.listen();
    l.start();
    client c(port);
    c.send("x");
    CHECK(c.sees_end());
    l.ask([&] { return l.next_turn = 0; });  // turn after turn, so that until() looks
    CHECK(l.until([&] { return l.loop().counters().closed == 1; }));
}

TEST_CASE("one fast publisher does not starve the others") {
    running_loop l;
    std::size_t most_of_one_turn = 0, of_this_turn = 0;
    l.factory.acts.receive = [&](protocols::link&, std::string_view bytes) {
        of_this_turn += bytes.size();
        return bytes.size();
    };
    l.on_end = [&] { most_of_one_turn = std::max(most_of_one_turn, std::exchange(of_this_turn, 0)); };
    const std::uint16_t port = l.listen();
    l.start();
    client c(port);
    c.send(std::string(20'000'000, 'x'));
    c.close();
    CHECK(l.until([&] { return l.factory.closed == 1; }));
    CHECK(l.ask([&] { return most_of_one_turn; }) <= net::loop_options().read_bytes_per_turn);
}
