#include "app/config_trial.hpp"

#include <catch2/catch.hpp>

#include "tests/support/certificates.hpp"
#include "tests/unit/app/config_support.hpp"

using namespace causeway::app;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

/// What is wrong with it beside the text itself.
std::string tried(const std::string& yaml) {
    loaded_config c = load(yaml);
    REQUIRE(c.problems.text() == "");
    try_out(c.config, c.problems);
    return c.problems.text();
}

std::string listening(const std::string& certificate, const std::string& key, const std::string& ca) {
    return "data: /tmp/x\nlisteners:\n  - name: a\n    protocol: mqtts\n    port: 1\n    tls:\n      certificate: " + certificate +
           "\n      key: " + key + "\n      client_ca: " + ca + "\n";
}

}  // namespace

TEST_CASE("a certificate's file that is not there, or is something else, is pointed at") {
    const causeway::test::certificates files;
    const std::string chain = files.server_chain(), key = files.server_key(), ca = files.authority(), none = files.folder() + "/none";
    CHECK(tried(listening(chain, key, ca)) == "");
    CHECK_THAT(tried(listening(none, key, ca)), StartsWith("c.yaml:7:20: " + none + ": ") && Contains("certificate: "));
    CHECK_THAT(tried(listening(chain, none, ca)), StartsWith("c.yaml:8:12: " + none + ": "));
    CHECK_THAT(tried(listening(chain, key, none)), StartsWith("c.yaml:9:18: " + none + ": "));
    CHECK_THAT(tried(listening(chain, files.client_key(), ca)), StartsWith("c.yaml:8:12: " + files.client_key() + ": "));
    CHECK_THAT(tried(listening(key, key, ca)), StartsWith("c.yaml:7:20: " + key + ": "));
}

TEST_CASE("an argument that makes no sense is pointed at, in every vhost") {
    const std::string start = minimal + "vhosts:\n  - name: /\n    queues:\n";
    CHECK(tried(start + "      - {name: q, arguments: {x-max-length: 5}}\n") == "");
    CHECK_THAT(tried(start + "      - {name: q, arguments: {x-max-length: 5, x-message-ttl: -1}}\n"),
               StartsWith("c.yaml:7:48: queue 'q': invalid arg 'x-message-ttl' for queue 'q' in vhost '/': "));
    const std::string two = tried(start + "      - name: q\n        arguments:\n          x-overflow: sideways\n"
                                          "  - name: other\n    queues: [{name: p, arguments: {x-max-length: many}}]\n");
    CHECK_THAT(two, Contains("c.yaml:9:11: queue 'q': invalid arg 'x-overflow'"));
    CHECK_THAT(two, Contains("c.yaml:11:36: queue 'p': invalid arg 'x-max-length'"));
}

TEST_CASE("a binding that cannot be is pointed at") {
    const std::string levels = [] {
        std::string key = "a";
        for (int i = 0; i < 300; ++i) key += ".a";
        return key;
    }();
    CHECK_THAT(tried(minimal + "vhosts:\n  - name: /\n    queues: [{name: q}]\n    bindings:\n      - {exchange: amq.topic, queue: q, key: " +
                     levels + "}\n"),
               StartsWith("c.yaml:8:9: binding from 'amq.topic' to 'q': a binding key with more than 256 levels"));
}
