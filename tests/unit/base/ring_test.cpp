#include "base/ring.hpp"

#include <catch2/catch.hpp>

#include <deque>
#include <memory>
#include <random>

using causeway::ring;

TEST_CASE("a ring does what a deque does, whatever is done to it") {
    std::mt19937 random(11);
    for (int round = 0; round < 200; ++round) {
        ring<std::unique_ptr<int>> ours;
        std::deque<int> theirs;
        for (int step = 0; step < 300; ++step) {
            const int value = static_cast<int>(random());
            const std::size_t at = theirs.empty() ? 0 : random() % (theirs.size() + 1);
            switch (random() % 7) {
                case 0: case 1: ours.push_back(std::make_unique<int>(value)); theirs.push_back(value); break;
                case 2: ours.push_front(std::make_unique<int>(value)); theirs.push_front(value); break;
                case 3:
                    ours.insert(ours.begin() + static_cast<std::ptrdiff_t>(at), std::make_unique<int>(value));
                    theirs.insert(theirs.begin() + static_cast<std::ptrdiff_t>(at), value);
                    break;
                case 4: if (!theirs.empty()) { ours.pop_front(); theirs.pop_front(); } break;
                case 5: if (!theirs.empty()) { ours.pop_back(); theirs.pop_back(); } break;
                default: if (random() % 20 == 0) { ours.clear(); theirs.clear(); }
            }
            REQUIRE(ours.size() == theirs.size());
            REQUIRE(std::equal(ours.begin(), ours.end(), theirs.begin(), [](const auto& a, int b) { return *a == b; }));
        }
    }
}

TEST_CASE("a ring moves as a whole and finds by binary search") {
    ring<int> a;
    for (int i = 0; i < 100; ++i) a.push_back(2 * i);
    ring<int> b = std::move(a);
    CHECK(a.empty());
    CHECK(b.size() == 100);
    CHECK(*std::lower_bound(b.begin(), b.end(), 33) == 34);
    CHECK(b.end() - b.begin() == 100);
    a = std::move(b);
    CHECK(a.back() == 198);
}
