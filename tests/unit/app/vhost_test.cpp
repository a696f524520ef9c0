#include "app/vhost.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "app/safe_name.hpp"
#include "tests/unit/app/temporary_folder.hpp"

using namespace causeway::app;
namespace core = causeway::core;

namespace {

struct bench {
    bench() {
        c.data = folder.path;
        c.storage.ballast_bytes = 0;
        c.storage.preallocate_bytes = 0;
        v.name = "/";
        v.exchanges.emplace_back().name = "events";
        v.queues.emplace_back().name = "jobs";
        binding_config& b = v.bindings.emplace_back();
        b.exchange = "events";
        b.to_queue = "jobs";
        b.key = "a.*";
    }
    vhost open() {
        return vhost(c, v, log, [] {}, {1'000, 1'700'000'000'000});
    }

    std::string refusal() {
        try {
            open();
        } catch (const std::runtime_error& wrong) {
            return wrong.what();
        }
        return "";
    }

    temporary_folder folder;
    config c;
    vhost_config v;
    causeway::silent_logger log;
};

}  // namespace

TEST_CASE("folder names keep what is harmless and differ where the names differ") {
    CHECK(safe_name("/") == "%2F");
    CHECK(safe_name("prod-1_a.b") == "prod-1_a.b");
    CHECK(safe_name("../etc") == "%2E.%2Fetc");
    CHECK(safe_name(".") == "%2E");
    CHECK(safe_name("%2F") == "%252F");
    CHECK(safe_name("ü") == "%C3%BC");
}

TEST_CASE("the topology of the configuration is there, bound, at the first start and at the next") {
    bench b;
    for (int start = 0; start < 2; ++start) {
        CAPTURE(start);
        vhost opened = b.open();
        REQUIRE(opened.broker().find_exchange("events"));
        CHECK(opened.broker().find_exchange("events")->type() == core::exchange_type::topic);
        CHECK(opened.broker().find_exchange("events")->bindings().size() == 1);
        REQUIRE(opened.broker().find_queue("jobs"));
        CHECK(opened.broker().find_queue("jobs")->durable());
    }
    CHECK(std::filesystem::is_directory(b.folder.path + "/vhosts/%2F"));
}

TEST_CASE("a queue that is there with other arguments is an error that names it") {
    bench b;
    b.open();
    b.v.queues[0].arguments = {{"x-max-length", std::int64_t{5}}};
    CHECK(b.refusal().starts_with("vhost '/': queue 'jobs': inequivalent arg 'x-max-length'"));
}

TEST_CASE("policies of the configuration hold for what is declared and what was stored") {
    bench b;
    b.open();
    policy_config& p = b.v.policies.emplace_back();
    p.name = "bounded";
    p.pattern = "^jobs$";
    p.definition = {{"max-length", std::int64_t{5}}};
    policy_config& limit = b.v.operator_policies.emplace_back();
    limit.name = "limit";
    limit.definition = {{"max-length", std::int64_t{3}}, {"message-ttl", std::int64_t{1000}}};
    vhost opened = b.open();
    CHECK(opened.broker().find_queue("jobs")->limits().messages_max == 3U);
    CHECK(opened.broker().find_queue("jobs")->limits().ttl_ms == 1000);
}

TEST_CASE("an exchange that is there with another type is an error that names it") {
    bench b;
    b.open();
    b.v.exchanges[0].type = core::exchange_type::fanout;
    CHECK(b.refusal().starts_with("vhost '/': exchange 'events': inequivalent arg 'type'"));
}

TEST_CASE("a data directory that is in use is an error that names it") {
    bench b;
    const vhost first = b.open();
    CHECK(b.refusal().find(b.folder.path + "/vhosts/%2F is used by another process") != std::string::npos);
}
