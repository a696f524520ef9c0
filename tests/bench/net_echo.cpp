// What the network floor costs by itself: an echo of 64-byte messages over 50 connections (CPU time per message of the
// threads that serve, system calls per message), and the memory of an idle connection.
//
//   net_echo [I/O threads] [messages in flight per connection] [idle connections]

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <future>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "net/loop.hpp"

using namespace causeway;

namespace {

constexpr std::size_t message_bytes = 64;
constexpr std::size_t connections = 50;
constexpr std::size_t messages = 2'000'000;

class echo final : public protocols::endpoint {
public:
    explicit echo(protocols::link& l) : link_(l) {}
    std::size_t receive(std::string_view bytes) override {
        link_.output().append(bytes);
        link_.touch();
        return bytes.size();
    }
    void flushed() override {}
    void closed() override {}
    void shut_down() override { link_.close(); }

private:
    protocols::link& link_;
};

class echoes final : public protocols::endpoint_factory {
public:
    std::unique_ptr<protocols::endpoint> make(protocols::link& l) override { return std::make_unique<echo>(l); }
};

class plain_turn final : public net::turn {
public:
    void begin(instant) override {}
    void end() override {}
    std::int64_t next_turn_steady_ms() const override { return std::numeric_limits<std::int64_t>::max(); }
};

int connect_to(std::uint16_t port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (socket < 0 || ::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
        std::perror("connect");
        std::exit(1);
    }
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
}

double seconds(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::size_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::size_t total = 0, resident = 0;
    statm >> total >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Keeps `window` messages under way on each connection until all have come back.
void drive(const std::vector<int>& sockets, std::size_t window) {
    std::vector<pollfd> polled;
    for (const int s : sockets) polled.push_back({s, POLLIN, 0});
    const std::string burst(window * message_bytes, 'm');
    std::vector<char> room(1 << 20);
    for (const int s : sockets) ::send(s, burst.data(), burst.size(), 0);
    std::size_t sent = sockets.size() * burst.size(), got = 0;
    while (got < sent) {
        ::poll(polled.data(), polled.size(), -1);
        for (const pollfd& p : polled) {
            if ((p.revents & POLLIN) == 0) continue;
            const ssize_t count = ::recv(p.fd, room.data(), room.size(), MSG_DONTWAIT);
            if (count <= 0) continue;
            got += static_cast<std::size_t>(count);
            if (sent >= messages * message_bytes) continue;
            ::send(p.fd, room.data(), static_cast<std::size_t>(count), 0);  // as many again
            sent += static_cast<std::size_t>(count);
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    const auto argument = [&](int at, unsigned long fallback) { return argc > at ? std::strtoul(argv[at], nullptr, 10) : fallback; };
    net::loop_options options;
    options.io_threads = static_cast<unsigned>(argument(1, 0));
    const std::size_t window = argument(2, 20);
    const std::size_t idle = argument(3, 9'000);

    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    plain_turn turn;
    silent_logger log;
    echoes factory;
    net::loop loop(options, turn, log);
    const std::uint16_t port = loop.listen({.name = "bench"}, factory).value();
    std::thread broker([&] { loop.run(); });

    std::vector<int> busy;
    for (std::size_t i = 0; i < connections; ++i) busy.push_back(connect_to(port));
    const double process_before = seconds(CLOCK_PROCESS_CPUTIME_ID), driver_before = seconds(CLOCK_THREAD_CPUTIME_ID);
    const double wall_before = seconds(CLOCK_MONOTONIC);
    drive(busy, window);
    const double driver = seconds(CLOCK_THREAD_CPUTIME_ID) - driver_before;
    const double served = seconds(CLOCK_PROCESS_CPUTIME_ID) - process_before - driver;
    const double wall = seconds(CLOCK_MONOTONIC) - wall_before;
    const net::loop_counters counted = loop.counters();
    std::printf("%zu messages of %zu bytes over %zu connections, %zu in flight on each, %u I/O threads\n", messages, message_bytes,
                connections, window, options.io_threads);
    std::printf("  CPU       %.3f us a message to serve (the client took %.3f)\n", served / messages * 1e6, driver / messages * 1e6);
    std::printf("  rate      %.0f messages/s\n", messages / wall);
    std::printf("  calls     %.3f reads and writes a message, %.1f messages a turn\n",
                static_cast<double>(counted.reads + counted.writes) / messages, static_cast<double>(messages) / static_cast<double>(counted.turns));

    const auto wait_for = [&](std::size_t count) {
        for (std::size_t now = 0; now < count;) {
            std::promise<std::size_t> answer;
            loop.post([&] { answer.set_value(loop.connections()); });
            now = answer.get_future().get();
        }
    };
    const std::size_t resident_before = resident_bytes();
    std::vector<int> quiet;
    quiet.reserve(idle);
    for (std::size_t i = 0; i < idle; ++i) quiet.push_back(connect_to(port));
    wait_for(connections + idle);
    if (idle > 0)
        std::printf("  memory    %zu bytes an idle connection, of %zu\n", (resident_bytes() - resident_before) / idle, idle);

    for (const int s : busy) ::close(s);
    for (const int s : quiet) ::close(s);
    loop.stop();
    broker.join();
}
