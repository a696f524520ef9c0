// What was needed for once, and is not kept for ever: of these there may be one for each of a million clients, or one as large as all.

#include <catch2/catch.hpp>

#include <cstdint>
#include <string>

#include "base/id_map.hpp"
#include "tests/footprint/counted_heap.hpp"
#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::test;

TEST_CASE("an id map that runs empty gives its memory back") {
    id_map<std::uint64_t> map;
    const std::int64_t before = heap_bytes();
    for (std::uint16_t id = 1; id <= 1000; ++id) map.set(id, id);
    CHECK(heap_bytes() - before > 1000 * 16);
    for (std::uint16_t id = 1; id <= 1000; ++id) map.erase(id);
    CHECK(heap_bytes() == before);
}

TEST_CASE("a search that has found very many gives their memory back with the next one") {
    core_world w;
    constexpr int many = 10'000;
    for (int i = 0; i < many; ++i) w.subscribe(w.session("s" + std::to_string(i), 0), "many");
    w.settle();
    w.publish("amq.topic", "many", "x", 0, plain_mqtt);
    const std::int64_t before = heap_bytes();
    w.publish("amq.topic", "nobody", "x", 0, plain_mqtt);
    CHECK(before - heap_bytes() > many * static_cast<std::int64_t>(sizeof(core::target)));
}
