// What each type of exchange compares.

#include <algorithm>
#include <map>

#include <catch2/catch.hpp>

#include "core/consistent_hash.hpp"
#include "core/headers_match.hpp"
#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

using core::field_table;
using core::field_value;

struct hash_world : core_world {
    explicit hash_world(field_table arguments = {}) {
        REQUIRE(broker().declare_exchange({.name = "h",
                                           .type = core::exchange_type::consistent_hash,
                                           .durable = true,
                                           .arguments = std::move(arguments)}));
    }
    /// Which queue gets each of the keys.
    std::map<std::string, std::string> spread(int keys) {
        std::map<std::string, std::string> where;
        for (int i = 0; i < keys; ++i) publish("h", "key-" + std::to_string(i), "key-" + std::to_string(i), 0);
        broker().each_queue([&](const core::queue& q) {
            while (const auto e = broker().find_queue(q.name())->take(true)) where.emplace(std::string(e->message->payload()), q.name());
        });
        CHECK(where.size() == static_cast<std::size_t>(keys));
        return where;
    }
    static std::map<std::string, int> counts(const std::map<std::string, std::string>& where) {
        std::map<std::string, int> n;
        for (const auto& [key, queue] : where) ++n[queue];
        return n;
    }
};

core::message_ptr with(core::properties p, std::string_view name = "k") {
    return core::message::make({.from = &plain_amqp, .name = name, .by = {}, .neutral = std::make_unique<core::properties>(std::move(p))});
}

}  // namespace

TEST_CASE("a consistent-hash exchange gives each message to one queue, in proportion to the weights") {
    hash_world w;
    w.bind("h", w.queue("a"), "1");
    w.bind("h", w.queue("b"), "2");
    w.bind("h", w.queue("c"), "3");
    const auto n = hash_world::counts(w.spread(6'000));
    CHECK(n.at("a") == Approx(1'000).epsilon(0.1));
    CHECK(n.at("b") == Approx(2'000).epsilon(0.1));
    CHECK(n.at("c") == Approx(3'000).epsilon(0.1));
}

TEST_CASE("with a queue more only the keys move that it takes, and with one less only the keys that it had") {
    hash_world w;
    for (const char* name : {"a", "b", "c", "d"}) w.bind("h", w.queue(name), "1");
    const auto before = w.spread(1'000);
    w.bind("h", w.queue("e"), "1");
    const auto more = w.spread(1'000);
    CHECK(hash_world::counts(more).at("e") == Approx(200).epsilon(0.25));
    for (const auto& [key, queue] : more) CHECK((queue == "e" || queue == before.at(key)));
    REQUIRE(w.broker().delete_queue("e", false, false, {}));
    CHECK(w.spread(1'000) == before);
    REQUIRE(w.broker().delete_queue("b", false, false, {}));
    for (const auto& [key, queue] : w.spread(1'000)) CHECK((before.at(key) == "b" || queue == before.at(key)));
}

TEST_CASE("a restart changes nothing about who gets which key") {
    hash_world w;
    for (const char* name : {"a", "b", "c"}) w.bind("h", w.queue(name), "1");
    const auto before = w.spread(300);
    w.settle();
    w.crash();
    CHECK(w.spread(300) == before);
}

TEST_CASE("a binding key of a consistent-hash exchange is a weight") {
    hash_world w;
    const auto bound = [&](std::string_view key) {
        const auto r = w.broker().bind({.source = w.broker().find_exchange("h"), .to_queue = &w.queue("q"), .from = &plain_amqp, .key = key});
        return r ? std::string("bound") : r.error().text;
    };
    CHECK(bound("x") == "The binding key must be an integer: <<\"x\">>");
    CHECK(bound("") == "The binding key must be an integer: <<\"\">>");
    CHECK(bound(" 3") == "The binding key must be an integer: <<\" 3\">>");
    CHECK(bound("0") == "The binding key must be greater than 0");
    CHECK(bound("-1") == "The binding key must be greater than 0");
    CHECK(bound("+3") == "bound");
    CHECK(bound("1000000000000") == "bound");
}

TEST_CASE("a consistent-hash exchange may look at a header or a property instead of the name") {
    const auto [argument, value, same, other] = GENERATE(table<std::string, std::string, int, int>(
        {{"hash-header", "device", 0, 0}, {"hash-property", "correlation_id", 0, 0}, {"hash-property", "message_id", 0, 0},
         {"hash-property", "timestamp", 0, 0}}));
    hash_world w({{argument, value}});
    for (const char* name : {"a", "b", "c", "d", "e", "f"}) w.bind("h", w.queue(name), "1");
    const auto publish = [&](int number, int key) {
        core::properties p;
        const std::string text = std::to_string(number);
        p.headers.emplace_back("device", text);
        p.correlation_id = p.message_id = text;
        p.timestamp_s = static_cast<std::uint64_t>(number);
        w.broker().publish(*w.broker().find_exchange("h"), with(std::move(p), "key-" + std::to_string(key)));
    };
    const auto used = [&] {
        std::size_t n = 0;
        w.broker().each_queue([&](const core::queue& q) {
            n += q.ready_count() > 0;
            w.broker().find_queue(q.name())->purge();
        });
        return n;
    };
    for (int i = 0; i < 100; ++i) publish(7, i);
    CHECK(used() == 1);
    for (int i = 0; i < 100; ++i) publish(i, 7);
    CHECK(used() == 6);
}

TEST_CASE("hash-header and hash-property exclude each other, and only three properties can be hashed") {
    core_world w;
    const auto declared = [&](field_table arguments) {
        const auto r = w.broker().declare_exchange(
            {.name = "h", .type = core::exchange_type::consistent_hash, .arguments = std::move(arguments)});
        return r ? std::string("declared") : r.error().text;
    };
    CHECK(declared({{"hash-header", std::string("a")}, {"hash-property", std::string("message_id")}}) ==
          "hash-header and hash-property are mutually exclusive");
    CHECK(declared({{"hash-property", std::string("type")}}) == "Unsupported property: type");
    CHECK(declared({{"hash-header", std::int32_t{5}}}) == "hash-header must be a string");
    CHECK(declared({{"hash-property", std::string("timestamp")}}) == "declared");
}

TEST_CASE("a headers exchange compares numbers by value and texts by bytes, whatever their types on the wire") {
    const auto same = [](field_value a, field_value b) { return core::equal_values(a, b) && core::equal_values(b, a); };
    CHECK(same(std::int8_t{5}, std::uint64_t{5}));
    CHECK(same(std::int32_t{5}, 5.0));
    CHECK(same(core::timestamp{5}, std::int64_t{5}));
    CHECK(same(std::string("a"), core::byte_array{"a"}));
    CHECK(same(true, true));
    CHECK_FALSE(same(std::string("5"), std::int32_t{5}));
    CHECK_FALSE(same(true, std::int32_t{1}));
    CHECK_FALSE(same(std::int64_t{-1}, std::uint64_t{0xFFFF'FFFF'FFFF'FFFF}));
    CHECK_FALSE(same(core::field_table{{"a", std::int8_t{1}}}, core::field_table{{"a", std::int16_t{1}}}));
}

TEST_CASE("x-match says whether all headers must match or any, and whether names that begin with x- count") {
    const field_table headers{{"a", std::string("1")}, {"x-b", std::string("2")}};
    const auto matches = [&](field_table arguments) { return core::headers_match(arguments, core::header_index(headers)); };
    const std::pair<std::string, field_value> a{"a", std::string("1")}, wrong_a{"a", std::string("0")}, b{"x-b", std::string("2")},
        wrong_b{"x-b", std::string("0")}, missing{"c", std::string("3")};
    const auto mode = [](const char* text) { return std::pair<std::string, field_value>{"x-match", std::string(text)}; };

    CHECK(matches({a}));
    CHECK(matches({}));
    CHECK(matches({mode("all"), a, wrong_b}));
    CHECK_FALSE(matches({mode("all"), a, missing}));
    CHECK(matches({mode("any"), wrong_a, a}));
    CHECK_FALSE(matches({mode("any"), wrong_a, b}));
    CHECK_FALSE(matches({mode("any")}));
    CHECK(matches({mode("all-with-x"), a, b}));
    CHECK_FALSE(matches({mode("all-with-x"), a, wrong_b}));
    CHECK(matches({mode("any-with-x"), wrong_a, b}));
    CHECK(matches({mode("all"), {"a", core::no_value()}}));
    CHECK_FALSE(matches({mode("all"), {"c", core::no_value()}}));
}

TEST_CASE("an x-match that is none of the four is refused") {
    core_world w;
    const auto bound = [&](field_value match) {
        const auto r = w.broker().bind({.source = w.broker().find_exchange("amq.headers"),
                                        .to_queue = &w.queue("q"),
                                        .from = &plain_amqp,
                                        .key = "",
                                        .arguments = {{"x-match", std::move(match)}}});
        return r ? std::string("bound") : r.error().text;
    };
    CHECK(bound(std::string("some")) == "Invalid x-match field value <<\"some\">>; expected all, any, all-with-x, or any-with-x");
    CHECK(bound(std::int32_t{5}) == "Invalid x-match field type signedint (value 5); expected longstr");
    CHECK(bound(std::string("any-with-x")) == "bound");
}

TEST_CASE("a message of several names reaches each queue once, whichever exchange leads there") {
    core_world w;
    REQUIRE(w.broker().declare_exchange({.name = "t", .type = core::exchange_type::topic, .durable = true}));
    w.bind("t", w.queue("q"), "a.*");
    w.bind("t", w.queue("q"), "#.b");
    w.bind("t", w.queue("z"), "z");
    const std::vector<std::string> more{"a.c", "z", "a.b"};
    const core::receipt r = w.broker().publish(*w.broker().find_exchange("t"), w.message("t", "a.b", "x"), more);
    CHECK(r.what == core::receipt::fate::routed);
    CHECK(w.broker().find_queue("q")->ready_count() == 1);
    CHECK(w.broker().find_queue("z")->ready_count() == 1);
    CHECK(w.broker().find_queue("z")->take(true)->message->name() == "a.b");
    w.broker().publish(w.broker().default_exchange(), w.message("", "nowhere", "y"), std::vector<std::string>{"q", "q", "$SYS/x"});
    CHECK(w.broker().find_queue("q")->ready_count() == 2);
}

TEST_CASE("alternate exchanges may form a circle") {
    core_world w;
    const auto declare = [&](const char* name, const char* other) {
        REQUIRE(w.broker().declare_exchange({.name = name, .arguments = {{"alternate-exchange", std::string(other)}}}));
    };
    declare("a", "b");
    declare("b", "c");
    declare("c", "a");
    CHECK(w.publish("a", "k", "x").what == core::receipt::fate::no_target);
    w.bind("c", w.queue("q"), "k");
    CHECK(w.publish("a", "k", "x").what == core::receipt::fate::routed);
    CHECK(w.broker().find_queue("q")->ready_count() == 1);
}
