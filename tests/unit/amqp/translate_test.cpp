// Messages across the border, both ways (docs/mapping.md, Properties and Delivery).

#include "protocols/amqp/translate.hpp"

#include <catch2/catch.hpp>

#include <boost/smart_ptr/make_local_shared.hpp>

#include "protocols/amqp/origin.hpp"
#include "protocols/amqp/print.hpp"
#include "protocols/amqp/table.hpp"
#include "protocols/mqtt/names.hpp"

using namespace causeway;
using namespace causeway::amqp;
using core::topic_mapping;

namespace {

/// Topics as MQTT writes them; properties are given in neutral form by each test.
class topics final : public core::origin {
public:
    core::protocol id() const override { return core::protocol::mqtt; }
    core::topic_levels levels(std::string_view topic) const override {
        return mqtt::levels_of_topic(topic, topic_mapping::levels);
    }
    core::topic_pattern pattern(std::string_view filter) const override {
        return mqtt::pattern_of_filter(filter, topic_mapping::levels);
    }
    core::properties parse_properties(std::string_view) const override { return {}; }
};
const topics from_mqtt;
const amqp::origin from_amqp(topic_mapping::levels);

struct published {
    std::string topic = "a/b";
    core::qos qos = core::qos::at_least_once;
    bool retain = false;
    std::int64_t expires_wall_ms = 0;
    core::properties properties = {};
    core::publisher by = {};
};

core::message_ptr message_of(const published& p) {
    core::message_parts parts;
    parts.from = &from_mqtt;
    parts.exchange = "amq.topic";
    parts.name = p.topic;
    parts.payload = "payload";
    parts.qos = p.qos;
    parts.durable = p.qos != core::qos::at_most_once;
    parts.retain = p.retain;
    parts.expires_wall_ms = p.expires_wall_ms;
    parts.neutral = std::make_unique<core::properties>(p.properties);
    if (!p.by.client_id.empty()) parts.by = boost::make_local_shared<core::publisher>(p.by);
    return core::message::make(std::move(parts));
}

/// The block that an AMQP consumer gets, printed.
std::string seen(const published& p, std::int64_t now_wall_ms = 0) {
    const core::message_ptr m = message_of(p);
    return print_block(outgoing(*m, topic_mapping::levels, now_wall_ms).block());
}

published with(core::field_table headers) {
    published p;
    p.properties.headers = std::move(headers);
    return p;
}

core::field_table headers_seen(const published& p) {
    const core::message_ptr m = message_of(p);
    return headers_of(outgoing(*m, topic_mapping::levels, 0).block());
}

std::string text_header(const core::field_table& headers, std::string_view name) {
    const core::field_value* value = core::find(headers, name);
    const std::string* text = value != nullptr ? core::as_text(*value) : nullptr;
    return text != nullptr ? *text : "(none)";
}

result<publish_facts, refusal> facts(std::optional<std::uint8_t> delivery_mode, const core::field_table& headers = {}) {
    core::properties p;
    p.headers = headers;
    const std::string block = to_block(p, delivery_mode, {});
    return facts_of(*read_block(block));
}

std::string expiration_error(std::string_view text) {
    property_block p;
    p.expiration = text;
    const auto read = facts_of(p);
    return read ? "accepted " + std::to_string(*read.value().ttl_ms) : reply_text(read.error().code, read.error().text);
}

}  // namespace

TEST_CASE("a message from AMQP keeps its exact bytes (mapping.md)") {
    const std::string block("\x90\x00\x0atext/plain\x02", 14);
    core::message_parts parts;
    parts.from = &from_amqp;
    parts.exchange = "x";
    parts.name = "a%2Eb./.\xFF";
    parts.raw_properties = block;
    const auto m = core::message::make(std::move(parts));
    const outgoing out(*m, topic_mapping::levels, 0);
    CHECK(out.exchange() == "x");
    CHECK(out.routing_key() == "a%2Eb./.\xFF");
    CHECK(out.block() == block);
    CHECK(out.block().data() == m->raw_properties().data());
}

TEST_CASE("a message from AMQP that the broker changed is written anew, without words of MQTT (mapping.md)") {
    core::properties p;
    p.type = "t";
    p.headers = {{"x-death", core::field_array{}}, {"x-mqtt-retain", std::string("mine")}};
    p.correlation_id = "\xFF";
    core::message_parts parts;
    parts.from = &from_amqp;
    parts.name = "k";
    parts.durable = true;
    parts.neutral = std::make_unique<core::properties>(p);
    const auto m = core::message::make(std::move(parts));
    CHECK(
        print_block(outgoing(*m, topic_mapping::levels, 0).block()) ==
        "[headers={\"x-death\": [], \"x-mqtt-retain\": S \"mine\"}, delivery_mode=2, correlation_id=\"\xFF\", type=\"t\"]");
}

TEST_CASE("a topic becomes a routing key (mapping.md, Names)") {
    published p;
    p.topic = "a.b/c";
    const auto m = message_of(p);
    const outgoing out(*m, topic_mapping::levels, 0);
    CHECK(out.exchange() == "amq.topic");
    CHECK(out.routing_key() == "a%2Eb.c");
}

TEST_CASE("a topic over 255 bytes is whole in a header (mapping.md, Names)") {
    published p;
    p.topic = std::string(200, 'a') + "/" + std::string(100, 'b');
    const auto m = message_of(p);
    const outgoing out(*m, topic_mapping::levels, 0);
    CHECK(out.routing_key().size() == 200 + 3 + 16);
    CHECK(text_header(headers_of(out.block()), "x-mqtt-topic") == p.topic);
}

TEST_CASE("QoS becomes delivery_mode, and QoS 2 is told in a header (mapping.md, Delivery)") {
    published p;
    p.qos = core::qos::at_most_once;
    CHECK(seen(p) == "[delivery_mode=1]");
    p.qos = core::qos::at_least_once;
    CHECK(seen(p) == "[delivery_mode=2]");
    p.qos = core::qos::exactly_once;
    CHECK(seen(p) == "[headers={\"x-mqtt-publish-qos\": b 2}, delivery_mode=2]");
}

TEST_CASE("RabbitMQ's mapping tells every QoS, and DUP, in headers (mapping.md, Mapping rabbitmq)") {
    published p;
    p.qos = core::qos::at_most_once;
    const core::message_ptr m = message_of(p);
    const core::field_table headers = headers_of(outgoing(*m, topic_mapping::rabbitmq, 0).block());
    REQUIRE(core::find(headers, "x-mqtt-publish-qos") != nullptr);
    CHECK(*core::find(headers, "x-mqtt-publish-qos") == core::field_value(std::int8_t{0}));
    REQUIRE(core::find(headers, "x-mqtt-dup") != nullptr);
    CHECK(*core::find(headers, "x-mqtt-dup") == core::field_value(false));
}

TEST_CASE("content type and correlation data have their places, and headers if they do not fit (mapping.md, Properties)") {
    published p;
    p.properties.content_type = "text/plain";
    p.properties.correlation_id = "id-1";
    CHECK(seen(p) == "[content_type=\"text/plain\", delivery_mode=2, correlation_id=\"id-1\"]");
    p.properties.content_type = std::string(256, 'c');
    p.properties.correlation_id = "\xFF\x01";
    CHECK(seen(p) == "[headers={\"x-mqtt-content-type\": S \"" + std::string(256, 'c') +
                         "\", \"x-correlation-id\": x \"\xFF\\x01\"}, delivery_mode=2]");
    p.properties.correlation_id = std::string(256, 'i');
    CHECK(text_header(headers_seen(p), "x-correlation-id") == std::string(256, 'i'));
}

TEST_CASE("a response topic is a reply-to that an AMQP server can answer (mapping.md, Properties)") {
    published p;
    p.properties.reply_topic = "replies/7";
    CHECK(seen(p) == "[headers={\"x-reply-to-topic\": S \"replies/7\"}, delivery_mode=2, reply_to=\"mqtt:replies/7\"]");
    CHECK(topic_of_reply_key("mqtt:replies/7") == "replies/7");
    CHECK_FALSE(topic_of_reply_key("replies.7").has_value());
    p.properties.reply_topic = std::string(251, 'r');
    CHECK(seen(p).find("reply_to") == std::string::npos);
    CHECK(text_header(headers_seen(p), "x-reply-to-topic") == std::string(251, 'r'));
}

TEST_CASE("a response topic that names a queue is that queue (mapping.md, Properties)") {
    published p;
    p.properties.reply_to = "amq.gen-1";
    CHECK(seen(p) == "[delivery_mode=2, reply_to=\"amq.gen-1\"]");
}

TEST_CASE("user properties are headers in their order (mapping.md, Properties)") {
    CHECK(seen(with({{"b", std::string("1")}, {"a", std::string("2")}, {"t", core::field_table{{"x", true}}}})) ==
          "[headers={\"b\": S \"1\", \"a\": S \"2\", \"t\": {\"x\": t true}}, delivery_mode=2]");
}

TEST_CASE("client id and user name are told, and user_id is always the verified one (mapping.md, Properties)") {
    published p;
    p.by = {connection_id{1}, session_id{1}, "sensor-7", "alice"};
    CHECK(seen(p) == "[headers={\"x-mqtt-client-id\": S \"sensor-7\"}, delivery_mode=2, user_id=\"alice\"]");
    p.properties.user_id = "root";
    CHECK(seen(p) ==
          "[headers={\"amqp-user-id\": S \"root\", \"x-mqtt-client-id\": S \"sensor-7\"}, delivery_mode=2, "
          "user_id=\"alice\"]");
    p.properties.user_id = "alice";
    CHECK(headers_seen(p).size() == 1);
}

TEST_CASE("a vhost may keep to itself who published in MQTT (mapping.md, Properties)") {
    published p;
    p.by = {connection_id{1}, session_id{1}, "sensor-7", "alice"};
    core::crossing_rules rules;
    rules.publisher_to_amqp = false;
    const core::message_ptr m = message_of(p);
    CHECK(print_block(outgoing(*m, rules, 0).block()) == "[delivery_mode=2]");
}

TEST_CASE("a will says that it is one, and no other message does (mapping.md, Meeting points)") {
    CHECK(core::find(headers_seen({}), "x-mqtt-will") == nullptr);
    const core::message_ptr plain = message_of({});
    core::message_parts parts = plain->parts();  // of which they are views
    parts.will = true;
    const auto m = core::message::make(std::move(parts));
    CHECK(print_block(outgoing(*m, topic_mapping::levels, 0).block()) ==
          "[headers={\"x-mqtt-will\": t true}, delivery_mode=2]");
}

TEST_CASE("retain and payload format are headers (mapping.md, Properties)") {
    published p;
    p.retain = true;
    p.properties.payload_format = 1;
    CHECK(seen(p) == "[headers={\"x-mqtt-retain\": t true, \"x-mqtt-payload-format\": b 1}, delivery_mode=2]");
}

TEST_CASE("basic properties that MQTT carries as user properties are basic properties again (mapping.md, Properties)") {
    published p;
    p.properties.message_id = "m";
    p.properties.timestamp_s = 1'700'000'000;
    p.properties.type = "t";
    p.properties.app_id = "app";
    p.properties.content_encoding = "gzip";
    p.properties.priority = 3;
    CHECK(seen(p) ==
          "[content_encoding=\"gzip\", delivery_mode=2, priority=3, message_id=\"m\", timestamp=1700000000, "
          "type=\"t\", app_id=\"app\"]");
    p.properties.message_id = std::string(256, 'm');
    CHECK(text_header(headers_seen(p), "amqp-message-id") == std::string(256, 'm'));
}

TEST_CASE("expiration is what remains (mapping.md, Properties)") {
    published p;
    p.expires_wall_ms = 10'000;
    CHECK(seen(p, 4'000) == "[delivery_mode=2, expiration=\"6000\"]");
    CHECK(seen(p, 20'000) == "[delivery_mode=2, expiration=\"0\"]");
    p.expires_wall_ms = 4'294'967'295'000;  // MQTT's longest: who publishes again what it got is not to be refused
    CHECK(seen(p) == "[delivery_mode=2, expiration=\"315360000000\"]");
}

TEST_CASE("delivery_mode and headers say what a publish means (mapping.md, Delivery)") {
    CHECK(facts({}).value().qos == core::qos::at_most_once);
    CHECK_FALSE(facts({}).value().durable);
    CHECK(facts(1).value().qos == core::qos::at_most_once);
    CHECK(facts(2).value().qos == core::qos::at_least_once);
    CHECK(facts(2).value().durable);
    CHECK(facts(2, {{"x-mqtt-publish-qos", std::int8_t{2}}}).value().qos == core::qos::exactly_once);
    CHECK(facts(2, {{"x-mqtt-publish-qos", std::int32_t{0}}}).value().qos == core::qos::at_most_once);
    CHECK(facts(2, {{"x-mqtt-publish-qos", std::int32_t{3}}}).value().qos == core::qos::at_least_once);
    CHECK(facts(2, {{"x-mqtt-publish-qos", std::string("2")}}).value().qos == core::qos::at_least_once);
}

TEST_CASE("an AMQP publisher retains by a header (mapping.md, Properties)") {
    CHECK(facts(2, {{"x-mqtt-retain", true}}).value().retain);
    CHECK_FALSE(facts(2, {{"x-mqtt-retain", false}}).value().retain);
    CHECK_FALSE(facts(2, {{"x-mqtt-retain", std::string("true")}}).value().retain);
    CHECK_FALSE(facts(2).value().retain);
}

TEST_CASE("expiration is a number of milliseconds, or refused in RabbitMQ's words (mapping.md, Properties)") {
    CHECK(expiration_error("60000") == "accepted 60000");
    CHECK(expiration_error("0") == "accepted 0");
    CHECK(expiration_error("4294967295") == "accepted 4294967295");
    CHECK(expiration_error("abc") == "PRECONDITION_FAILED - invalid expiration 'abc': no_integer");
    CHECK(expiration_error("") == "PRECONDITION_FAILED - invalid expiration '': no_integer");
    CHECK(expiration_error("+-1") == "PRECONDITION_FAILED - invalid expiration '+-1': no_integer");
    CHECK(expiration_error("10s") == "PRECONDITION_FAILED - invalid expiration '10s': {leftover_string,\"s\"}");
    CHECK(expiration_error("-1") == "PRECONDITION_FAILED - invalid expiration '-1': {value_negative,-1}");
    CHECK(expiration_error("315360000000") == "accepted 315360000000");
    CHECK(expiration_error("315360000001") ==
          "PRECONDITION_FAILED - invalid expiration '315360000001': {value_too_large,315360000001}");
    CHECK(expiration_error("99999999999999999999") ==
          "PRECONDITION_FAILED - invalid expiration '99999999999999999999': {value_too_large,99999999999999999999}");
}
