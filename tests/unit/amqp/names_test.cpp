// Routing and binding keys on levels, and the way between keys and topics (docs/mapping.md, Names).

#include "protocols/amqp/names.hpp"

#include <catch2/catch.hpp>

#include "protocols/mqtt/names.hpp"
#include "tests/unit/amqp/random_bytes.hpp"

using namespace causeway;
using core::topic_levels;
using core::topic_mapping;

namespace {

constexpr topic_mapping all_mappings[] = {topic_mapping::levels, topic_mapping::rabbitmq, topic_mapping::slash};

// Everything that either side could take for a separator, a wildcard or a part of a code.
constexpr std::string_view hostile = "/.+#*%%%2255FEBA3$a";
constexpr int cases = 50'000;

std::string key_of_topic(std::string_view topic, topic_mapping mapping = topic_mapping::levels) {
    return amqp::key_of(mqtt::levels_of_topic(topic, mapping), mapping).key;
}

std::string topic_of_key(std::string_view key, topic_mapping mapping = topic_mapping::levels) {
    return mqtt::topic_of(amqp::levels_of_key(key, mapping), mapping).value_or("(none)");
}

bool bound(std::string_view binding_key, std::string_view topic, topic_mapping mapping = topic_mapping::levels) {
    return core::matches(amqp::pattern_of_key(binding_key, mapping), mqtt::levels_of_topic(topic, mapping));
}

topic_levels levels(std::initializer_list<std::string_view> texts) {
    topic_levels made;
    for (const std::string_view each : texts) made.push(each);
    return made;
}

}  // namespace

TEST_CASE("ordinary names cross as people expect (mapping.md, Names)") {
    const std::pair<const char*, const char*> both_ways[] = {{"cities/london", "cities.london"},
                                                             {"a.b/c", "a%2Eb.c"},
                                                             {"192.168.0.1/up", "192%2E168%2E0%2E1.up"},
                                                             {"/a", ".a"},
                                                             {"a//b", "a..b"},
                                                             {"a/*/b", "a.*.b"},
                                                             {"a%2Fb", "a/b"},
                                                             {"a/%23", "a.#"},
                                                             {"a/%2B", "a.+"},
                                                             {"100%/x", "100%.x"},
                                                             {"a/", "a."},
                                                             {"/", "."},
                                                             {"%2525", "%2525"},
                                                             {"a%252Fb", "a%2Fb"},
                                                             {"a%2Eb", "a%252Eb"},
                                                             {"$SYS/x", "$SYS.x"}};
    for (const auto& [topic, key] : both_ways) {
        CHECK(key_of_topic(topic) == key);
        CHECK(topic_of_key(key) == topic);
    }
}

TEST_CASE("a routing key and its levels are each other's image (mapping.md, Names)") {
    test::dice dice;
    for (int i = 0; i < cases; ++i) {
        const std::string key = dice.one_in(2) ? dice.text(hostile, 14) : dice.bytes(40);
        for (const topic_mapping mapping : all_mappings) {
            const auto back = amqp::key_of(amqp::levels_of_key(key, mapping), mapping);
            if (back.key != key || back.shortened) FAIL("key " << key << " became " << back.key);
        }
    }
}

TEST_CASE("any list of levels survives being written as a key (mapping.md, Names)") {
    test::dice dice;
    for (int i = 0; i < cases; ++i) {
        topic_levels made;
        for (std::size_t count = 1 + dice.below(4); count > 0; --count) made.push(dice.text(hostile, 7));
        if (made == levels({""})) continue;  // written like no level at all; no legal name has it
        const std::string key = amqp::key_of(made, topic_mapping::levels).key;
        if (amqp::levels_of_key(key, topic_mapping::levels) != made) FAIL("levels changed in " << key);
    }
}

TEST_CASE("every legal topic comes back from its key unchanged (mapping.md, Names)") {
    test::dice dice;
    for (int i = 0; i < cases; ++i) {
        std::string topic = dice.text(hostile, 14);
        std::erase_if(topic, [](char c) { return c == '+' || c == '#'; });
        if (topic.empty()) continue;
        if (const std::string key = key_of_topic(topic); topic_of_key(key) != topic)
            FAIL("topic " << topic << " via " << key);
        if (key_of_topic(topic, topic_mapping::slash) != topic) FAIL("with slash, topic " << topic << " is not its own key");
    }
}

TEST_CASE("every key comes back from its topic unchanged, if it has one (mapping.md, Names)") {
    test::dice dice;
    for (int i = 0; i < cases; ++i) {
        const std::string key = dice.text(hostile, 14);
        const auto topic = mqtt::topic_of(amqp::levels_of_key(key, topic_mapping::levels), topic_mapping::levels);
        if (topic.has_value() == key.empty()) FAIL("only the empty key has no topic: " << key);
        if (topic && key_of_topic(*topic) != key) FAIL("key " << key << " via " << *topic);
    }
}

TEST_CASE("no mapping ever makes an illegal topic name [MQTT-3.3.2-2, MQTT-4.7.3-1]") {
    test::dice dice;
    for (int i = 0; i < cases; ++i) {
        const std::string key = dice.one_in(2) ? dice.text(hostile, 10) : dice.bytes(10);
        for (const topic_mapping mapping : all_mappings) {
            const auto topic = mqtt::topic_of(amqp::levels_of_key(key, mapping), mapping);
            if (topic && (topic->empty() || topic->find_first_of(std::string_view("+#\0", 3)) != std::string::npos))
                FAIL("key " << key << " became " << *topic);
        }
    }
}

TEST_CASE("keys that cannot be a topic have none (mapping.md, Names)") {
    for (const topic_mapping mapping : all_mappings) {
        CHECK(topic_of_key("", mapping) == "(none)");
        CHECK(topic_of_key(std::string_view("a\0b", 3), mapping) == "(none)");
        CHECK(topic_of_key("a\xFF", mapping) == "(none)");
    }
    CHECK(topic_of_key("a.#", topic_mapping::rabbitmq) == "(none)");
    CHECK(topic_of_key("a/+", topic_mapping::slash) == "(none)");
}

TEST_CASE("the mapping rabbitmq replaces plainly (mapping.md, Names)") {
    CHECK(key_of_topic("a.b/c", topic_mapping::rabbitmq) == "a.b.c");
    CHECK(topic_of_key("a.b.c", topic_mapping::rabbitmq) == "a/b/c");
    CHECK(topic_of_key("a/b.c", topic_mapping::rabbitmq) == "a/b/c");
    CHECK(topic_of_key("a.*.b", topic_mapping::rabbitmq) == "a/*/b");
    CHECK(topic_of_key("a%2Eb", topic_mapping::rabbitmq) == "a%2Eb");
    CHECK(bound("a.*.c", "a.b/c", topic_mapping::rabbitmq));
}

TEST_CASE("with the mapping slash a topic is its own routing key (mapping.md, Names)") {
    CHECK(key_of_topic("a.b/c%2F", topic_mapping::slash) == "a.b/c%2F");
    CHECK(topic_of_key("a.b/c", topic_mapping::slash) == "a.b/c");
    CHECK(bound("a.b/*", "a.b/c", topic_mapping::slash));
    CHECK_FALSE(bound("a.*/c", "a.b/c", topic_mapping::slash));
}

TEST_CASE("binding keys have wildcards at any place (AMQP 3.1.3.3)") {
    CHECK(bound("a.*", "a/b"));
    CHECK_FALSE(bound("a.*", "a/b/c"));
    CHECK(bound("#", "a/b/c"));
    CHECK(bound("a.#.c", "a/c"));
    CHECK(bound("a.#.c", "a/x/y/c"));
    CHECK(bound("#.c", "a/b/c"));
    CHECK(bound("*.#", "a"));
    CHECK_FALSE(bound("a.b*", "a/bc"));
    CHECK_FALSE(bound("#", "$SYS/x"));
    CHECK(core::matches(amqp::pattern_of_key("#", topic_mapping::levels), amqp::levels_of_key("", topic_mapping::levels)));
    CHECK_FALSE(
        core::matches(amqp::pattern_of_key("*", topic_mapping::levels), amqp::levels_of_key("", topic_mapping::levels)));
}

TEST_CASE("a literal level of a wildcard is written as a code in a binding key (mapping.md, Patterns)") {
    CHECK(bound("a.%2A", "a/*"));
    CHECK_FALSE(bound("a.%2A", "a/b"));
    CHECK(bound("a.%23", "a/%23"));
    CHECK(bound("%252A", "%2A"));
    CHECK(bound("%25252A", "%252A"));
    CHECK(bound("x%2A", "x%2A"));
    CHECK(bound("%2A%2A", "%2A%2A"));
    CHECK(bound("%2a", "%2a"));
    CHECK(bound("%2A", "*", topic_mapping::slash));
    CHECK(bound("%2A", "%2A", topic_mapping::rabbitmq));
}

TEST_CASE("a binding key without wildcards matches exactly its own routing key (AMQP 3.1.3.3)") {
    test::dice dice;
    for (int i = 0; i < cases; ++i) {
        const std::string key = dice.text("a.%25EA", 10);
        const auto pattern = amqp::pattern_of_key(key, topic_mapping::rabbitmq);
        if (!core::matches(pattern, amqp::levels_of_key(key, topic_mapping::rabbitmq), true)) FAIL(key);
        const std::string other = dice.text("a.%25EA", 10);
        const bool same = core::matches(pattern, amqp::levels_of_key(other, topic_mapping::rabbitmq), true);
        if (same != (key == other)) FAIL(key << " and " << other);
    }
}

TEST_CASE("a key over 255 bytes is a prefix of whole levels and a hash (mapping.md, Names)") {
    const std::string level(50, 'x');
    std::string topic = level;
    for (int i = 0; i < 5; ++i) topic.append("/").append(level);  // 305 bytes
    const auto text = amqp::key_of(mqtt::levels_of_topic(topic, topic_mapping::levels), topic_mapping::levels);
    CHECK(text.shortened);
    CHECK(text.key.substr(0, 203) == level + "." + level + "." + level + "." + level.substr(0, 50));
    CHECK(text.key.substr(203, 3) == ".%~");
    CHECK(text.key.size() == 203 + 3 + 16);
    topic.back() = 'y';
    CHECK(key_of_topic(topic) != text.key);
}

TEST_CASE("255 bytes are not shortened, and a first level that is too long leaves only the hash (mapping.md, Names)") {
    CHECK(key_of_topic(std::string(255, 'a')) == std::string(255, 'a'));
    const std::string key = key_of_topic(std::string(256, 'a'));
    CHECK(key.starts_with(".%~"));
    CHECK(key.size() == 19);
    CHECK(key_of_topic(std::string(220, 'a') + "/" + std::string(80, 'b')).starts_with(std::string(220, 'a') + ".%~"));
    CHECK(key_of_topic(std::string(221, 'a') + "/" + std::string(80, 'b')).starts_with(".%~"));
    CHECK(key_of_topic(std::string(100, 'a') + "/" + std::string(300, 'b'), topic_mapping::slash)
              .starts_with(std::string(100, 'a') + "/%~"));
}
