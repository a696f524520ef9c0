#include "core/level_map.hpp"

#include <map>

#include <catch2/catch.hpp>

using namespace causeway::core;

namespace {

struct node {
    causeway::compact_text text;
    int value = 0;
};

std::map<std::string, int> all(const level_map<node>& of) {
    std::map<std::string, int> found;
    of.for_each([&](const node& n) { found.emplace(n.text.view(), n.value); });
    return found;
}

}  // namespace

TEST_CASE("children are found by their texts, however many there are") {
    level_map<node> below;
    CHECK(below.empty());
    CHECK_FALSE(below.find(""));
    for (int i = 0; i < 40; ++i) {
        below.child(std::to_string(i)).value = i;
        CHECK_FALSE(below.empty());
        for (int j = 0; j < 40; ++j) CHECK((below.find(std::to_string(j)) != nullptr) == (j <= i));
        CHECK(all(below).size() == static_cast<std::size_t>(i) + 1);
    }
    for (int i = 0; i < 40; ++i) CHECK(below.child(std::to_string(i)).value == i);
    CHECK(all(below).size() == 40);
}

TEST_CASE("children that are erased are gone, and others stay where they are") {
    for (int count = 1; count <= 4; ++count) {
        level_map<node> below;
        for (int i = 0; i < count; ++i) below.child(std::to_string(i)).value = i;
        below.erase("none of them");
        for (int i = 0; i < count; ++i) {
            const node* const last = below.find(std::to_string(count - 1));
            below.erase(std::to_string(i));
            CHECK(all(below).size() == static_cast<std::size_t>(count - 1 - i));
            CHECK_FALSE(below.find(std::to_string(i)));
            if (i + 1 < count) CHECK(below.find(std::to_string(count - 1)) == last);
        }
        CHECK(below.empty());
        CHECK(below.child("again").value == 0);
        CHECK(all(below) == std::map<std::string, int>{{"again", 0}});
    }
}

TEST_CASE("a level without text is a child like others") {
    level_map<node> below;
    below.child("").value = 1;
    REQUIRE(below.find(""));
    CHECK(below.find("")->value == 1);
    CHECK_FALSE(below.find("a"));
    below.erase("");
    CHECK(below.empty());
}
