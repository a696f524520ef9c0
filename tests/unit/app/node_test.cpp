#include "app/node.hpp"

#include <signal.h>

#include <algorithm>
#include <mutex>
#include <regex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

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

namespace {

/// Ends the run once something is said that begins so; keeps what is said until then.
struct ending_logger final : causeway::logger {
    explicit ending_logger(std::string_view end) : last(end) {}
    void write(causeway::log_level, std::string_view message, facts about) override {
        const std::lock_guard lock(guard);
        std::string& line = lines.emplace_back(message);
        for (const causeway::fact& f : about) line.append(" ").append(f.key).append("=").append(f.value());
        if (message.starts_with(last)) ::raise(SIGTERM);
    }

    const std::string_view last;
    std::mutex guard;
    std::vector<std::string> lines;
};

}  // namespace

TEST_CASE("after SIGHUP the log says what is wrong with the configuration file") {
    bench b;
    ending_logger log("the configuration file cannot be used");
    node n(b.c, log, [] { return config_failure{.problems = {"a.yaml:1:2: odd", "a.yaml:3:4: even"}, .text = "for people"}; });
    ::raise(SIGHUP);
    n.run();
    const std::vector<std::string> wanted = {"the configuration file is wrong problem=a.yaml:1:2: odd",
                                             "the configuration file is wrong problem=a.yaml:3:4: even",
                                             "the configuration file cannot be used: everything stays as it is"};
    CHECK(std::search(log.lines.begin(), log.lines.end(), wanted.begin(), wanted.end()) != log.lines.end());
}
