#include "app/cli.hpp"

#include <iostream>
#include <sstream>
#include <vector>

#include <catch2/catch.hpp>

#include "app/commands.hpp"
#include "app/config_rules.hpp"

using namespace causeway::app;

namespace {

/// What CLI11 prints meanwhile is kept out of the test's output.
command parse(std::vector<const char*> words) {
    words.insert(words.begin(), "causeway");
    std::ostringstream said;
    std::streambuf* const out = std::cout.rdbuf(said.rdbuf());
    std::streambuf* const err = std::cerr.rdbuf(said.rdbuf());
    command parsed = parse_command_line(static_cast<int>(words.size()), words.data());
    std::cout.rdbuf(out);
    std::cerr.rdbuf(err);
    return parsed;
}

int exit_code_of(std::vector<const char*> words) { return std::get<answered>(parse(std::move(words))).exit_code; }

}  // namespace

TEST_CASE("run takes a configuration") {
    CHECK(std::get<run_command>(parse({"run", "--config", "c.yaml"})).config_file == "c.yaml");
    CHECK(exit_code_of({"run"}) == 1);
}

TEST_CASE("dev has the usual ports and takes others") {
    const auto usual = std::get<dev_command>(parse({"dev"}));
    CHECK(usual.mqtt_port == 1883);
    CHECK(usual.amqp_port == 5672);
    CHECK(!usual.ws_port);
    const auto other = std::get<dev_command>(
        parse({"dev", "--mqtt-port", "0", "--ws-port", "0", "--data", "d", "--io-threads", "2"}));
    CHECK(other.mqtt_port == 0);
    CHECK(other.ws_port == 0);
    CHECK(other.data == "d");
    CHECK(other.io_threads == 2);
    CHECK(exit_code_of({"dev", "--mqtt-port", "70000"}) == 1);
    CHECK(exit_code_of({"dev", "--http-port", "0"}) == 1);
}

TEST_CASE("check checks one thing") {
    CHECK(std::get<check_command>(parse({"check", "--config", "c.yaml"})).config_file == "c.yaml");
    CHECK(std::get<check_command>(parse({"check", "--data", "d"})).data == "d");
    CHECK(std::get<check_command>(parse({"check", "--schema"})).print == printed::schema);
    CHECK(std::get<check_command>(parse({"check", "--docs"})).print == printed::docs);
    CHECK(exit_code_of({"check"}) == 1);
    CHECK(exit_code_of({"check", "--docs", "--schema"}) == 1);
}

TEST_CASE("help and version end well, everything unknown ends with 1") {
    CHECK(exit_code_of({"--help"}) == 0);
    CHECK(exit_code_of({"--version"}) == 0);
    CHECK(exit_code_of({"run", "--help"}) == 0);
    CHECK(exit_code_of({}) == 1);
    CHECK(exit_code_of({"walk"}) == 1);
    CHECK(exit_code_of({"run", "--config", "c", "--fast"}) == 1);
}

TEST_CASE("what dev serves with keeps the rules of configurations and stays on loopback") {
    dev_command dev;
    dev.ws_port = 0;
    const config c = dev_config(dev, "/tmp/x");
    problems found("dev", "");
    check_rules(c, found);
    CHECK(found.text() == "");
    REQUIRE(c.listeners.size() == 3);
    for (const listener_config& l : c.listeners) CHECK(l.address == "127.0.0.1");
    CHECK(c.anonymous.mqtt == anonymous_from::loopback);
}

TEST_CASE("passwd makes hashes, and secrets for SCRAM with as much work as asked for") {
    CHECK_FALSE(std::get<passwd_command>(parse({"passwd"})).scram_iterations);
    CHECK(std::get<passwd_command>(parse({"passwd", "--scram"})).scram_iterations == 4096);
    CHECK(std::get<passwd_command>(parse({"passwd", "--scram", "--iterations", "5000"})).scram_iterations == 5000);
    CHECK(std::get<passwd_command>(parse({"passwd", "--iterations", "5000", "--scram"})).scram_iterations == 5000);
    CHECK(exit_code_of({"passwd", "--iterations", "5000"}) == 1);
    CHECK(exit_code_of({"passwd", "--scram", "--iterations", "4095"}) == 1);
}

TEST_CASE("bench understands where, what and how much") {
    const auto bench = std::get<bench_command>(parse({"bench", "fan-out", "--url", "mqtt://u:p@h:7", "--qos", "2", "--mqtt", "5", "-c", "9", "-n", "11"}));
    CHECK(bench.work == causeway::bench::work::fan_out);
    CHECK(bench.from == causeway::bench::parse_url("mqtt://u:p@h:7").value());
    CHECK(bench.to == bench.from);
    CHECK(bench.qos == 2);
    CHECK(bench.v5);
    CHECK(bench.clients == 9);
    CHECK(bench.messages == 11);
}

TEST_CASE("bench has a sensible size for each work, and receivers may be elsewhere") {
    CHECK(std::get<bench_command>(parse({"bench"})).clients == 50);
    CHECK(std::get<bench_command>(parse({"bench", "connect"})).clients == 1000);
    CHECK(std::get<bench_command>(parse({"bench", "offline"})).messages == 50'000);
    CHECK_FALSE(std::get<bench_command>(parse({"bench", "--mqtt", "3.1.1"})).v5);
    CHECK(std::get<bench_command>(parse({"bench", "--to", "amqp://h"})).to.protocol == causeway::bench::protocol::amqp);
}

TEST_CASE("bench refuses what it cannot understand") {
    CHECK(exit_code_of({"bench", "fly"}) == 1);
    CHECK(exit_code_of({"bench", "--url", "http://h"}) == 1);
    CHECK(exit_code_of({"bench", "--mqtt", "4"}) == 1);
    CHECK(exit_code_of({"bench", "-s", "3"}) == 1);
    CHECK(exit_code_of({"bench", "--qos", "3"}) == 1);
}
