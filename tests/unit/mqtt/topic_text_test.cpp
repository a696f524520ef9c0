#include <catch2/catch.hpp>

#include "protocols/mqtt/topic_text.hpp"

using namespace causeway::mqtt;

TEST_CASE("a topic name has characters, and none of them is a wildcard [MQTT-3.3.2-2, MQTT-4.7.3-1]") {
    for (const char* name : {"a", "/", "//", "a/b", " ", "$SYS/x", "a.b*c", "$share/g/a"}) CHECK(valid_topic_name(name));
    for (const char* name : {"", "+", "#", "a/+", "a+b", "a/#", "a#"}) CHECK_FALSE(valid_topic_name(name));
}

TEST_CASE("'#' stands alone in the last level [MQTT-4.7.1-1]") {
    for (const char* filter : {"#", "/#", "a/#", "a/b/#", "+/#"}) CHECK(valid_topic_filter(filter));
    for (const char* filter : {"##", "a#", "#a", "#/", "#/a", "a/#/b", "a/b#", "a/##"}) CHECK_FALSE(valid_topic_filter(filter));
}

TEST_CASE("'+' fills whole levels, anywhere [MQTT-4.7.1-2]") {
    for (const char* filter : {"+", "/+", "+/", "+/+", "a/+/b", "+/a/+"}) CHECK(valid_topic_filter(filter));
    for (const char* filter : {"++", "a+", "+a", "a/+b", "a/b+/c", "+#"}) CHECK_FALSE(valid_topic_filter(filter));
}

TEST_CASE("a filter has at least one character [MQTT-4.7.3-1]") {
    CHECK_FALSE(valid_topic_filter(""));
    CHECK_FALSE(parse_filter(""));
}

TEST_CASE("a shared filter is taken apart [MQTT-4.8.2-1]") {
    const auto parts = parse_filter("$share/group/a/+/#");
    REQUIRE(parts);
    CHECK(parts->shared());
    CHECK(parts->group == "group");
    CHECK(parts->filter == "a/+/#");
    CHECK(parse_filter("$share/g//")->filter == "/");
}

TEST_CASE("a filter that is not shared is left whole") {
    for (const char* filter : {"a/b", "$shared/g/a", "$shared", "$SYS/#", "/$share/g/a"}) {
        REQUIRE(parse_filter(filter));
        CHECK_FALSE(parse_filter(filter)->shared());
        CHECK(parse_filter(filter)->filter == filter);
    }
}

TEST_CASE("a shared filter names a group without separators and wildcards, and a filter [MQTT-4.8.2-1, MQTT-4.8.2-2]") {
    for (const char* filter : {"$share", "$share/", "$share//a", "$share/g", "$share/g/", "$share/+/a", "$share/g#/a", "$share/g/a#"})
        CHECK_FALSE(parse_filter(filter));
}
