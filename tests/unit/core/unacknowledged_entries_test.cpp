// What waits for being settled, found by its place in whatever order places come and go.

#include <algorithm>
#include <ctime>
#include <numeric>
#include <random>
#include <set>
#include <vector>

#include <catch2/catch.hpp>

#include "core/unacknowledged_entries.hpp"

using namespace causeway;
using namespace causeway::core;

namespace {

const options_ptr options(new delivery_options);

entry at_place(std::uint64_t seq) { return {.message = nullptr, .options = options, .seq = seq}; }

std::vector<std::uint64_t> places(std::size_t count) {
    std::vector<std::uint64_t> all(count);
    std::iota(all.begin(), all.end(), std::uint64_t{1});
    return all;
}

std::set<std::uint64_t> visited(const unacknowledged_entries& of) {
    std::set<std::uint64_t> found;
    of.each([&](const entry& e) { CHECK(found.insert(e.seq).second); });
    return found;
}

}  // namespace

TEST_CASE("an entry is there until it is settled, and is settled once") {
    unacknowledged_entries u;
    CHECK(u.empty());
    CHECK_FALSE(u.find(1));
    CHECK_FALSE(u.extract(1));
    for (const std::uint64_t seq : {1, 2, 3, 7}) u.insert(at_place(seq));
    CHECK(u.size() == 4);
    REQUIRE(u.find(2));
    CHECK(u.find(2)->seq == 2);
    CHECK_FALSE(u.find(5));
    CHECK(u.extract(2)->seq == 2);
    CHECK_FALSE(u.find(2));
    CHECK_FALSE(u.extract(2));
    CHECK(u.size() == 3);
    CHECK(visited(u) == std::set<std::uint64_t>{1, 3, 7});
    CHECK(u.extract_last().seq == 7);
    CHECK(u.extract_last().seq == 3);
    CHECK(u.extract_last().seq == 1);
    CHECK(u.empty());
}

TEST_CASE("one that comes again finds its place, blank or swept") {
    unacknowledged_entries u;
    for (const std::uint64_t seq : places(1'000)) u.insert(at_place(seq));
    const std::uint64_t settled = GENERATE(3, 900);  // with so many blanks they are swept
    for (std::uint64_t seq = 2; seq < 2 + settled; ++seq) REQUIRE(u.extract(seq));
    for (std::uint64_t seq = 2; seq < 2 + settled; ++seq) u.insert(at_place(seq));
    CHECK(u.size() == 1'000);
    for (std::uint64_t seq = 1'000; seq > 0; --seq) REQUIRE(u.extract_last().seq == seq);
    CHECK(u.empty());
}

TEST_CASE("any order of coming and going keeps the same entries as a sorted set") {
    std::mt19937 dice(7);
    unacknowledged_entries u;
    std::set<std::uint64_t> model;
    for (int step = 0; step < 200'000; ++step) {
        const std::uint64_t seq = dice() % 3'000 + (step / 50'000) * 1'000;  // slowly rising
        const bool there = model.contains(seq);
        REQUIRE((u.find(seq) != nullptr) == there);
        if (there) {
            REQUIRE(u.extract(seq)->seq == seq);
            model.erase(seq);
        } else if (dice() % 8 > 0 || model.empty()) {
            u.insert(at_place(seq));
            model.insert(seq);
        } else {
            REQUIRE(u.extract_last().seq == *model.rbegin());
            model.erase(std::prev(model.end()));
        }
        REQUIRE(u.size() == model.size());
    }
    CHECK(visited(u) == model);
}

TEST_CASE("200,000 unacknowledged entries come and go in random order without moving each other") {
    std::mt19937 dice(1);
    std::vector<std::uint64_t> order = places(200'000);
    std::shuffle(order.begin(), order.end(), dice);
    unacknowledged_entries u;
    const std::clock_t begin = std::clock();
    for (const std::uint64_t seq : order) u.insert(at_place(seq));
    std::shuffle(order.begin(), order.end(), dice);
    bool all = true;
    for (const std::uint64_t seq : order) all = u.extract(seq).has_value() && all;
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;  // of this thread's work, not of the wall
    CHECK(all);
    CHECK(u.empty());
    CHECK(seconds < 10);  // takes about 0.2; where half of them move for each, minutes
}

TEST_CASE("300,000 that come again between as many that stayed do not move each other either") {
    unacknowledged_entries u;
    for (const std::uint64_t seq : places(400'000)) u.insert(at_place(seq));
    const std::clock_t begin = std::clock();
    for (std::uint64_t seq = 1; seq <= 400'000; ++seq)
        if (seq % 4 != 0) u.extract(seq);
    for (std::uint64_t seq = 1; seq <= 400'000; ++seq)
        if (seq % 4 != 0) u.insert(at_place(seq));
    CHECK(static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC < 10);
    CHECK(u.size() == 400'000);
}
