#include "app/config_reader.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/app/config_support.hpp"

using namespace causeway::app;
using causeway::log_level;
namespace core = causeway::core;

TEST_CASE("a minimal configuration has the defaults of the table") {
    const loaded_config loaded = load(minimal);
    REQUIRE(loaded.problems.text() == "");
    const config& c = loaded.config;
    CHECK(c.node == "causeway");
    CHECK(c.data == "/tmp/x");
    CHECK(c.io_threads == io_threads_auto);
    REQUIRE(c.listeners.size() == 1);
    CHECK(c.listeners[0].protocol == wire::mqtt);
    CHECK(c.listeners[0].address == "127.0.0.1");
    CHECK(c.listeners[0].port == 1883);
    CHECK(c.listeners[0].vhost == "/");
    CHECK(!c.listeners[0].tls);
    CHECK(c.sessions.expiry_s_max == core::no_expiry);
    CHECK(c.anonymous.mqtt == anonymous_from::nowhere);
    CHECK(c.log.level == log_level::info);
}

TEST_CASE("every kind of value arrives in its member, in the member's unit") {
    const loaded_config loaded = load(
        "node: n1\n"
        "data: /tmp/x\n"
        "io_threads: 2\n"
        "listeners:\n"
        "  - name: secure\n"
        "    protocol: mqtts\n"
        "    port: 8883\n"
        "    tls: {certificate: a.pem, key: a.key, min_version: 1.3}\n"
        "    limits: {connect_timeout: 2s, packet_bytes_max: 1MiB}\n"
        "anonymous:\n"
        "  mqtt: loopback\n"
        "  rights: [{publish: [a/#, b], subscribe: ['#']}]\n"
        "sessions: {expiry_max: 7d, queue_qos0: true}\n"
        "memory: {messages_bytes_max: 64MiB}\n"
        "amqp: {heartbeat: 1m}\n"
        "log: {level: debug, format: json}\n");
    REQUIRE(loaded.problems.text() == "");
    const config& c = loaded.config;
    CHECK(c.io_threads == 2);
    REQUIRE(c.listeners[0].tls);
    CHECK(c.listeners[0].tls->certificate_chain_file == "a.pem");
    CHECK(c.listeners[0].tls->version_min == causeway::tls::protocol_version::tls1_3);
    CHECK(c.listeners[0].limits.connect_timeout_ms == 2'000);
    CHECK(c.listeners[0].limits.packet_bytes_max == 1 << 20);
    CHECK(c.anonymous.mqtt == anonymous_from::loopback);
    CHECK(c.anonymous.rights.at(0).publish == std::vector<std::string>{"a/#", "b"});
    CHECK(c.sessions.expiry_s_max == 604'800);
    CHECK(c.sessions.queue_qos0);
    CHECK(c.memory.messages_bytes_max == 64 << 20);
    CHECK(c.amqp.heartbeat_s == 60);
    CHECK(c.log.level == log_level::debug);
    CHECK(c.log.format == log_format::json);
}

TEST_CASE("arguments keep the types that YAML gives them") {
    const loaded_config loaded = load(
        minimal +
        "vhosts:\n"
        "  - name: /\n"
        "    queues:\n"
        "      - {name: q, arguments: {x-max-length: 5, text: '5', on: true, share: 0.5, list: [1, a], map: {k: v}}}\n");
    REQUIRE(loaded.problems.text() == "");
    const core::field_table expected{
        {"x-max-length", std::int64_t{5}},
        {"text", std::string("5")},
        {"on", true},
        {"share", 0.5},
        {"list", core::field_array{std::int64_t{1}, std::string("a")}},
        {"map", core::field_table{{"k", std::string("v")}}},
    };
    const core::field_table& found = loaded.config.vhosts.at(0).queues.at(0).arguments;
    CHECK(core::field_value(found) == core::field_value(expected));
}

TEST_CASE("variables are expanded before a value is read") {
    const environment from = [](const std::string& name) -> std::optional<std::string> {
        return name == "MQTT_PORT" ? std::optional<std::string>("0") : std::nullopt;
    };
    const loaded_config loaded = load(
        "data: ${DATA:-/var/lib/x}/n1\n"
        "listeners: [{name: mqtt, protocol: mqtt, port: \"${MQTT_PORT:-1883}\"}]\n",
        from);
    REQUIRE(loaded.problems.text() == "");
    CHECK(loaded.config.data == "/var/lib/x/n1");
    CHECK(loaded.config.listeners[0].port == 0);
}

TEST_CASE("an unset variable without a default is an error at its place") {
    CHECK(errors_in("data: ${NOPE}\nlisteners: [{name: a, protocol: mqtt, port: 1}]\n") ==
          "c.yaml:1:7: environment variable 'NOPE' is not set; write ${NOPE:-default} to give it a default\n"
          "  data: ${NOPE}\n"
          "        ^\n");
}

TEST_CASE("an unknown key points at itself and says what may have been meant") {
    CHECK(errors_in(minimal + "amqp:\n  hartbeat: 5s\n") ==
          "c.yaml:5:3: unknown key 'hartbeat'; did you mean 'heartbeat'?\n"
          "    hartbeat: 5s\n"
          "    ^\n");
    CHECK(errors_in(minimal + "log: {zebra: 1}\n") ==
          "c.yaml:4:7: unknown key 'zebra'; known here: level, format, file\n"
          "  log: {zebra: 1}\n"
          "        ^\n");
}

TEST_CASE("all errors are reported, in the order of the file") {
    CHECK(errors_in("listeners:\n"
                    "  - name: a\n"
                    "    protocol: mqt\n"
                    "    port: 70000\n"
                    "    limits: {connect_timeout: soon, packet_bytes_max: 1}\n"
                    "sessions: {queue_qos0: yes, expiry_max: 500ms}\n"
                    "retained: {messages_max: many}\n"
                    "io_threads: few\n") ==
          "c.yaml:1:1: required key 'data' is missing\n"
          "  listeners:\n"
          "  ^\n"
          "c.yaml:3:15: 'protocol' must be one of mqtt, mqtts, ws, wss, amqp, amqps, amqp-ws, amqp-wss, not 'mqt'; did you mean 'mqtt'?\n"
          "      protocol: mqt\n"
          "                ^\n"
          "c.yaml:4:11: 'port' must be between 0 and 65535, not '70000'\n"
          "      port: 70000\n"
          "            ^\n"
          "c.yaml:5:31: 'connect_timeout' must be a duration such as 30s, 5m or 1h, not 'soon'\n"
          "      limits: {connect_timeout: soon, packet_bytes_max: 1}\n"
          "                                ^\n"
          "c.yaml:5:55: 'packet_bytes_max' must be at least 1KiB, not '1'\n"
          "      limits: {connect_timeout: soon, packet_bytes_max: 1}\n"
          "                                                        ^\n"
          "c.yaml:6:24: 'queue_qos0' must be true or false, not 'yes'\n"
          "  sessions: {queue_qos0: yes, expiry_max: 500ms}\n"
          "                         ^\n"
          "c.yaml:6:41: 'expiry_max' must be 'never' or whole seconds, not '500ms'\n"
          "  sessions: {queue_qos0: yes, expiry_max: 500ms}\n"
          "                                          ^\n"
          "c.yaml:7:26: 'messages_max' must be a whole number, not 'many'\n"
          "  retained: {messages_max: many}\n"
          "                           ^\n"
          "c.yaml:8:13: 'io_threads' must be 'auto' or a whole number, not 'few'\n"
          "  io_threads: few\n"
          "              ^\n");
}

TEST_CASE("a key that stands twice is an error that names the first line") {
    CHECK(errors_in(minimal + "node: a\nnode: b\n") ==
          "c.yaml:5:1: key 'node' is already there, on line 4\n"
          "  node: b\n"
          "  ^\n");
}

TEST_CASE("a value of the wrong shape says which shape is wanted") {
    CHECK(errors_in(minimal + "node: [a]\nlog: 5\nusers: {}\n") ==
          "c.yaml:4:7: 'node' must be a single value\n"
          "  node: [a]\n"
          "        ^\n"
          "c.yaml:5:6: 'log' must be a section of keys\n"
          "  log: 5\n"
          "       ^\n"
          "c.yaml:6:8: 'users' must be a list\n"
          "  users: {}\n"
          "         ^\n");
    CHECK(errors_in(minimal + "node:\n").find("'node' must be a single value, but has no value") != std::string::npos);
}

TEST_CASE("a list or section whose content is commented out is empty") {
    CHECK(errors_in(minimal + "users:\n#  - name: a\nlog:\n#  level: debug\n") == "");
}

TEST_CASE("required keys of every item of a list are looked for") {
    CHECK(errors_in("data: x\nlisteners:\n  - name: a\n    protocol: ws\n") ==
          "c.yaml:3:5: required key 'port' is missing\n"
          "    - name: a\n"
          "      ^\n");
}

TEST_CASE("text that is not YAML is reported where the parser gave up") {
    CHECK(errors_in("data: [1\nlisteners: 2\n") ==
          "c.yaml:2:10: not YAML: end of sequence flow not found\n"
          "  listeners: 2\n"
          "           ^\n");
}

TEST_CASE("an empty file lacks what is required") {
    CHECK(errors_in("") ==
          "c.yaml:1:1: required key 'data' is missing\n"
          "c.yaml:1:1: required key 'listeners' is missing\n");
}

TEST_CASE("a second document in the file is an error") {
    CHECK(errors_in(minimal + "---\nnode: b\n").find("one file holds one document; a second one begins here") !=
          std::string::npos);
}

TEST_CASE("the caret stands under the place in lines with tabs") {
    CHECK(errors_in("data: x\nlisteners: [{name: a,\tprot: 1, protocol: ws, port: 1}]\n") ==
          "c.yaml:2:23: unknown key 'prot'; did you mean 'port'?\n"
          "  listeners: [{name: a,\tprot: 1, protocol: ws, port: 1}]\n"
          "                       \t^\n");
}
