// Unix-domain sockets: what becomes of their files, and connections over them.
#include <catch2/catch.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "net/socket_file.hpp"
#include "tests/support/certificates.hpp"
#include "tests/unit/net/client.hpp"
#include "tests/unit/net/running_loop.hpp"
#include "tls/server_context.hpp"

using namespace causeway;
using namespace causeway::test;

namespace fs = std::filesystem;

namespace {

/// A directory with a place for a socket file; goes with everything in it.
struct place {
    place() {
        std::string made = (fs::temp_directory_path() / "causeway-XXXXXX").string();
        REQUIRE(::mkdtemp(made.data()) != nullptr);
        folder = made;
    }
    ~place() { fs::remove_all(folder); }
    std::string path() const { return folder / "mqtt.sock"; }

    fs::path folder;
};

net::listener_options at(const place& p) {
    net::listener_options options;
    options.name = "local";
    options.address = "unix:" + p.path();
    return options;
}

/// As a process leaves it that dies.
void leave_behind(const std::string& path) {
    net::socket_file file;
    { const auto bound = file.bind(path, 0600); REQUIRE(bound); }  // closes the socket
    REQUIRE(::link(path.c_str(), (path + ".kept").c_str()) == 0);
    file.remove();
    REQUIRE(::rename((path + ".kept").c_str(), path.c_str()) == 0);
}

unsigned mode_of(const std::string& path) {
    struct stat file{};
    REQUIRE(::lstat(path.c_str(), &file) == 0);
    return file.st_mode & 07777;
}

}  // namespace

TEST_CASE("a client on a socket file is served and counts as loopback") {
    const place p;
    net::loop_options threads;
    threads.io_threads = GENERATE(0U, 2U);
    running_loop l(threads);
    CHECK(l.listen(at(p)) == 0);
    l.start();
    client c(p.path());
    c.send("hello");
    CHECK(c.take(5) == "hello");
    l.ask([&] {
        const auto peer = l.factory.only().peer();
        CHECK(l.factory.only().peer_address() == "unix:" + p.path() + ",pid=" + std::to_string(::getpid()) + ",uid=" + std::to_string(::getuid()));
        CHECK(peer.loopback);
        CHECK_FALSE(peer.secure);
        return 0;
    });
    const std::string large(100'000, 'L');
    c.send(large);
    CHECK((c.take(large.size()) == large));
}

TEST_CASE("TLS goes over a socket file, too") {
    const place p;
    const certificates files;
    running_loop l;
    net::listener_options options = at(p);
    options.kind = net::transport_kind::tls;
    options.tls = tls::server_context::make({files.server_chain(), files.server_key(), "", false, tls::protocol_version::tls1_2}).value();
    l.listen(options);
    l.start();
    client c(p.path());
    REQUIRE(c.secure({files.authority(), "", ""}));
    c.send("secret");
    CHECK(c.take(6) == "secret");
}

TEST_CASE("the file has the permissions that are asked for, whatever the umask") {
    const place p;
    const mode_t before = ::umask(0077);
    running_loop l;
    net::listener_options options = at(p);
    options.socket_mode = 0662;
    l.listen(options);
    ::umask(before);
    CHECK(mode_of(p.path()) == 0662);
}

TEST_CASE("the file is gone once the listener has stopped") {
    const place p;
    running_loop l;
    l.listen(at(p));
    l.start();
    client c(p.path());
    l.stop();
    CHECK_FALSE(fs::exists(p.path()));
}

TEST_CASE("a file that somebody else has put there is left alone") {
    const place p;
    {
        running_loop l;
        l.listen(at(p));
        fs::remove(p.path());
        std::ofstream(p.path()) << "mine";
    }
    CHECK(fs::exists(p.path()));
}

TEST_CASE("the file of a process that is gone is replaced") {
    const place p;
    leave_behind(p.path());
    REQUIRE(fs::exists(p.path()));
    CHECK_THROWS(client(p.path()));
    running_loop l;
    CHECK(l.listen(at(p)) == 0);
    l.start();
    client c(p.path());
    c.send("x");
    CHECK(c.take(1) == "x");
}

TEST_CASE("a file that is in use, is no socket, or cannot be made is refused with the reason") {
    const place p;
    running_loop first, second;
    first.listen(at(p));
    CHECK(second.listen_error(at(p)) == "unix:" + p.path() + ": another process listens on it");
    CHECK(fs::exists(p.path()));

    const place other;
    std::ofstream(other.path()) << "a file";
    CHECK(second.listen_error(at(other)) == "unix:" + other.path() + ": there is a file that is no socket");
    CHECK(fs::file_size(other.path()) == 6);

    net::listener_options nowhere;
    nowhere.address = "unix:/nowhere/at/all.sock";
    CHECK(second.listen_error(nowhere) == "unix:/nowhere/at/all.sock: No such file or directory");
    nowhere.address = "unix:/" + std::string(200, 'x');
    CHECK(second.listen_error(nowhere) == nowhere.address + ": the path is too long");
}

TEST_CASE("connections over a socket file are counted by user") {
    const place p;
    running_loop l;
    net::listener_options options = at(p);
    options.connections_per_address_max = 2;
    l.listen(options);
    l.start();
    client first(p.path()), second(p.path());
    first.send("x");
    second.send("x");
    CHECK(first.take(1) + second.take(1) == "xx");
    CHECK(client(p.path()).sees_end());
    CHECK(l.log.has("the address has all it may have"));
}
