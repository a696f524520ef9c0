// The x-arguments of queues and exchanges: what is refused, with RabbitMQ's words.

#include <catch2/catch.hpp>

#include "core/queue_arguments.hpp"
#include "tests/unit/core/core_world.hpp"

using namespace causeway;
using namespace causeway::core;
using namespace causeway::test;

namespace {

queue_definition with(field_table arguments) {
    return {.name = "q", .durable = true, .exclusive = false, .auto_delete = false, .arguments = std::move(arguments)};
}

std::string wrong_with(field_table arguments) {
    const auto parsed = parse_queue_arguments(with(std::move(arguments)), "/");
    return parsed ? "" : parsed.error().text;
}

std::string differing(const field_table& received, const field_table& current) {
    const auto compared = compare_queue_arguments(with(received), with(current), "/");
    return compared ? "" : compared.error().text;
}

const field_value quorum = std::string("quorum");
const field_value word = std::string("a");
const field_value one = std::int32_t{1};

}  // namespace

TEST_CASE("an argument that makes no sense is refused with RabbitMQ's reason") {
    const auto [name, value, why] = GENERATE(Catch::Generators::table<std::string, field_value, std::string>({
        {"x-message-ttl", std::int32_t{-1}, "{value_negative,-1}"},
        {"x-message-ttl", word, "\"expected integer, got longstr\""},
        {"x-message-ttl", true, "\"expected integer, got bool\""},
        {"x-message-ttl", std::int64_t{1} << 40, "{value_too_large,1099511627776}"},
        {"x-expires", std::int32_t{0}, "{value_zero,0}"},
        {"x-expires", std::int32_t{-1}, "{value_negative,-1}"},
        {"x-max-length", std::int32_t{-1}, "{value_negative,-1}"},
        {"x-max-length-bytes", word, "\"expected integer, got longstr\""},
        {"x-max-priority", std::int32_t{256}, "{max_value_exceeded,256}"},
        {"x-overflow", word, "invalid_overflow"},
        {"x-overflow", one, "{unacceptable_type,signedint}"},
        {"x-dead-letter-routing-key", word, "routing_key_but_no_dlx_defined"},
        {"x-dead-letter-routing-key", one, "{unacceptable_type,signedint}"},
        {"x-single-active-consumer", one, "{unacceptable_type,signedint}"},
        {"x-queue-type", word, "\"unsupported queue type 'a'\""},
        {"x-queue-type", std::string("stream"), "\"unsupported queue type 'stream'\""},
        {"x-queue-type", one, "{unacceptable_type,signedint}"},
        {"x-queue-mode", word, "\"unsupported queue mode 'a'\""},
        {"x-queue-version", std::int32_t{3}, "\"unsupported queue version '3'\""},
    }));
    CHECK(wrong_with({{name, value}}) == "invalid arg '" + name + "' for queue 'q' in vhost '/': " + why);
}

TEST_CASE("a dead-letter or alternate exchange is named by a string") {
    CHECK(wrong_with({{"x-dead-letter-exchange", one}}) ==
          "invalid type 'signedint' for arg 'x-dead-letter-exchange' in queue 'q' in vhost '/'");
    core_world w;
    const auto declared = w.broker().declare_exchange({.name = "x", .arguments = {{"alternate-exchange", one}}});
    REQUIRE_FALSE(declared);
    CHECK(declared.error().text == "invalid type 'signedint' for arg 'alternate-exchange' in exchange 'x' in vhost '/'");
}

TEST_CASE("each type of queue has arguments of its own") {
    CHECK(wrong_with({{"x-delivery-limit", one}}) ==
          "invalid arg 'x-delivery-limit' for queue 'q' in vhost '/' of queue type rabbit_classic_queue");
    CHECK(wrong_with({{"x-queue-type", quorum}, {"x-max-priority", one}}) ==
          "invalid arg 'x-max-priority' for queue 'q' in vhost '/' of queue type rabbit_quorum_queue");
    CHECK(wrong_with({{"x-queue-type", quorum}, {"x-delivery-limit", one}, {"x-dead-letter-strategy", std::string("at-least-once")}})
              .empty());
    CHECK(wrong_with({{"x-queue-type", std::string("classic")}, {"x-queue-mode", std::string("lazy")}, {"x-queue-version", std::int8_t{2}},
                      {"x-queue-master-locator", std::string("min-masters")}, {"x-consumer-timeout", word}, {"mine", word}})
              .empty());
}

TEST_CASE("a quorum queue is durable, shared and stays") {
    const auto refused = [](queue_definition d) {
        d.arguments = {{"x-queue-type", quorum}};
        return parse_queue_arguments(d, "/").error().text;
    };
    queue_definition d = with({});
    d.exclusive = true;
    CHECK(refused(d) == "invalid property 'exclusive-owner' for queue 'q' in vhost '/'");
    d.exclusive = false;
    d.auto_delete = true;
    CHECK(refused(d) == "invalid property 'auto-delete' for queue 'q' in vhost '/'");
    d.durable = false;
    CHECK(refused(d) == "invalid property 'non-durable' for queue 'q' in vhost '/'");
}

TEST_CASE("arguments mean what they say, in every width of integers") {
    const auto limits = parse_queue_arguments(with({{"x-expires", std::uint16_t{5000}},
                                                    {"x-message-ttl", std::int8_t{0}},
                                                    {"x-max-length", std::uint64_t{7}},
                                                    {"x-overflow", std::string("reject-publish-dlx")},
                                                    {"x-queue-type", quorum},
                                                    {"x-delivery-limit", std::int64_t{3}},
                                                    {"x-single-active-consumer", true}}),
                                              "/")
                            .value();
    CHECK(limits.expires_ms == 5000);
    CHECK(limits.ttl_ms == 0);
    CHECK(limits.messages_max == 7U);
    CHECK(limits.overflow == overflow::reject_publish_dlx);
    CHECK(limits.type == queue_type::quorum);
    CHECK(limits.delivery_limit == 3U);
    CHECK(limits.single_active_consumer);
}

TEST_CASE("arguments of a stored queue that are refused today leave the others as they are") {
    const queue_limits limits = known_queue_arguments(with({{"x-delivery-limit", one}, {"x-message-ttl", word}, {"x-max-length", one}}));
    CHECK(limits.messages_max == 1U);
    CHECK_FALSE(limits.ttl_ms);
    CHECK_FALSE(limits.delivery_limit);
}

TEST_CASE("declarations are compared argument by argument, with RabbitMQ's words") {
    const field_table ttl{{"x-message-ttl", std::int32_t{100}}};
    CHECK(differing({{"x-message-ttl", std::int32_t{200}}}, ttl) ==
          "inequivalent arg 'x-message-ttl' for queue 'q' in vhost '/': received '200' but current is '100'");
    CHECK(differing({}, ttl) == "inequivalent arg 'x-message-ttl' for queue 'q' in vhost '/': received none but current is the value "
                                "'100' of type 'signedint'");
    CHECK(differing({{"x-single-active-consumer", true}}, {}) ==
          "inequivalent arg 'x-single-active-consumer' for queue 'q' in vhost '/': received the value 'true' of type 'bool' but "
          "current is none");
    CHECK(differing({{"x-queue-type", quorum}}, {}) ==
          "inequivalent arg 'x-queue-type' for queue 'q' in vhost '/': received the value 'quorum' of type 'longstr' but current is none");
    CHECK(differing({{"x-message-ttl", std::uint8_t{100}}}, ttl).empty());
    CHECK(differing({{"x-queue-type", std::string("classic")}}, {}).empty());
    CHECK(differing({{"x-unknown", one}}, {}).empty());
    CHECK(differing({{"x-consumer-timeout", one}}, {}).empty());
}

TEST_CASE("every argument that means something to a queue is compared") {
    const std::string name = GENERATE("x-expires", "x-message-ttl", "x-dead-letter-exchange", "x-dead-letter-routing-key", "x-max-length",
                                      "x-max-length-bytes", "x-max-priority", "x-overflow", "x-single-active-consumer", "x-queue-mode",
                                      "x-queue-version", "x-queue-master-locator", "x-delivery-limit");
    CHECK(differing({{name, std::int32_t{2}}}, {{name, std::int32_t{1}}}) ==
          "inequivalent arg '" + name + "' for queue 'q' in vhost '/': received '2' but current is '1'");
}

TEST_CASE("a consumer's x-priority is any integer") {
    CHECK(parse_consumer_priority({}, "q", "/").value() == 0);
    CHECK(parse_consumer_priority({{"x-priority", std::int16_t{-5}}}, "q", "/").value() == -5);
    CHECK(parse_consumer_priority({{"x-priority", word}}, "q", "/").error().text ==
          "invalid arg 'x-priority' for queue 'q' in vhost '/': \"expected integer, got longstr\"");
}
