#include "bench/sequence.hpp"

#include <catch2/catch.hpp>

#include <random>
#include <set>
#include <vector>

using causeway::bench::sequence;
using verdict = causeway::bench::sequence::verdict;

TEST_CASE("numbers in order are in order, and nothing is missing") {
    sequence s;
    for (std::uint64_t number = 0; number < 1000; ++number) {
        const auto seen = s.see(number);
        CHECK(seen.what == verdict::in_order);
        CHECK(seen.settled == 1);
    }
    CHECK(s.missing() == 0);
}

TEST_CASE("what was jumped over is missing, and need not be waited for") {
    sequence s;
    s.see(0);
    const auto seen = s.see(5);
    CHECK(seen.what == verdict::in_order);
    CHECK(seen.settled == 5);
    CHECK(s.missing() == 4);
}

TEST_CASE("what comes late was not lost, and what comes again is doubled") {
    sequence s;
    s.see(3);
    CHECK(s.see(1).what == verdict::late);
    CHECK(s.see(1).what == verdict::doubled);
    CHECK(s.see(3).what == verdict::doubled);
    CHECK(s.see(0).what == verdict::late);
    CHECK(s.see(2).what == verdict::late);
    CHECK(s.missing() == 0);
    CHECK(s.see(2).settled == 0);
    CHECK(s.see(4).what == verdict::in_order);
}

TEST_CASE("whatever comes in whatever order, each number counts once and the missing ones are known") {
    std::mt19937 random(3);
    for (int round = 0; round < 300; ++round) {
        sequence s;
        std::set<std::uint64_t> came;
        std::uint64_t next = 0, settled = 0;
        for (int step = 0; step < 100; ++step) {
            const std::uint64_t number = random() % 60;
            const auto seen = s.see(number);
            const bool known = !came.insert(number).second;
            REQUIRE(seen.what == (known ? verdict::doubled : number >= next ? verdict::in_order : verdict::late));
            next = std::max(next, number + 1);
            settled += seen.settled;
            REQUIRE(s.missing() == next - came.size());
            REQUIRE(settled == next);
        }
    }
}
