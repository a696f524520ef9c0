#include "persistence/commit_round.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <optional>
#include <random>
#include <string>

using namespace causeway;
using core::table;
using persistence::commit_round;

TEST_CASE("a round is in the order of tables, then keys") {
    core::batch b;
    b.put(table::retained, "a", "1");
    b.put(table::entries, "b", "2");
    b.put(table::entries, "a", "3");
    commit_round r;
    r.add(b);
    const auto left = r.collapse();
    REQUIRE(left.size() == 3);
    CHECK((left[0].where == table::entries && left[0].key == "a"));
    CHECK((left[1].where == table::entries && left[1].key == "b"));
    CHECK((left[2].where == table::retained && left[2].key == "a"));
}

TEST_CASE("a message that is put and erased in one round is only erased: it may be on disk from before") {
    core::batch first;
    first.put(table::entries, "k", "value");
    core::batch second;
    second.erase(table::entries, "k");
    commit_round r;
    r.add(first);
    r.add(second);
    const auto left = r.collapse();
    REQUIRE(left.size() == 1);
    CHECK(left[0].erase);
    CHECK(left[0].value.empty());
}

TEST_CASE("a key that is erased and put again remembers that it was erased") {
    core::batch b;
    b.erase(table::entries, "k");
    b.put(table::entries, "k", "1");
    b.put(table::entries, "l", "2");
    commit_round r;
    r.add(b);
    const auto left = r.collapse();
    REQUIRE(left.size() == 2);
    CHECK((!left[0].erase && left[0].erased_before && left[0].value == "1"));
    CHECK((!left[1].erase && !left[1].erased_before));
}

TEST_CASE("keys of any length are told apart and ordered as bytes") {
    const std::string stem(16, 'k');
    core::batch b;
    for (const std::string& key : {stem + "b", stem, std::string("k\0", 2), std::string("\xff"), stem + "a", std::string("k")})
        b.put(table::meta, key, key);
    commit_round r;
    r.add(b);
    std::string last;
    for (const commit_round::operation& o : r.collapse()) {
        CHECK(o.key > last);
        CHECK(o.key == o.value);
        last = o.key;
    }
}

TEST_CASE("a round comes to the same as its operations one by one") {
    std::mt19937 random(3);
    for (int i = 0; i < 200; ++i) {
        std::vector<core::batch> batches(1 + random() % 4);
        std::map<std::string, std::optional<std::string>> expected;
        for (core::batch& b : batches) {
            for (int n = 0; n < 20; ++n) {
                const std::string key = std::string(random() % 3 * 9, 'p') + static_cast<char>('a' + random() % 4);
                const std::string value = std::to_string(random());
                if (random() % 2 == 0) {
                    b.put(table::entries, key, value);
                    expected[key] = value;
                } else {
                    b.erase(table::entries, key);
                    expected[key] = std::nullopt;
                }
            }
        }
        commit_round r;
        for (const core::batch& b : batches) r.add(b);
        std::map<std::string, std::optional<std::string>> found;
        for (const commit_round::operation& o : r.collapse())
            found[std::string(o.key)] = o.erase ? std::nullopt : std::optional(std::string(o.value));
        REQUIRE(found == expected);
    }
}
