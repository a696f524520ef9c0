// Delivery tags that wait for their acknowledgement (AMQP 0-9-1, 1.8.3.13).

#include <catch2/catch.hpp>

#include "protocols/amqp/unacked.hpp"

using namespace causeway::amqp;

namespace {

unacked with(std::uint64_t count) {
    unacked u;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::uint64_t tag = u.next_tag();
        u.add({.tag = tag, .seq = 100 + tag});
    }
    return u;
}

std::vector<std::uint64_t> tags(const std::vector<delivery>& taken) {
    std::vector<std::uint64_t> all;
    for (const delivery& d : taken) all.push_back(d.tag);
    return all;
}

}  // namespace

TEST_CASE("a tag is taken once, in whatever order") {
    unacked u = with(5);
    std::vector<delivery> out;
    for (std::uint64_t tag : {3, 1, 5, 2, 4}) {
        CHECK(u.take(tag, false, out));
        CHECK_FALSE(u.take(tag, false, out));
    }
    CHECK(tags(out) == std::vector<std::uint64_t>{3, 1, 5, 2, 4});
    CHECK(u.size() == 0);
}

TEST_CASE("multiple takes all up to the tag, in order, without what was taken before") {
    unacked u = with(5);
    std::vector<delivery> out;
    u.take(2, false, out);
    out.clear();
    CHECK(u.take(4, true, out));
    CHECK(tags(out) == std::vector<std::uint64_t>{1, 3, 4});
    CHECK(u.size() == 1);
}

TEST_CASE("tag 0 with multiple takes everything, and alone it is unknown") {
    unacked u = with(3);
    std::vector<delivery> out;
    CHECK_FALSE(u.take(0, false, out));
    CHECK(u.take(0, true, out));
    CHECK(tags(out) == std::vector<std::uint64_t>{1, 2, 3});
}

TEST_CASE("what was taken can be put back, also between gaps") {
    unacked u = with(4);
    std::vector<delivery> first;
    u.take(2, false, first);
    std::vector<delivery> second;
    u.take(3, false, second);
    u.restore(first);
    u.restore(second);
    std::vector<delivery> all;
    CHECK(u.take(4, true, all));
    CHECK(tags(all) == std::vector<std::uint64_t>{1, 2, 3, 4});
}

TEST_CASE("one delivery that is never acknowledged does not break the many behind it") {
    unacked u;
    std::vector<delivery> out;
    const std::uint64_t oldest = u.next_tag();
    u.add({.tag = oldest, .seq = 1});
    for (int i = 0; i < 10'000; ++i) {
        const std::uint64_t tag = u.next_tag();
        u.add({.tag = tag, .seq = 1 + tag});
        REQUIRE(u.take(tag, false, out));
    }
    for (int i = 0; i < 200; ++i) {  // and with gaps in the middle
        const std::uint64_t tag = u.next_tag();
        u.add({.tag = tag, .seq = 1 + tag});
        const std::uint64_t other = u.next_tag();
        u.add({.tag = other, .seq = 1 + other});
        REQUIRE(u.take(tag, false, out));
    }
    CHECK(u.size() == 201);
    CHECK(u.take(oldest, false, out));
}
