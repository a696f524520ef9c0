#include "app/node.hpp"

#include <signal.h>

#include <regex>
#include <stdexcept>

#include <catch2/catch.hpp>

#include "app/commands.hpp"
#include "tests/unit/app/temporary_folder.hpp"

using namespace causeway::app;

namespace {

struct bench {
    bench() {
        dev_command dev;
        dev.mqtt_port = dev.amqp_port = 0;
        dev.ws_port = 0;
        c = dev_config(dev, folder.path);
        c.storage.ballast_bytes = c.storage.preallocate_bytes = 0;
    }
    std::string refusal() {
        try {
            node refused(c, log);
        } catch (const std::runtime_error& wrong) {
            return wrong.what();
        }
        return "";
    }

    temporary_folder folder;
    causeway::silent_logger log;
    config c;
};

}  // namespace

TEST_CASE("the ready line names every listener with the port that it got") {
    bench b;
    const node n(b.c, b.log);
    const std::string port = R"(127\.0\.0\.1:[1-9]\d*)";
    CAPTURE(n.ready_line());
    CHECK(std::regex_match(n.ready_line(), std::regex("ready mqtt=" + port + " amqp=" + port + " ws=" + port)));
}

TEST_CASE("vhosts are found by name; without any in the configuration there is '/'") {
    bench b;
    {
        node n(b.c, b.log);
        CHECK(n.find("/"));
        CHECK(!n.find("/prod"));
    }
    b.c.vhosts.emplace_back().name = "/prod";
    node n(b.c, b.log);
    CHECK(n.find("/prod"));
    CHECK(!n.find("/"));
    CHECK(n.find("/prod")->options().vhost == "/prod");
}

TEST_CASE("a port that is taken is an error that names the listener and the address") {
    bench b;
    const node first(b.c, b.log);
    const std::string& line = first.ready_line();
    const std::size_t at = line.find("mqtt=127.0.0.1:") + 15;
    const std::string port = line.substr(at, line.find(' ', at) - at);
    bench other;
    other.c.listeners[0].port = static_cast<std::uint16_t>(std::stoi(port));
    CHECK(other.refusal() == "listener 'mqtt' cannot listen: 127.0.0.1:" + port + ": Address already in use");
}

TEST_CASE("a certificate that cannot be read is an error that names the listener and the file") {
    bench b;
    b.c.listeners[0].protocol = wire::mqtts;
    b.c.listeners[0].tls.emplace().certificate_chain_file = b.folder.path + "/none.pem";
    CHECK(b.refusal().starts_with("listener 'mqtt': "));
    CHECK(b.refusal().find("/none.pem") != std::string::npos);
}

TEST_CASE("SIGHUP changes nothing and SIGTERM ends the run") {
    bench b;
    node n(b.c, b.log);
    ::raise(SIGHUP);
    ::raise(SIGTERM);
    n.run();
    SUCCEED();
}
