// Turns, what causes them, and how a loop stops.
#include <catch2/catch.hpp>

#include <atomic>
#include <csignal>

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

}  // namespace

TEST_CASE("posted functions run inside a turn, in order") {
    running_loop l;
    std::string order;
    bool in_turn = true;
    l.loop().post([&] { order += 'a'; });
    l.loop().post([&] {
        order += 'b';
        in_turn = in_turn && l.in_turn;
        l.loop().post([&] { order += 'c'; });
    });
    l.start();
    CHECK(l.until([&] { return order == "abc"; }));
    CHECK(l.ask([&] { return in_turn; }));
}

TEST_CASE("the waker causes a turn from any thread") {
    running_loop l;
    std::atomic<bool> sign{false};
    std::promise<void> seen;
    l.on_end = [&] {
        if (sign.exchange(false)) seen.set_value();
    };
    l.start();
    l.ask([] { return 0; });
    sign = true;
    l.loop().waker()();
    CHECK(seen.get_future().wait_for(std::chrono::seconds(30)) == std::future_status::ready);
}

TEST_CASE("a turn comes when the broker has said so, though nothing happens") {
    running_loop l;
    std::int64_t due = 0;
    std::promise<std::int64_t> late;
    l.on_end = [&] {
        if (due == 0) {
            l.next_turn = due = l.now().steady_ms + 30;
        } else if (l.now().steady_ms >= due && l.next_turn == due) {
            l.next_turn = std::numeric_limits<std::int64_t>::max();
            late.set_value(l.now().steady_ms - due);
        }
    };
    l.start();
    l.loop().waker()();
    auto answer = late.get_future();
    REQUIRE(answer.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
    CHECK(answer.get() >= 0);
}

TEST_CASE("a signal's action runs in a turn, each time it comes") {
    running_loop l;
    int count = 0, number = 0;
    l.loop().on_signal({SIGUSR1}, [&](int n) {
        ++count;
        number = n;
    });
    l.start();
    for (int i = 1; i <= 2; ++i) {
        ::raise(SIGUSR1);
        CHECK(l.until([&] { return count == i && number == SIGUSR1; }));
    }
}

TEST_CASE("a signal is heard while the network is never quiet") {
    running_loop l;
    std::atomic<bool> heard = false;
    l.loop().on_signal({SIGUSR1}, [&](int) { heard = true; });
    const std::uint16_t port = l.listen();
    l.start();
    client c(port);
    for (int i = 0; i < 50'000 && !heard; ++i) {
        c.send("x");
        REQUIRE(c.take(1) == "x");
        if (i == 1'000) ::raise(SIGUSR1);
    }
    CHECK(heard);
}

TEST_CASE("stop() lets every endpoint say goodbye and waits until it has been heard") {
    const unsigned threads = GENERATE(0, 1, 2);
    CAPTURE(threads);
    running_loop l(with_threads(threads));
    const std::string goodbye(2'000'000, 'b');
    l.factory.acts.shut_down = [&](protocols::link& to) {
        to.output().append(goodbye);
        to.close();
    };
    const std::uint16_t port = l.listen();
    l.start();
    client a(port), b(port);
    REQUIRE(l.until([&] { return l.factory.opened == 2; }));
    l.loop().stop();
    CHECK((a.take_all() == goodbye));
    CHECK((b.take_all() == goodbye));
    a.close();
    b.close();
    l.join();
    CHECK(l.factory.closed == 2);
    CHECK_FALSE(l.factory.destroyed_unclosed);
    CHECK_THROWS(client(port));
}

TEST_CASE("stop() does not wait for ever for endpoints that do not close") {
    const unsigned threads = GENERATE(0, 1);
    CAPTURE(threads);
    net::loop_options options = with_threads(threads);
    options.drain_ms = 50;
    running_loop l(options);
    l.factory.acts.shut_down = [](protocols::link&) {};
    const std::uint16_t port = l.listen();
    l.start();
    client c(port);
    REQUIRE(l.until([&] { return l.factory.opened == 1; }));
    l.stop();
    CHECK(l.factory.closed == 1);
    CHECK_FALSE(l.factory.destroyed_unclosed);
    CHECK(c.sees_end());
}

TEST_CASE("a loop that was stopped before it runs ends at once") {
    running_loop l;
    l.listen();
    l.loop().stop();
    l.start();
    l.join();
    CHECK(l.factory.opened == 0);
}

TEST_CASE("under load far fewer system calls are made than messages are handled") {
    running_loop l;
    const std::uint16_t port = l.listen();
    l.start();
    client c(port);
    const std::string message(64, 'm');
    constexpr std::size_t count = 2'000;
    for (std::size_t i = 0; i < count; ++i) c.send(message);
    CHECK(c.take(count * message.size()).size() == count * message.size());
    const net::loop_counters counted = l.loop().counters();
    CHECK(counted.bytes_in == count * message.size());
    CHECK(counted.bytes_out == counted.bytes_in);
    CHECK(counted.reads + counted.writes < count * 3);
}
