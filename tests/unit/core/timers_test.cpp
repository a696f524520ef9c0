// Timers: what fires when.

#include <memory>
#include <vector>

#include <catch2/catch.hpp>

#include "core/timers.hpp"

using namespace causeway;

TEST_CASE("what an action arms for now fires in the next turn, however many other timers there are") {
    core::timers all;
    std::vector<std::unique_ptr<core::timer>> others;
    for (int i = 0; i < 100; ++i) {
        others.push_back(std::make_unique<core::timer>(all, [] {}));
        others.back()->arm_at(1'000'000);
    }
    int fired = 0;
    core::timer again(all, [&] {
        ++fired;
        again.arm_at(0);
    });
    again.arm_at(5);
    all.advance(10);
    CHECK(fired == 1);
    all.advance(10);
    CHECK(fired == 2);
    CHECK(all.next_steady_ms() == 0);
}

TEST_CASE("due timers fire in the order of their times; an action may stop, move and destroy others that are due") {
    core::timers all;
    std::vector<int> fired;
    auto destroyed = std::make_unique<core::timer>(all, [&] { fired.push_back(3); });
    core::timer stopped(all, [&] { fired.push_back(4); });
    core::timer moved(all, [&] { fired.push_back(5); });
    core::timer second(all, [&] { fired.push_back(2); });
    core::timer first(all, [&] {
        fired.push_back(1);
        destroyed.reset();
        stopped.stop();
        moved.arm_at(20);
    });
    destroyed->arm_at(3);
    stopped.arm_at(4);
    moved.arm_at(5);
    second.arm_at(2);
    first.arm_at(1);
    all.advance(10);
    CHECK(fired == std::vector{1, 2});
    all.advance(20);
    CHECK(fired == std::vector{1, 2, 5});
    CHECK_FALSE(stopped.armed());
}
