#include "bench/topics.hpp"

#include <catch2/catch.hpp>

using namespace causeway::bench;

TEST_CASE("numbered topics have eight digits, and levels behind them only for wildcards") {
    CHECK(numbered_topic("bench/run/7/", 42, false) == "bench/run/7/00000042");
    CHECK(numbered_topic("bench/run/7/", 42, true) == "bench/run/7/00000042/room/value");
}

TEST_CASE("filters with wildcards take turns in where these stand") {
    CHECK(wildcard_filter("bench/run/7/", 42, 0) == "bench/run/7/00000042/+/value");
    CHECK(wildcard_filter("bench/run/7/", 42, 1) == "+/run/7/00000042/room/+");
    CHECK(wildcard_filter("bench/run/7/", 42, 2) == "bench/run/7/00000042/#");
    CHECK(wildcard_filter("bench/run/7/", 42, 3) == "bench/+/7/00000042/#");
    CHECK(wildcard_filter("bench/run/7/", 42, 4) == wildcard_filter("bench/run/7/", 42, 0));
}
