#include "core/route_cache.hpp"

#include <catch2/catch.hpp>

#include "core/consistent_hash.hpp"

using namespace causeway::core;

namespace {

/// Only compared, never looked at.
queue* number(std::uintptr_t n) { return reinterpret_cast<queue*>(n * 64); }

targets to(std::uintptr_t first, std::size_t count = 1) {
    targets made(count);
    for (std::size_t i = 0; i < count; ++i) made[i].to = number(first + i);
    return made;
}

std::uint64_t levels_of(std::string_view name) { return stable_hash(name); }

const targets& put(route_cache& cache, std::string_view name, const topology_log& topology, const targets& where) {
    return cache.put(name, levels_of(name), topology, where);
}

std::string name(std::size_t n) { return "a/rather/long/name/for/a/topic/" + std::to_string(n); }

}  // namespace

TEST_CASE("a route is found by its name until the topology changes") {
    route_cache cache;
    topology_log topology;
    CHECK_FALSE(cache.find("a", topology));
    CHECK(put(cache, "a", topology, to(7)).front().to == number(7));
    REQUIRE(cache.find("a", topology));
    CHECK(cache.find("a", topology)->to.front().to == number(7));
    CHECK_FALSE(cache.find("b", topology));
    topology.add();
    CHECK_FALSE(cache.find("a", topology));
    put(cache, "a", topology, to(8));
    CHECK(cache.find("a", topology)->to.front().to == number(8));
}

TEST_CASE("thousands of routes are remembered, each as its own") {
    route_cache cache;
    topology_log topology;
    for (std::size_t n = 0; n < 10'000; ++n) put(cache, name(n), topology, to(n + 1));
    std::size_t known = 0;
    for (std::size_t n = 0; n < 10'000; ++n) {
        const cached_route* const found = cache.find(name(n), topology);
        if (!found) continue;
        ++known;
        REQUIRE(found->to.size() == 1);
        REQUIRE(found->to.front().to == number(n + 1));
    }
    CHECK(known > 9'500);  // three of a hash are too many only where the table may not grow any more
}

TEST_CASE("a flood of names costs no more memory than the limit, and the newest ones are known") {
    route_cache cache;
    topology_log topology;
    for (std::size_t n = 0; n < 300'000; ++n) {
        put(cache, name(n), topology, to(n + 1));
        REQUIRE(cache.bytes() <= route_cache::bytes_max);
        REQUIRE(cache.find(name(n), topology));
    }
}

TEST_CASE("routes with many targets make room by forgetting others") {
    route_cache cache;
    topology_log topology;
    for (std::size_t n = 0; n < 2'000; ++n) {
        CHECK(put(cache, name(n), topology, to(1, 1'000)).size() == 1'000);
        REQUIRE(cache.bytes() <= route_cache::bytes_max);
        REQUIRE(cache.find(name(n), topology));
    }
    const targets huge = to(1, route_cache::bytes_max / sizeof(target));
    CHECK(&put(cache, "huge", topology, huge) == &huge);
    CHECK_FALSE(cache.find("huge", topology));
}

TEST_CASE("a route that somebody holds stays as it was when its place is taken") {
    route_cache cache;
    topology_log topology;
    put(cache, "a", topology, to(7));
    route_hint held;
    cache.find("a", topology, &held);
    topology.add();
    put(cache, "a", topology, to(8, 3));
    CHECK(held->version == 1);
    CHECK(held->to.size() == 1);
    CHECK(cache.find("a", topology)->to.size() == 3);
}

TEST_CASE("the place of a route with many targets does not keep their memory") {
    route_cache cache;
    topology_log topology;
    put(cache, "a", topology, to(1, 10'000));
    topology.add();
    put(cache, "a", topology, to(1));
    CHECK(cache.bytes() < 1'000);
}

TEST_CASE("a route is known while only other names change, by their levels or as they are written") {
    route_cache cache;
    topology_log topology;
    put(cache, "a", topology, to(7));
    put(cache, "b", topology, to(8));
    topology.add(levels_of("a"));
    CHECK_FALSE(cache.find("a", topology));
    REQUIRE(cache.find("b", topology));
    CHECK(cache.find("b", topology)->to.front().to == number(8));
    topology.add(hash_of_text("b"));
    CHECK_FALSE(cache.find("b", topology));
    put(cache, "a", topology, to(9));
    CHECK(cache.find("a", topology)->to.front().to == number(9));
    topology.add();
    CHECK_FALSE(cache.find("a", topology));
}

TEST_CASE("a route is given up when more has changed than is looked through, and not before") {
    route_cache cache;
    topology_log topology;
    put(cache, "a", topology, to(7));
    for (std::size_t n = 0; n < topology_log::kept; ++n) topology.add(levels_of(name(n)));
    REQUIRE(cache.find("a", topology));
    for (std::size_t n = 0; n < 10 * topology_log::kept; ++n) {  // who is asked for meanwhile stays known
        topology.add(levels_of(name(n)));
        REQUIRE(cache.find("a", topology));
    }
    for (std::size_t n = 0; n <= topology_log::kept; ++n) topology.add(levels_of(name(n)));
    CHECK_FALSE(cache.find("a", topology));
}

TEST_CASE("a change is seen wherever it stands among the others") {
    for (const std::size_t before : {std::size_t{0}, std::size_t{1}, std::size_t{100}, topology_log::kept - 1}) {
        topology_log topology;
        const std::uint64_t since = topology.version();
        for (std::size_t n = 0; n < before; ++n) topology.add(levels_of("b"));
        topology.add(levels_of("a"));
        while (topology.version() < since + topology_log::kept) topology.add(levels_of("b"));
        CHECK(topology.concerns({.levels = levels_of("a")}, since));
        CHECK_FALSE(topology.concerns({.levels = levels_of("c")}, since));
    }
}
