#include "bench/in_flight.hpp"

#include <catch2/catch.hpp>

#include <vector>

using causeway::bench::in_flight;

namespace {

std::vector<std::uint64_t> settled_up_to(in_flight& window, std::uint64_t tag) {
    std::vector<std::uint64_t> due;
    window.settle_up_to(tag, [&](std::uint64_t due_ns) { due.push_back(due_ns); });
    return due;
}

}  // namespace

TEST_CASE("a window has room for as many as it is wide, and again for each that is settled") {
    in_flight window(3);
    for (std::uint64_t tag = 1; tag <= 3; ++tag) {
        CHECK(window.has_room(tag));
        window.begin(tag, 100 + tag);
    }
    CHECK_FALSE(window.has_room(4));
    CHECK(window.settle(2) == 102);
    CHECK(window.has_room(4));
    CHECK_FALSE(window.empty());
}

TEST_CASE("what is confirmed twice, or was never published, counts for nothing") {
    in_flight window(4);
    window.begin(1, 10);
    CHECK(window.settle(1) == 10);
    CHECK_FALSE(window.settle(1));
    CHECK_FALSE(window.settle(7));
    window.begin(2, 20);
    CHECK_FALSE(window.settle(2 + 8));  // would lie in the same place
    CHECK(window.settle(2) == 20);
    CHECK(window.empty());
}

TEST_CASE("packet identifiers begin anew after 65,535 [MQTT-2.2.1-2]") {
    in_flight window(20);
    std::uint64_t tag = 65'500;
    for (int i = 0; i < 200; ++i) {
        REQUIRE(window.has_room(tag));
        window.begin(tag, 1);
        REQUIRE(window.settle(tag) == 1);
        tag = tag == 65'535 ? 1 : tag + 1;
    }
    CHECK(window.empty());
}

TEST_CASE("an acknowledgement of several settles all that are still open up to there") {
    in_flight window(8);
    for (std::uint64_t tag = 1; tag <= 6; ++tag) window.begin(tag, 10 * tag);
    window.settle(2);
    CHECK(settled_up_to(window, 4) == std::vector<std::uint64_t>{10, 30, 40});
    CHECK(settled_up_to(window, 4).empty());
    CHECK(settled_up_to(window, 6) == std::vector<std::uint64_t>{50, 60});
    CHECK(window.empty());
}

TEST_CASE("an acknowledgement of several leaves alone what was published later in the same places") {
    in_flight window(3);  // four places
    window.begin(1, 10);
    window.begin(2, 20);
    window.settle(1);
    window.begin(3, 30);
    window.begin(5, 50);  // where 1 was
    CHECK(settled_up_to(window, 3) == std::vector<std::uint64_t>{20, 30});
    CHECK(window.settle(5) == 50);
}
