// What an idle MQTT connection costs, in the program as it is: sockets, one thread, a store. Counted, not estimated: resident memory
// would tell of pages and of what else happens to be in them.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "app/commands.hpp"
#include "app/node.hpp"
#include "net/file_descriptor.hpp"
#include "tests/footprint/counted_heap.hpp"
#include "tests/unit/app/temporary_folder.hpp"

using namespace causeway;
using namespace std::string_view_literals;

namespace {

class running_node {
public:
    running_node() : node_(configuration(), log_), thread_([this] { node_.run(); }) {}
    ~running_node() {
        ::kill(::getpid(), SIGTERM);
        thread_.join();
    }

    std::uint16_t port() const {
        const std::string_view line = node_.ready_line();
        const std::string_view before = "mqtt=127.0.0.1:";
        return static_cast<std::uint16_t>(std::stoi(std::string(line.substr(line.find(before) + before.size()))));
    }

private:
    app::config configuration() {
        app::dev_command dev;
        dev.mqtt_port = dev.amqp_port = 0;
        dev.ws_port = 0;
        dev.io_threads = 0;
        app::config c = app::dev_config(dev, folder_.path);
        c.storage.ballast_bytes = c.storage.preallocate_bytes = 0;
        return c;
    }

    app::temporary_folder folder_;
    silent_logger log_;
    app::node node_;
    std::thread thread_;
};

/// Devices that have logged in and say nothing more. They keep nothing on the heap for each of them.
class devices {
public:
    explicit devices(std::uint16_t port) : port_(port) { sockets_.reserve(1000); }

    /// `then`: what each says behind its CONNECT, and how many bytes come back for it.
    void add(int count, std::string_view then = {}, std::size_t answer_bytes = 0) {
        for (int i = 0; i < count; ++i) {
            connect();
            char id[23];
            std::snprintf(id, sizeof id, "device-%015zu", sockets_.size());
            const std::string_view head("\x10\x22\x00\x04MQTT\x04\x02\x02\x58\x00\x16", 14);  // clean session, keep alive 600 s
            exchange(head, {}, 0);
            exchange(id, "\x20\x02\x00\x00"sv, 4);
            exchange(then, {}, answer_bytes);
        }
    }

private:
    void connect() {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port_);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        sockets_.emplace_back(::socket(AF_INET, SOCK_STREAM, 0));
        REQUIRE(::connect(sockets_.back().get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    }
    void exchange(std::string_view said, std::string_view expected, std::size_t bytes) {
        const int socket = sockets_.back().get();
        if (::send(socket, said.data(), said.size(), 0) != static_cast<ssize_t>(said.size())) FAIL("cannot send");
        char answer[64];
        if (bytes > 0 && ::recv(socket, answer, bytes, MSG_WAITALL) != static_cast<ssize_t>(bytes)) FAIL("no answer");
        if (!expected.empty() && std::string_view(answer, bytes) != expected) FAIL("another answer");
    }

    std::uint16_t port_;
    std::vector<net::file_descriptor> sockets_;
};

constexpr int first = 100;  // they make the program allocate what all share
constexpr int counted = 300;

/// Bytes of the heap that each of some devices costs.
double cost_of_each(std::string_view then = {}, std::size_t answer_bytes = 0) {
    running_node server;
    devices all(server.port());
    all.add(first, then, answer_bytes);
    const std::int64_t before = test::heap_bytes();
    all.add(counted, then, answer_bytes);
    return static_cast<double>(test::heap_bytes() - before) / counted;
}

}  // namespace

TEST_CASE("an idle MQTT connection costs no more than docs/performance.md says (What a connection costs)") {
    const double bytes = cost_of_each();
    CAPTURE(bytes);
    CHECK(bytes < 704);
    CHECK(bytes > 300);  // else nothing was counted
}

TEST_CASE("one that has subscribed costs no more than docs/performance.md says (What a connection costs)") {
    const double bytes = cost_of_each("\x82\x08\x00\x01\x00\x03" "a/b" "\x01"sv, 5);
    CAPTURE(bytes);
    CHECK(bytes < 1'600);
    CHECK(bytes > 700);
}
