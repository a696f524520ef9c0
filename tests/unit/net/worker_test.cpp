// Connections of one I/O side, at times that the test names.
#include "net/worker.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "base/check.hpp"
#include "net/clock.hpp"
#include "net/listener.hpp"
#include "tests/unit/net/running_loop.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

/// The broker side: notes what it is told.
struct noting_uplink final : net::uplink {
    void opened(net::connection& from) override { which = &from; }
    void received(net::connection&, std::string_view) override {}
    void sent(net::connection&, std::size_t) override {}
    void flushed(net::connection&) override {}
    void closed(net::connection&) override { ++ends; }

    net::connection* which = nullptr;
    int ends = 0;
};

/// A worker with one connection, whose peer says and reads nothing.
struct rig {
    rig() {
        std::array<int, 2> pair{};
        ENSURE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair.data()) == 0);
        socket = pair[0];
        peer = pair[1];
        home.adopt(origin, net::file_descriptor(socket), net::remote_address());
        home.step(broker_side, net::steady_now_ms());
        ENSURE(broker_side.which != nullptr);
    }
    ~rig() { ::close(peer); }
    rig(const rig&) = delete;
    rig& operator=(const rig&) = delete;

    bool socket_is_open() const { return ::fcntl(socket, F_GETFD) >= 0; }

    net::loop_options options;
    noting_logger log;
    toy_factory factory;
    boost::asio::io_context io;
    net::listener origin{io, {}, factory, 0, log};
    net::poller sockets;
    std::atomic<std::uint64_t> ids{0};
    net::direct_downlink commands;
    net::worker home{sockets, options, ids, commands, log};
    noting_uplink broker_side;
    int socket = -1;
    int peer = -1;
};

}  // namespace

TEST_CASE("a peer that takes nothing of its last output costs neither memory nor a descriptor once its time is over") {
    rig r;
    net::connection& c = *r.broker_side.which;
    c.outgoing().append(std::string(10'000'000, 'x'));
    c.send(c.outgoing(), false);
    const std::int64_t before = net::steady_now_ms();
    c.close();
    const std::int64_t after = net::steady_now_ms();

    r.home.step(r.broker_side, before + r.options.stalled_close_ms - 1);
    CHECK(r.broker_side.ends == 0);
    CHECK(r.socket_is_open());
    CHECK(c.outgoing().size() > 1'000'000);

    r.home.step(r.broker_side, std::max(after + r.options.stalled_close_ms, r.home.next_step_ms()));
    CHECK(r.broker_side.ends == 1);
    CHECK_FALSE(r.socket_is_open());
    CHECK(c.outgoing().empty());

    CHECK_FALSE(r.home.empty());
    c.release();
    r.home.step(r.broker_side, after + r.options.stalled_close_ms);
    CHECK(r.home.empty());
}
