#include "app/suggestion.hpp"

#include <array>

#include <catch2/catch.hpp>

using namespace causeway::app;

namespace {
constexpr std::array<std::string_view, 4> keys{"name", "protocol", "address", "port"};
}

TEST_CASE("the edit distance counts insertions, deletions, replacements and swaps") {
    CHECK(edit_distance("", "") == 0);
    CHECK(edit_distance("port", "port") == 0);
    CHECK(edit_distance("prt", "port") == 1);
    CHECK(edit_distance("portt", "port") == 1);
    CHECK(edit_distance("pork", "port") == 1);
    CHECK(edit_distance("prot", "port") == 1);
    CHECK(edit_distance("kitten", "sitting") == 3);
    CHECK(edit_distance("", "port") == 4);
}

TEST_CASE("the nearest word is offered if it can have been meant") {
    CHECK(nearest("prot", keys) == "port");
    CHECK(nearest("adress", keys) == "address");
    CHECK(nearest("protocoll", keys) == "protocol");
    CHECK(nearest("zebra", keys).empty());
    CHECK(nearest("", keys).empty());
    CHECK(did_you_mean("nmae", keys) == "; did you mean 'name'?");
    CHECK(did_you_mean("zebra", keys).empty());
}
