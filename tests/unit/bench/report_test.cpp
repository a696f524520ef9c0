#include "bench/report.hpp"

#include <catch2/catch.hpp>

#include "bench/numbers.hpp"
#include "bench/run.hpp"

using namespace causeway::bench;

namespace {

phase measured() {
    phase p;
    p.name = "pairs";
    p.count = 2'000'000;
    p.seconds = 2;
    p.counts.published = p.counts.received = p.count;
    p.times_deliveries = true;
    p.counts.delivery.record(1'500);
    p.server_cpu_seconds = 1;
    p.server_resident_bytes = 3 << 20;
    return p;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("costs and rates are told for each message") {
    const std::string table = as_table({}, {measured()}), json = as_json({}, {measured()});
    CHECK(has(table, "2,000,000 messages in 2.00 s: 1,000,000 a second"));
    CHECK(has(table, "0.500 us CPU each, 3.0 MiB resident"));
    CHECK(has(table, "trouble       none"));
    CHECK(has(json, "\"per_second\": 1000000.0"));
    CHECK(has(json, "\"server_cpu_us_each\": 0.5000"));
    CHECK(has(json, "\"p50\": 1500"));
}

TEST_CASE("what went wrong with messages is told and decides the outcome") {
    CHECK(all_well(measured(), false));
    for (std::uint64_t phase::*member : {&phase::lost, &phase::unconfirmed}) {
        phase p = measured();
        p.*member = 1'234;
        CHECK_FALSE(all_well(p, true));
        CHECK(has(as_table({}, {p}), "1,234 "));
    }
    phase p = measured();
    p.counts.doubled = 1;
    CHECK_FALSE(all_well(p, false));
    CHECK(all_well(p, true));
    p = measured();
    p.counts.misordered = 1;
    CHECK_FALSE(all_well(p, false));
    p.order_matters = false;
    CHECK(all_well(p, false));
}

TEST_CASE("only QoS 1 and manual acknowledgements allow a message to come twice [MQTT-4.3.2-1]") {
    plan p;
    CHECK_FALSE(may_double(p));
    p.qos = 1;
    CHECK(may_double(p));
    p.qos = 2;
    CHECK_FALSE(may_double(p));
    p.to.protocol = protocol::amqp;
    CHECK_FALSE(may_double(p));
    p.manual_acks = true;
    CHECK(may_double(p));
}

TEST_CASE("a plan that makes no sense is refused with a reason") {
    plan p;
    CHECK_FALSE(objection(p));
    p.payload_bytes = 8;
    CHECK(has(objection(p).value_or(""), "24 bytes"));
    p = {.work = work::offline};
    CHECK(has(objection(p).value_or(""), "--qos 1"));
    p.qos = 1;
    CHECK_FALSE(objection(p));
    p.from.protocol = protocol::amqp;
    CHECK(has(objection(p).value_or(""), "--durable"));
    p = {.work = work::retained};
    p.to.protocol = protocol::amqp;
    CHECK(has(objection(p).value_or(""), "MQTT alone"));
    p.to.protocol = protocol::mqtt;
    p.messages = 5;
    p.lookups = 6;
    CHECK(has(objection(p).value_or(""), "--lookups"));
    p = {.topics = 2};
    CHECK(has(objection(p).value_or(""), "more --topics than --filters"));
    p.work = work::publish;
    CHECK_FALSE(objection(p));
    p.to.protocol = protocol::amqp;
    CHECK(has(objection(p).value_or(""), "MQTT alone"));
    p = {.wildcards = true};
    CHECK(has(objection(p).value_or(""), "for --filters"));
    p = {};
    p.pid = 1 << 30;
    CHECK(has(objection(p).value_or(""), "no process"));
}

TEST_CASE("each work has its row, at its place") {
    for (const work_info& one : works) CHECK(info_of(one.work).name == one.name);
}

TEST_CASE("windows share a thousand messages, but leave each publisher twenty") {
    plan p;
    p.clients = 1;
    CHECK(window_of(p) == 1000);
    p.clients = 4;
    CHECK(window_of(p) == 250);
    p.clients = 5000;
    CHECK(window_of(p) == 20);
    p.work = work::fan_out;
    CHECK(window_of(p) == 1000);
    p.window = 3;
    CHECK(window_of(p) == 3);
}

TEST_CASE("numbers are written for people") {
    CHECK(with_commas(999) == "999");
    CHECK(with_commas(1'000) == "1,000");
    CHECK(with_commas(12'345'678) == "12,345,678");
    CHECK(as_duration(999) == "999 ns");
    CHECK(as_duration(12'340) == "12.3 us");
    CHECK(as_duration(4'560'000) == "4.56 ms");
    CHECK(as_duration(1'200'000'000) == "1.20 s");
    CHECK(as_bytes(512) == "512 B");
    CHECK(as_bytes(1536) == "1.5 KiB");
    CHECK(as_bytes(3 << 20) == "3.0 MiB");
}
