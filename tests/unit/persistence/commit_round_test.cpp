#include "persistence/commit_round.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

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

namespace {

void put_fresh(core::batch& to, std::string_view key, std::string_view text) {
    to.put(table::entries, key, true, [text](std::string& value) { value += text; });
}

}  // namespace

TEST_CASE("what the store has never had, put and erased in one round, costs the store nothing") {
    core::batch first;
    put_fresh(first, "gone", "1");
    put_fresh(first, "stays", "2");
    put_fresh(first, "released and gone", "3");
    core::batch second;
    second.erase(table::entries, "gone");
    second.put(table::entries, "released and gone", "4");
    second.erase(table::entries, "released and gone");
    commit_round r;
    r.add(first);
    r.add(second);
    const auto left = r.collapse();
    REQUIRE(left.size() == 1);
    CHECK((left[0].key == "stays" && left[0].value == "2" && !left[0].erase));
}

TEST_CASE("an erase of an earlier round that failed is done before a key that comes anew") {
    core::batch failed;
    failed.erase(table::entries, "k");
    core::batch b;
    put_fresh(b, "k", "1");
    b.erase(table::entries, "k");
    commit_round r;
    r.add(failed);
    r.add(b);
    const auto left = r.collapse();
    REQUIRE(left.size() == 1);
    CHECK((left[0].erase && left[0].erased_before));
}

TEST_CASE("runs of keys that overlap in any way are merged in order") {
    std::mt19937 random(5);
    for (int i = 0; i < 200; ++i) {
        core::batch b;
        std::map<std::pair<table, std::string>, std::string> expected;
        const auto runs = random() % 12;
        for (unsigned run = 0; run < runs; ++run) {
            const table where = random() % 4 == 0 ? table::received : table::entries;
            auto at = static_cast<char>('a' + random() % 10);
            for (auto n = random() % 8; n > 0; --n, ++at) {
                const std::string key = std::string(random() % 2 * 15, 'q') + at;
                const std::string value = std::to_string(random());
                b.put(where, key, value);
                expected[{where, key}] = value;
            }
        }
        commit_round r;
        r.add(b);
        std::vector<std::pair<std::pair<table, std::string>, std::string>> found;
        for (const commit_round::operation& o : r.collapse()) found.push_back({{o.where, std::string(o.key)}, std::string(o.value)});
        REQUIRE(found == decltype(found)(expected.begin(), expected.end()));
    }
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
