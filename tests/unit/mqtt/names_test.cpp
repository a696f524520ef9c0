// Topic names and filters on levels (docs/mapping.md, Names). The way to keys and back: tests/unit/amqp/names_test.cpp.

#include "protocols/mqtt/names.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace causeway;
using core::topic_mapping;

namespace {

bool subscribed(std::string_view filter, std::string_view topic, topic_mapping mapping = topic_mapping::levels) {
    return core::matches(mqtt::pattern_of_filter(filter, mapping), mqtt::levels_of_topic(topic, mapping));
}

/// Legal topic names full of what could be taken for a code.
std::string hostile_topic(std::mt19937_64& source) {
    constexpr std::string_view alphabet = "/.*%%%2255FEB3$a";
    std::string out(1 + source() % 14, ' ');
    for (char& c : out) c = alphabet[source() % alphabet.size()];
    return out;
}

}  // namespace

TEST_CASE("a topic name splits at every slash, empty levels included [MQTT-4.7.3-4]") {
    const auto levels = mqtt::levels_of_topic("/a//b.c/", topic_mapping::levels);
    REQUIRE(levels.size() == 5);
    CHECK(levels[0] == "");
    CHECK(levels[1] == "a");
    CHECK(levels[2] == "");
    CHECK(levels[3] == "b.c");
    CHECK(levels[4] == "");
}

TEST_CASE("a topic name and its levels are each other's image (mapping.md, Names)") {
    std::mt19937_64 source(0x51EED ^ Catch::rngSeed());
    for (int i = 0; i < 50'000; ++i) {
        const std::string topic = hostile_topic(source);
        for (const topic_mapping mapping : {topic_mapping::levels, topic_mapping::slash}) {
            const auto back = mqtt::topic_of(mqtt::levels_of_topic(topic, mapping), mapping);
            if (back != topic) FAIL("topic " << topic << " became " << back.value_or("(none)"));
        }
    }
}

TEST_CASE("a filter without wildcards matches exactly its own topic name [MQTT-4.7.3-4]") {
    std::mt19937_64 source(0xF117E5 ^ Catch::rngSeed());
    for (int i = 0; i < 50'000; ++i) {
        const std::string topic = hostile_topic(source);
        const std::string other = hostile_topic(source);
        for (const topic_mapping mapping : {topic_mapping::levels, topic_mapping::slash}) {
            if (!subscribed(topic, topic, mapping)) FAIL(topic);
            if (subscribed(topic, other, mapping) != (topic == other)) FAIL(topic << " and " << other);
        }
    }
}

TEST_CASE("wildcards are whole levels [MQTT-4.7.1-1, MQTT-4.7.1-2]") {
    CHECK(subscribed("a/+", "a/b"));
    CHECK(subscribed("a/+", "a/"));
    CHECK_FALSE(subscribed("a/+", "a"));
    CHECK(subscribed("a/#", "a"));
    CHECK(subscribed("a/#", "a/b/c"));
    CHECK(subscribed("+/+", "/finance"));
    CHECK(subscribed("a/%2B", "a/%2B"));
    CHECK_FALSE(subscribed("a/%2B", "a/b"));
    CHECK_FALSE(subscribed("a/*", "a/b"));
}

TEST_CASE("leading wildcards do not match topics that start with '$' [MQTT-4.7.2-1]") {
    CHECK_FALSE(subscribed("#", "$SYS/x"));
    CHECK_FALSE(subscribed("+/x", "$SYS/x"));
    CHECK(subscribed("$SYS/#", "$SYS/x"));
    CHECK(subscribed("$SYS/+", "$SYS/x"));
}

TEST_CASE("with the mapping rabbitmq dots separate as slashes do (mapping.md, Names)") {
    CHECK(subscribed("a/b/c", "a.b/c", topic_mapping::rabbitmq));
    CHECK(subscribed("a/+/c", "a.b/c", topic_mapping::rabbitmq));
    CHECK(subscribed("a/*/c", "a.b/c", topic_mapping::rabbitmq));
    CHECK(mqtt::topic_of(mqtt::levels_of_topic("a.b/c", topic_mapping::rabbitmq), topic_mapping::rabbitmq) == "a/b/c");
}

TEST_CASE("a topic name has at most 65,535 bytes [MQTT-1.5.4-3]") {
    core::topic_levels levels;
    levels.push(std::string(65'535, 'a'));
    CHECK(mqtt::topic_of(levels, topic_mapping::levels).has_value());
    levels.push("");
    CHECK_FALSE(mqtt::topic_of(levels, topic_mapping::levels).has_value());
}

TEST_CASE("rights are compared with what routes: under `rabbitmq` '.' separates and '*' is a wildcard [mapping.md]") {
    CHECK(mqtt::routed_filter("rooms/*.*/a*b/#", topic_mapping::rabbitmq) == "rooms/+/+/a*b/#");
    CHECK(mqtt::routed_filter("*", topic_mapping::rabbitmq) == "+");
    CHECK(mqtt::routed_topic("a/b.c/*", topic_mapping::rabbitmq) == "a/b/c/*");
    CHECK(mqtt::routed_filter("a.b/*", topic_mapping::levels) == "a.b/*");
}
