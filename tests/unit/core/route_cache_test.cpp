#include "core/route_cache.hpp"

#include <catch2/catch.hpp>

using namespace causeway::core;

namespace {

/// Only compared, never looked at.
queue* number(std::uintptr_t n) { return reinterpret_cast<queue*>(n * 64); }

targets to(std::uintptr_t first, std::size_t count = 1) {
    targets made(count);
    for (std::size_t i = 0; i < count; ++i) made[i].to = number(first + i);
    return made;
}

std::string name(std::size_t n) { return "a/rather/long/name/for/a/topic/" + std::to_string(n); }

}  // namespace

TEST_CASE("a route is found by its name until the topology changes") {
    route_cache cache;
    CHECK_FALSE(cache.find("a", 1));
    CHECK(cache.put("a", 1, to(7)).front().to == number(7));
    REQUIRE(cache.find("a", 1));
    CHECK(cache.find("a", 1)->to.front().to == number(7));
    CHECK_FALSE(cache.find("b", 1));
    CHECK_FALSE(cache.find("a", 2));
    cache.put("a", 2, to(8));
    CHECK(cache.find("a", 2)->to.front().to == number(8));
}

TEST_CASE("thousands of routes are remembered, each as its own") {
    route_cache cache;
    for (std::size_t n = 0; n < 10'000; ++n) cache.put(name(n), 1, to(n + 1));
    std::size_t known = 0;
    for (std::size_t n = 0; n < 10'000; ++n) {
        const cached_route* const found = cache.find(name(n), 1);
        if (!found) continue;
        ++known;
        REQUIRE(found->to.size() == 1);
        REQUIRE(found->to.front().to == number(n + 1));
    }
    CHECK(known > 9'500);  // three of a hash are too many only where the table may not grow any more
}

TEST_CASE("a flood of names costs no more memory than the limit, and the newest ones are known") {
    route_cache cache;
    for (std::size_t n = 0; n < 300'000; ++n) {
        cache.put(name(n), 1, to(n + 1));
        REQUIRE(cache.bytes() <= route_cache::bytes_max);
        REQUIRE(cache.find(name(n), 1));
    }
}

TEST_CASE("routes with many targets make room by forgetting others") {
    route_cache cache;
    for (std::size_t n = 0; n < 2'000; ++n) {
        CHECK(cache.put(name(n), 1, to(1, 1'000)).size() == 1'000);
        REQUIRE(cache.bytes() <= route_cache::bytes_max);
        REQUIRE(cache.find(name(n), 1));
    }
    const targets huge = to(1, route_cache::bytes_max / sizeof(target));
    CHECK(&cache.put("huge", 1, huge) == &huge);
    CHECK_FALSE(cache.find("huge", 1));
}

TEST_CASE("a route that somebody holds stays as it was when its place is taken") {
    route_cache cache;
    cache.put("a", 1, to(7));
    route_hint held;
    cache.find("a", 1, &held);
    cache.put("a", 2, to(8, 3));
    CHECK(held->version == 1);
    CHECK(held->to.size() == 1);
    CHECK(cache.find("a", 2)->to.size() == 3);
}

TEST_CASE("the place of a route with many targets does not keep their memory") {
    route_cache cache;
    cache.put("a", 1, to(1, 10'000));
    cache.put("a", 2, to(1));
    CHECK(cache.bytes() < 1'000);
}
