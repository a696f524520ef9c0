#include "app/mapped.hpp"

#include <catch2/catch.hpp>

using namespace causeway::app;
using causeway::core::topic_mapping;

namespace {

/// One mapping's answer: "a%2Eb <- a.b"; the note if there is nothing.
std::string mapped(map_command what, topic_mapping mapping = topic_mapping::levels) {
    what.mapping = mapping;
    const auto names = map_name(what);
    if (!names) return "wrong: " + names.error();
    REQUIRE(names.value().by_mapping.size() == 1);
    const mapped_name& only = names.value().by_mapping[0];
    return only.there ? *only.there + " <- " + only.back.value_or("nothing") : only.note;
}
map_command topic(std::string name) { return {.name = std::move(name)}; }
map_command key(std::string name) { return {.name = std::move(name), .from_amqp = true}; }
map_command pattern(std::string name, bool from_amqp) { return {.name = std::move(name), .from_amqp = from_amqp, .pattern = true}; }

std::string text(const std::vector<named_text>& all, const std::string& name) {
    for (const auto& [n, value] : all)
        if (n == name) return value;
    return "(none)";
}

}  // namespace

TEST_CASE("a topic is told with each mapping [mapping.md, Names]") {
    CHECK(mapped(topic("a.b/*/c")) == "a%2Eb.*.c <- a.b/*/c");
    CHECK(mapped(topic("a.b/*/c"), topic_mapping::rabbitmq) == "a.b.*.c <- a/b/*/c");
    CHECK(mapped(topic("a.b/*/c"), topic_mapping::slash) == "a.b/*/c <- a.b/*/c");
    CHECK(map_name(topic("a")).value().by_mapping.size() == 3);
    CHECK(map_name(topic(std::string(300, 'a'))).value().by_mapping[0].note.find("x-mqtt-topic") != std::string::npos);
}

TEST_CASE("patterns are told both ways, and what no pattern says [mapping.md, Patterns]") {
    CHECK(mapped(topic("a/+/#")) == "a.*.# <- a/+/#");
    CHECK(mapped(topic("$share/g/a/+")) == "a.* <- a/+");
    CHECK(mapped(pattern("a.*.%23", true)) == "a/+/%23 <- a.*.%23");
    CHECK(mapped(pattern("#.a", true)) == "no topic filter says it");
    CHECK(mapped(pattern("a/*", false)) == "a.%2A <- a/*");
    CHECK(mapped(pattern("a/*", false), topic_mapping::rabbitmq) == "a.* <- a/+");
}

TEST_CASE("a key that is no topic is said to be none [mapping.md, Names]") {
    CHECK(mapped(key("a/b")) == "a%2Fb <- a/b");
    CHECK(mapped(key("")).starts_with("no topic"));
    CHECK(mapped(key("\xFF")).starts_with("no topic"));
    CHECK(mapped(key("a.#"), topic_mapping::slash).starts_with("no topic"));
}

TEST_CASE("a subscription to a queue is no binding key but that queue [mapping.md, Meeting points]") {
    CHECK(mapped(pattern("$queue/a.b/c", false)) == "a.b/c <- $queue/a.b/c");
    CHECK(map_name(pattern("$queue/q", false)).value().other_kind == "queue");
    CHECK(mapped(topic("$queue/+")).starts_with("wrong: a subscription to a queue"));
    CHECK(mapped(pattern("$share/g/$queue/q", false)).starts_with("wrong: not a topic filter"));
}

TEST_CASE("what is no name is refused in words") {
    CHECK(mapped(topic("a/#/b")).starts_with("wrong: not a topic filter"));
    CHECK(mapped(topic("\xFF")).starts_with("wrong: not UTF-8"));
    CHECK(mapped(key(std::string(256, 'k'))).starts_with("wrong: a key"));
    CHECK(mapped(topic("$amqp/queue/")).starts_with("wrong: an address"));
}

TEST_CASE("properties of MQTT are told in AMQP's words, and nothing of them is lost [mapping.md, Properties]") {
    const auto all = map_properties({.properties = {{"property", "a=1"}, {"response-topic", "x/y"}, {"qos", "2"}, {"message-expiry", "60"}}});
    REQUIRE(all);
    CHECK(text(all.value().there, "reply_to") == "mqtt:x/y");
    CHECK(text(all.value().there, "header a") == "S \"1\"");
    CHECK(text(all.value().there, "expiration") == "60000");
    CHECK(all.value().lost.empty());
}

TEST_CASE("properties are told with the mapping that is asked for [mapping.md, Mapping rabbitmq]") {
    const std::vector<named_text> said = {{"qos", "1"}};
    const auto levels = map_properties({.properties = said}), rabbitmq = map_properties({.mapping = topic_mapping::rabbitmq, .properties = said});
    CHECK(text(levels.value().there, "header x-mqtt-publish-qos") == "(none)");
    CHECK(text(rabbitmq.value().there, "header x-mqtt-publish-qos") == "b 1");
    CHECK(text(rabbitmq.value().there, "header x-mqtt-dup") == "t false");
}

TEST_CASE("an expiry that AMQP has no words for is told with what comes back [mapping.md, Properties]") {
    const auto all = map_properties({.properties = {{"message-expiry", "400000000"}}});
    REQUIRE(all);
    CHECK(text(all.value().there, "expiration") == "315360000000");
    CHECK(all.value().lost == std::vector<named_text>{{"Message Expiry Interval = 400000000", "315360000"}});
}

TEST_CASE("properties of AMQP are told in MQTT's words, and what of them is lost [mapping.md, Properties]") {
    const auto all = map_properties({.from_amqp = true, .properties = {{"header", "n:=5"}, {"message-id", "m"}, {"expiration", "1500"}}});
    REQUIRE(all);
    CHECK(text(all.value().there, "User Property n") == "5");
    CHECK(text(all.value().there, "User Property amqp-message-id") == "m");
    CHECK(text(all.value().there, "Message Expiry Interval") == "2");
    CHECK(all.value().lost == std::vector<named_text>{{"expiration = 1500", "2000"}, {"header n = l 5", "S \"5\""}});
}

TEST_CASE("wrong properties are refused in words") {
    const auto refused = [](bool from_amqp, const char* option, const char* value) {
        const auto all = map_properties({.from_amqp = from_amqp, .properties = {{option, value}}});
        return all ? std::string("accepted") : all.error();
    };
    CHECK(refused(false, "header", "a=1") == "--header belongs to AMQP: add --from amqp");
    CHECK(refused(true, "qos", "1") == "--qos belongs to MQTT: leave out --from amqp");
    CHECK(refused(false, "qos", "3") == "--qos: '3' is no whole number from 0 to 2");
    CHECK(refused(false, "property", "a") == "--property: 'a' is not NAME=VALUE");
    CHECK(refused(true, "header", "a:=[1, 2]").find("compact JSON") != std::string::npos);
    CHECK(refused(false, "response-topic", "a/#").starts_with("MQTT allows no such properties"));
}
