#include "base/id_map.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <map>
#include <random>

using causeway::id_map;

namespace {

std::map<std::uint16_t, int> all_of(id_map<int>& map) {
    std::map<std::uint16_t, int> all;
    map.each([&](std::uint16_t id, int value) { CHECK(all.emplace(id, value).second); });
    return all;
}

}  // namespace

TEST_CASE("an id map does what a map does, whether ids follow each other or lie apart") {
    for (const unsigned stride : {1U, 7U, 64U, 4096U}) {
        std::mt19937 random(stride);
        id_map<int> ours;
        std::map<std::uint16_t, int> theirs;
        for (int step = 0; step < 20'000; ++step) {
            const auto id = static_cast<std::uint16_t>(1 + random() % 300 * stride % 65'535);
            switch (random() % 5) {
                case 0:
                case 1: CHECK(ours.set(id, step) == theirs.insert_or_assign(id, step).second); break;
                case 2:
                case 3: CHECK(ours.erase(id) == (theirs.erase(id) == 1)); break;
                default: {
                    const int* found = ours.find(id);
                    const auto expected = theirs.find(id);
                    REQUIRE((found != nullptr) == (expected != theirs.end()));
                    if (found) CHECK(*found == expected->second);
                }
            }
            REQUIRE(ours.size() == theirs.size());
        }
        CHECK(all_of(ours) == theirs);
    }
}

TEST_CASE("an id map that has been emptied can be filled again") {
    id_map<int> map;
    for (int round = 0; round < 3; ++round) {
        for (std::uint16_t id = 1; id <= 1000; ++id) CHECK(map.set(id, id));
        CHECK(map.size() == 1000);
        for (std::uint16_t id = 1; id <= 1000; ++id) CHECK(map.erase(id));
        CHECK(map.empty());
        CHECK(map.find(500) == nullptr);
        CHECK_FALSE(map.erase(500));
    }
}

TEST_CASE("an id map takes every number there is") {
    id_map<int> map;
    for (unsigned id = 65'535; id > 0; --id) CHECK(map.set(static_cast<std::uint16_t>(id), static_cast<int>(id)));
    CHECK(map.size() == 65'535);
    bool same = true;
    map.each([&](std::uint16_t id, int value) { same = same && value == id; });
    CHECK(same);
}
