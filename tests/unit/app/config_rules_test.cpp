#include "app/config_rules.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/app/config_support.hpp"
#include "tls/scram_secret.hpp"

using namespace causeway::app;

namespace {

/// Of the only error: its place and message, without the source line.
std::string error_in(const std::string& yaml) {
    const loaded_config loaded = load(yaml);
    CHECK(loaded.problems.count() == 1);
    const std::string text = loaded.problems.text();
    return text.substr(0, text.find('\n'));
}

std::string listening(const std::string& item) { return "data: x\nlisteners:\n  - " + item + "\n"; }

// In quotes, because a comma ends a plain value in {}.
const std::string hash =
    "'$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'";
const std::string some_user = "users: [{name: app, password_hash: " + hash + "}]\n";

}  // namespace

TEST_CASE("there must be a listener") {
    CHECK(error_in("data: x\nlisteners: []\n") == "c.yaml:2:12: 'listeners' must have at least one listener");
}

TEST_CASE("names are unique among listeners, users, vhosts, exchanges and queues") {
    CHECK(error_in(minimal + "  - {name: mqtt, protocol: amqp, port: 1}\n") ==
          "c.yaml:4:12: there is already a listener called 'mqtt'");
    CHECK(error_in(minimal + "users:\n  - {name: a, password_hash: " + hash + "}\n  - {name: a, password_hash: " + hash +
                   "}\n") == "c.yaml:6:12: there is already a user called 'a'");
    CHECK(error_in(minimal + "vhosts: [{name: /}, {name: /}]\n") == "c.yaml:4:28: there is already a vhost called '/'");
    CHECK(error_in(minimal + "vhosts: [{name: /, exchanges: [{name: e}, {name: e}]}]\n") ==
          "c.yaml:4:50: there is already an exchange called 'e'");
    CHECK(error_in(minimal + "vhosts: [{name: /, queues: [{name: q}, {name: q}]}]\n") ==
          "c.yaml:4:47: there is already a queue called 'q'");
}

TEST_CASE("no two listeners have the same address and port") {
    CHECK(error_in(minimal + "  - {name: b, protocol: amqp, port: 1883}\n") ==
          "c.yaml:4:37: there is already a listener on this address and port");
    CHECK(errors_in(minimal + "  - {name: b, protocol: amqp, port: 1883, address: '::1'}\n") == "");
    CHECK(errors_in(listening("{name: a, port: 0, protocol: mqtt}\n  - {name: b, port: 0, protocol: mqtt}")) == "");
}

TEST_CASE("listener names fit into the ready line") {
    CHECK(error_in(listening("{name: a b, protocol: mqtt, port: 1}")) ==
          "c.yaml:3:12: 'name' must consist of letters, digits, '.', '_' and '-'");
}

TEST_CASE("protocols with TLS need a tls section, the others must have none") {
    for (const char* protocol : {"mqtts", "wss", "amqps", "amqp-wss"}) {
        CAPTURE(protocol);
        CHECK(error_in(listening("{name: a, port: 1, protocol: " + std::string(protocol) + "}")) ==
              "c.yaml:3:5: a listener with TLS needs a 'tls' section");
        CHECK(errors_in(listening("{name: a, port: 1, tls: {certificate: c, key: k}, protocol: " + std::string(protocol) +
                                  "}")) == "");
    }
    CHECK(error_in(listening("{name: a, port: 1, protocol: mqtt, tls: {certificate: c, key: k}}")) ==
          "c.yaml:3:45: 'tls' is for the protocols mqtts, wss, amqps and amqp-wss");
}

TEST_CASE("client certificates cannot be required without an authority that signs them") {
    CHECK(error_in(listening(
              "{name: a, port: 1, protocol: wss, tls: {certificate: c, key: k, require_client_certificate: true}}")) ==
          "c.yaml:3:97: 'require_client_certificate' needs 'client_ca'");
}

TEST_CASE("only loopback may be listened on while nobody can log in") {
    const std::string anywhere = listening("{name: a, port: 1, protocol: mqtt, address: 0.0.0.0}");
    const std::string complaint =
        "c.yaml:3:49: listening on '0.0.0.0' needs 'users' to log in, or 'anonymous.mqtt: anywhere' if MQTT shall be open "
        "to everybody";
    CHECK(error_in(anywhere) == complaint);
    CHECK(error_in(anywhere + "anonymous: {mqtt: loopback}\n") == complaint);
    CHECK(errors_in(anywhere + some_user) == "");
    CHECK(errors_in(anywhere + "anonymous: {mqtt: anywhere}\n") == "");
    CHECK(errors_in(listening("{name: a, port: 1, protocol: mqtt, address: '::1'}")) == "");
    CHECK(errors_in(listening("{name: a, port: 1, protocol: mqtt, address: 127.0.0.2}")) == "");
}

TEST_CASE("anonymous MQTT does not open an AMQP listener") {
    CHECK(load(listening("{name: a, port: 1, protocol: amqp, address: '::'}") + "anonymous: {mqtt: anywhere}\n")
              .problems.count() == 1);
}

TEST_CASE("addresses are numeric") {
    CHECK(error_in(listening("{name: a, port: 1, protocol: mqtt, address: localhost}") + some_user) ==
          "c.yaml:3:49: 'localhost' is neither a numeric IPv4 or IPv6 address nor 'unix:' and a path");
}

TEST_CASE("a Unix-domain socket needs an absolute path and permissions, counts as loopback, and has no port") {
    const auto local = [](const std::string& rest) { return listening("{name: a, protocol: mqtt, address: 'unix:" + rest + "}"); };
    CHECK(errors_in(local("/run/causeway/mqtt.sock'")) == "");
    CHECK(errors_in(local("/run/causeway/mqtt.sock', socket_mode: 0600")) == "");
    CHECK(load(local("/run/causeway/mqtt.sock', socket_mode: 0600")).config.listeners[0].socket_mode == "0600");
    const std::string complaint = "c.yaml:3:40: a Unix-domain socket needs an absolute path of at most 107 bytes";
    CHECK(error_in(local("mqtt.sock'")) == complaint);
    CHECK(error_in(local("'")) == complaint);
    CHECK(error_in(local("/" + std::string(107, 'x') + "'")) == complaint);
    CHECK(errors_in(local("/" + std::string(106, 'x') + "'")) == "");
    CHECK(error_in(local("/s', port: 1")) == "c.yaml:3:57: a Unix-domain socket has no port");
    for (const char* mode : {"rw", "0888", "66", "1660", "00660"})
        CHECK(error_in(local("/s', socket_mode: '" + std::string(mode) + "'")) ==
              "c.yaml:3:64: '" + std::string(mode) + "' is not an octal number such as 0660");
}

TEST_CASE("no two listeners have the same socket file") {
    CHECK(error_in(listening("{name: a, protocol: mqtt, address: 'unix:/s'}\n  - {name: b, protocol: ws, address: 'unix:/s'}")) ==
          "c.yaml:4:38: there is already a listener on this address");
}

TEST_CASE("proxies are addresses or networks, of listeners that expect them") {
    const auto behind = [](const std::string& rest) { return listening("{name: a, port: 1, protocol: mqtt, " + rest + "}"); };
    CHECK(errors_in(behind("proxy_protocol: true")) == "");
    CHECK(errors_in(behind("proxy_protocol: true, proxies: [10.0.0.0/8, '::1']")) == "");
    CHECK(error_in(behind("proxy_protocol: true, proxies: [10.0.0.0/33]")) ==
          "c.yaml:3:72: '10.0.0.0/33' is neither an address nor a network such as 10.0.0.0/8");
    CHECK(error_in(behind("proxies: [10.0.0.1]")) == "c.yaml:3:49: 'proxies' are believed only with 'proxy_protocol: true'");
}

TEST_CASE("a user can log in somehow: by password, by a secret, or where certificates stand for users") {
    const std::string secret = text_of(causeway::tls::make_scram_secret("x", "0123456789abcdef", 4096));
    CHECK(errors_in(minimal + "users: [{name: a, scram_sha_256: '" + secret + "'}]\n") == "");
    CHECK(errors_in(minimal + "users: [{name: a, scram_sha_256: '" + secret + "', password_hash: " + hash + "}]\n") == "");
    CHECK(error_in(minimal + "users: [{name: a}]\n") ==
          "c.yaml:4:9: a user needs 'password_hash' or 'scram_sha_256', or a listener with 'certificate_user'");
    CHECK(error_in(minimal + "users: [{name: a, scram_sha_256: secret}]\n") ==
          "c.yaml:4:34: 'scram_sha_256' is not a SCRAM secret; make one with 'causeway passwd --scram'");
    const std::string mutual = "{name: a, port: 1, protocol: mqtts, tls: {certificate: c, key: k, certificate_user: common_name";
    CHECK(errors_in(listening(mutual + ", client_ca: ca}}") + "users: [{name: a}]\n") == "");
    CHECK(error_in(listening(mutual + "}}")).ends_with("'certificate_user' needs 'client_ca'"));
}

TEST_CASE("what MQTT clients are told is text that a packet can carry") {
    CHECK(errors_in(minimal + "mqtt: {server_reference: 'a:1 b:2', response_information: '%u/%c'}\n") == "");
    CHECK(error_in(minimal + "mqtt: {server_reference: \"a\\0b\"}\n").ends_with("must be UTF-8 without U+0000, and no longer than 65535 bytes"));
    CHECK(error_in(minimal + "mqtt: {response_information: " + std::string(65'536, 'x') + "}\n").ends_with("no longer than 65535 bytes"));
}

TEST_CASE("vhosts that are referred to exist") {
    const std::string two = minimal + "vhosts: [{name: /}, {name: /prod}]\n";
    CHECK(error_in(listening("{name: a, port: 1, protocol: mqtt, vhost: prod}")) == "c.yaml:3:47: there is no vhost 'prod'");
    CHECK(error_in(two + "anonymous: {rights: [{vhost: /pord}]}\n") ==
          "c.yaml:5:30: there is no vhost '/pord'; did you mean '/prod'?");
    CHECK(error_in(two + "users: [{name: app, password_hash: " + hash + ", rights: [{vhost: /test}]}]\n")
              .ends_with("there is no vhost '/test'"));
    CHECK(errors_in(two + "anonymous: {rights: [{vhost: /prod}, {}]}\n") == "");
}

TEST_CASE("bindings join what the vhost has") {
    const std::string begin =
        minimal +
        "vhosts:\n  - name: /\n    exchanges: [{name: events}]\n    queues: [{name: jobs}]\n    bindings:\n      - ";
    CHECK(errors_in(begin + "{exchange: events, queue: jobs, key: a.*}\n") == "");
    CHECK(errors_in(begin + "{exchange: amq.topic, to_exchange: events, key: '#'}\n") == "");
    CHECK(error_in(begin + "{exchange: event, queue: jobs}\n") ==
          "c.yaml:9:20: there is no exchange 'event' in this vhost; did you mean 'events'?");
    CHECK(error_in(begin + "{exchange: events, queue: job}\n") ==
          "c.yaml:9:35: there is no queue 'job' in this vhost; did you mean 'jobs'?");
    CHECK(error_in(begin + "{exchange: events, to_exchange: zebra}\n") ==
          "c.yaml:9:41: there is no exchange 'zebra' in this vhost");
    CHECK(error_in(begin + "{exchange: events}\n") == "c.yaml:9:9: a binding needs either 'queue' or 'to_exchange'");
    CHECK(error_in(begin + "{exchange: events, queue: jobs, to_exchange: events}\n") ==
          "c.yaml:9:9: a binding needs either 'queue' or 'to_exchange'");
}

TEST_CASE("policies have a pattern and settings that make sense") {
    const std::string begin = minimal + "vhosts:\n  - name: /\n    ";
    CHECK(errors_in(begin + "policies: [{name: a, pattern: ^jobs, apply_to: queues, priority: 1, definition: {max-length: 5, overflow: drop-head}}]\n") == "");
    CHECK(error_in(begin + "policies: [{name: a, pattern: '[', definition: {max-length: 5}}]\n")
              .starts_with("c.yaml:6:16: pattern should be regular expression but is invalid: "));
    CHECK(error_in(begin + "policies: [{name: a, pattern: .*, definition: {}}]\n") == "c.yaml:6:16: no policy provided");
    CHECK(error_in(begin + "policies: [{name: a, pattern: .*, definition: {max-lenght: 5}}]\n") ==
          "c.yaml:6:16: 'max-lenght' is not a recognised policy setting");
    CHECK(error_in(begin + "operator_policies: [{name: a, pattern: .*, definition: {overflow: drop-head}}]\n") ==
          "c.yaml:6:25: 'overflow' is not a recognised policy setting");
    CHECK(error_in(begin + "policies: [{name: a, pattern: .*, definition: {expires: 1}}, {name: a, pattern: .*, definition: {expires: 1}}]\n")
              .ends_with("there is already a policy called 'a'"));
}

TEST_CASE("names of the broker's own cannot be declared") {
    CHECK(error_in(minimal + "vhosts: [{name: /, queues: [{name: amq.mine}]}]\n") ==
          "c.yaml:4:36: names that begin with 'amq.' are reserved");
}

TEST_CASE("a password hash is one of Argon2id") {
    CHECK(error_in(minimal + "users: [{name: a, password_hash: secret}]\n") ==
          "c.yaml:4:34: 'password_hash' is not an Argon2id hash; make one with 'causeway passwd'");
    CHECK(errors_in(minimal + some_user) == "");
}

TEST_CASE("topic rights are topic filters") {
    CHECK(errors_in(minimal + "anonymous: {rights: [{publish: ['a/#', '#', '+/b', '/']}]}\n") == "");
    CHECK(error_in(minimal + "anonymous: {rights: [{publish: ['a/#/b']}]}\n") ==
          "c.yaml:4:33: 'a/#/b' is not an MQTT topic filter");
    CHECK(error_in(minimal + "anonymous: {rights: [{subscribe: ['a#']}]}\n") ==
          "c.yaml:4:35: 'a#' is not an MQTT topic filter");
    CHECK(error_in(minimal + "anonymous: {rights: [{subscribe: ['a/b+']}]}\n") ==
          "c.yaml:4:35: 'a/b+' is not an MQTT topic filter");
}
