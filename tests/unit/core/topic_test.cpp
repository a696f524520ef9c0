#include "core/topic.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

#include "core/retained.hpp"
#include "core/topic_tree.hpp"
#include "tests/support/plain_origin.hpp"

using namespace causeway;
using test::plain_amqp;
using test::plain_mqtt;

namespace {

bool match(const char* filter, const char* topic) { return core::matches(plain_mqtt.pattern(filter), plain_mqtt.levels(topic)); }

bool tree_match(const core::topic_pattern& pattern, const core::topic_levels& name) {
    core::topic_tree<int> tree;
    tree.insert(pattern, 1);
    bool found = false;
    tree.match(name, [&](int, bool leading) { found = found || !name.dollar() || !leading; });
    return found;
}

}  // namespace

TEST_CASE("'#' matches the parent and any number of levels below [MQTT-4.7.1-2]") {
    CHECK(match("sport/tennis/player1/#", "sport/tennis/player1"));
    CHECK(match("sport/tennis/player1/#", "sport/tennis/player1/ranking"));
    CHECK(match("sport/#", "sport"));
    CHECK(match("#", "a/b/c"));
    CHECK_FALSE(match("sport/tennis/#", "sport"));
}

TEST_CASE("'+' matches exactly one level, also an empty one [MQTT-4.7.1-3]") {
    CHECK(match("sport/tennis/+", "sport/tennis/player1"));
    CHECK_FALSE(match("sport/tennis/+", "sport/tennis/player1/ranking"));
    CHECK_FALSE(match("sport/+", "sport"));
    CHECK(match("sport/+", "sport/"));
    CHECK(match("+/+", "/finance"));
    CHECK_FALSE(match("+", "/finance"));
}

TEST_CASE("a leading wildcard does not match a first level with '$' [MQTT-4.7.2-1]") {
    CHECK_FALSE(match("#", "$SYS/monitor"));
    CHECK_FALSE(match("+/monitor", "$SYS/monitor"));
    CHECK(match("$SYS/#", "$SYS/monitor"));
    CHECK(core::matches(plain_amqp.pattern("#"), plain_amqp.levels("$SYS.x"), true));
}

TEST_CASE("'#' stands anywhere in an AMQP binding key and matches zero or more words") {
    const auto amqp = [](const char* key, const char* name) { return core::matches(plain_amqp.pattern(key), plain_amqp.levels(name)); };
    CHECK(amqp("#.b", "b"));
    CHECK(amqp("#.b", "a.b.b"));
    CHECK(amqp("a.#.z", "a.z"));
    CHECK(amqp("a.#.z", "a.b.c.z"));
    CHECK_FALSE(amqp("a.#.z", "a.b.c"));
    CHECK(amqp("#.#.x.#", "x"));
    CHECK(amqp("*.#.*", "a.b"));
    CHECK_FALSE(amqp("*.#.*", "a"));
}

TEST_CASE("tree, list and retained lookups agree on random patterns and names") {
    std::mt19937 random(7);
    const auto pick = [&](const char* const* words, unsigned count) { return words[random() % count]; };
    static constexpr const char* pattern_words[] = {"a", "b", "*", "#", "", "$x"};
    static constexpr const char* name_words[] = {"a", "b", "", "$x"};
    for (int round = 0; round < 20'000; ++round) {
        std::string pattern_text = pick(pattern_words, 6), name_text = pick(name_words, 4);
        for (unsigned i = random() % 4; i > 0; --i) pattern_text += std::string(".") + pick(pattern_words, 6);
        for (unsigned i = random() % 4; i > 0; --i) name_text += std::string(".") + pick(name_words, 4);
        const auto pattern = plain_amqp.pattern(pattern_text);
        const auto name = plain_amqp.levels(name_text);
        CAPTURE(pattern_text, name_text);
        REQUIRE(core::matches(pattern, name) == tree_match(pattern, name));
        core::retained retained;
        retained.set(core::message::make({.from = &plain_amqp, .name = name_text, .payload = "x"}), 1);
        bool seen = false;
        retained.match(pattern, [&](const core::retained::slot&) { seen = true; });
        REQUIRE(core::matches(pattern, name) == seen);
    }
}

TEST_CASE("a tree gives back what was inserted and forgets what was erased") {
    core::topic_tree<int> tree;
    tree.insert(plain_mqtt.pattern("a/+/c"), 1);
    tree.insert(plain_mqtt.pattern("a/#"), 2);
    tree.insert(plain_mqtt.pattern("a/b/c"), 3);
    const auto found = [&] {
        std::vector<int> all;
        tree.match(plain_mqtt.levels("a/b/c"), [&](int v, bool) { all.push_back(v); });
        std::sort(all.begin(), all.end());
        return all;
    };
    CHECK(found() == std::vector<int>{1, 2, 3});
    CHECK(tree.erase(plain_mqtt.pattern("a/+/c"), 1));
    CHECK_FALSE(tree.erase(plain_mqtt.pattern("a/+/c"), 1));
    CHECK_FALSE(tree.erase(plain_mqtt.pattern("x/y"), 1));
    CHECK(found() == std::vector<int>{2, 3});
    CHECK(tree.erase(plain_mqtt.pattern("a/#"), 2));
    CHECK(tree.erase(plain_mqtt.pattern("a/b/c"), 3));
    CHECK(tree.empty());
}

TEST_CASE("a tree finds what a look at every pattern finds, while branches come and go") {
    const auto some_pattern = [](std::mt19937_64& random) {
        std::string text;
        for (std::size_t left = 1 + random() % 3; left > 0; --left) {
            static const char* const levels[] = {"a", "b", "c", "d", "+"};
            text += std::string(text.empty() ? "" : "/") + levels[random() % 5];
        }
        return text;
    };
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        std::mt19937_64 random(seed);
        core::topic_tree<int> tree;
        std::vector<std::string> patterns;  // by value; empty: erased
        for (int step = 0; step < 100; ++step) {
            const std::size_t victim = patterns.empty() ? 0 : random() % patterns.size();
            if (random() % 2 == 0 || patterns.empty() || patterns[victim].empty()) {
                patterns.push_back(some_pattern(random));
                tree.insert(plain_mqtt.pattern(patterns.back()), static_cast<int>(patterns.size() - 1));
            } else {
                REQUIRE(tree.erase(plain_mqtt.pattern(patterns[victim]), static_cast<int>(victim)));
                patterns[victim].clear();
            }
            std::string name = some_pattern(random);
            std::replace(name.begin(), name.end(), '+', 'e');
            std::vector<int> expected, found;
            for (std::size_t i = 0; i < patterns.size(); ++i)
                if (!patterns[i].empty() && core::matches(plain_mqtt.pattern(patterns[i]), plain_mqtt.levels(name)))
                    expected.push_back(static_cast<int>(i));
            tree.match(plain_mqtt.levels(name), [&](int v, bool) { found.push_back(v); });
            std::sort(found.begin(), found.end());
            REQUIRE(found == expected);
        }
        for (std::size_t i = 0; i < patterns.size(); ++i)
            if (!patterns[i].empty()) REQUIRE(tree.erase(plain_mqtt.pattern(patterns[i]), static_cast<int>(i)));
        REQUIRE(tree.empty());
    }
}

TEST_CASE("many '#'s in one pattern do not multiply the work") {
    std::string pattern_text = "#", name_text = "a";
    for (int i = 0; i < 60; ++i) pattern_text += ".a.#";
    for (int i = 0; i < 120; ++i) name_text += ".a";
    pattern_text += ".b";
    const auto pattern = plain_amqp.pattern(pattern_text);
    CHECK_FALSE(tree_match(pattern, plain_amqp.levels(name_text)));
    core::retained retained;
    retained.set(core::message::make({.from = &plain_amqp, .name = name_text, .payload = "x"}), 1);
    bool seen = false;
    retained.match(pattern, [&](const core::retained::slot&) { seen = true; });
    CHECK_FALSE(seen);
}

TEST_CASE("a retained message that a pattern matches in several ways is found once") {
    core::retained retained;
    retained.set(core::message::make({.from = &plain_amqp, .name = "a.a.a", .payload = "x"}), 1);
    int seen = 0;
    retained.match(plain_amqp.pattern("#.a.#"), [&](const core::retained::slot&) { ++seen; });
    CHECK(seen == 1);
}
