// Messages that did not come from MQTT, as an MQTT subscriber gets them, and the way back (docs/mapping.md).

#include "protocols/mqtt/amqp_address.hpp"
#include "protocols/mqtt/neutral.hpp"
#include "tests/unit/mqtt/mqtt_world.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using namespace causeway::mqtt::test;

namespace {

/// As MQTT properties, printed in a PUBLISH.
std::string written(const core::properties& p) {
    std::string bytes;
    property_writer writer(bytes);
    write_neutral(p, writer);
    const auto checked = properties::check(bytes, property_place::publish);
    REQUIRE(checked);
    return print(publish{.topic = "t", .properties = checked.value()});
}
std::string as_publish(const std::string& properties_text) { return "PUBLISH q0 't' payload=0 {" + properties_text + "}"; }

core::properties neutral(const property_block& block) { return neutral_of(block.view()); }

void publish_from_amqp(mqtt_world& w, std::string_view key, core::properties p, core::qos q = core::qos::at_most_once) {
    core::message_parts parts{.from = &w.amqp_origin, .exchange = "amq.topic", .name = key, .payload = "x", .qos = q};
    parts.neutral = std::make_unique<core::properties>(std::move(p));
    w.world.broker().publish(w.world.broker().mqtt_exchange(), core::message::make(std::move(parts)));
}

}  // namespace

TEST_CASE("a routing key becomes a topic, its properties MQTT's [mapping.md]") {
    mqtt_world w;
    peer five = w.subscriber("five", "cities/#", qos::at_least_once);
    peer three = w.subscriber("three", "cities/#", qos::at_least_once, version::v3_1_1);
    core::properties p;
    p.content_type = "text/plain";
    p.headers = {{"n", std::int32_t{5}}};
    publish_from_amqp(w, "cities.london", p, core::qos::at_least_once);
    CHECK(five.gets() ==
          lines{"PUBLISH q1 id=1 'cities/london' payload=1 {content_type='text/plain', user_property='n':'5'} \"x\""});
    CHECK(three.got() == lines{"PUBLISH q1 id=1 'cities/london' payload=1 \"x\""});
}

TEST_CASE("a routing key that cannot be a topic never reaches MQTT, and is counted [mapping.md, Names]") {
    mqtt_world w;
    peer s = w.subscriber("s", "#");
    publish_from_amqp(w, std::string_view("nul\0", 4), {});
    publish_from_amqp(w, "fine", {});
    CHECK(s.gets() == lines{"PUBLISH q0 'fine' payload=1 \"x\""});
    CHECK(w.dropped(core::drop_reason::unmappable) == 1);
}

TEST_CASE("MQTT properties cross and come back [mapping.md, Properties]") {
    property_block block;
    block.number(property::payload_format, 1)
        .text(property::content_type, "text/plain")
        .text(property::response_topic, "reply/here")
        .text(property::correlation_data, "\x01\xFF")
        .pair("a", "1")
        .pair("table;json", R"({"x":[1,2]})")
        .pair("raw;b64", "/w==")
        .pair("not;json", "{ spaced: 1 }");
    const core::properties p = neutral(block);
    CHECK(p.payload_format == 1);
    CHECK(p.content_type == "text/plain");
    CHECK(p.reply_topic == "reply/here");
    CHECK(p.correlation_id == "\x01\xFF");
    REQUIRE(p.headers.size() == 4);
    CHECK(p.headers[1].first == "table");
    CHECK(std::holds_alternative<core::field_table>(p.headers[1].second.base()));
    CHECK(p.headers[2] == std::pair<std::string, core::field_value>("raw", core::byte_array{"\xFF"}));
    CHECK(p.headers[3].first == "not;json");

    std::string back;
    property_writer writer(back);
    write_neutral(p, writer);
    CHECK(back == block.view().bytes());
}

TEST_CASE("AMQP's basic properties are user properties with names of their own, both ways [mapping.md, Properties]") {
    core::properties p;
    p.message_id = "m1";
    p.type = "order";
    p.app_id = "shop";
    p.user_id = "alice";
    p.content_encoding = "gzip";
    p.timestamp_s = 1700000000;
    p.priority = 7;
    std::string bytes;
    property_writer writer(bytes);
    write_neutral(p, writer);
    p.headers = {{"amqp-user-id", p.user_id}};  // which is a claim in MQTT
    p.user_id.clear();
    CHECK(neutral_of(properties::trusted(bytes)) == p);
    CHECK(written(p).find("user_property='amqp-message-id':'m1'") != std::string::npos);
    CHECK(written(p).find("user_property='amqp-timestamp':'1700000000'") != std::string::npos);
}

TEST_CASE("a number that is none stays a user property") {
    property_block block;
    block.pair("amqp-priority", "900").pair("amqp-timestamp", "now");
    const core::properties p = neutral(block);
    CHECK_FALSE(p.priority);
    CHECK_FALSE(p.timestamp_s);
    CHECK(p.headers.size() == 2);
}

TEST_CASE("a basic property takes what fits, once; the rest stays user properties [mapping.md, Properties]") {
    property_block block;
    block.pair("amqp-type", std::string(256, 'x')).pair("amqp-type", "").pair("amqp-type", "a").pair("amqp-type", "b");
    block.pair("amqp-priority", "07").pair("amqp-priority", "7").pair("amqp-priority", "8");
    const core::properties p = neutral(block);
    CHECK(p.type == "a");
    CHECK(p.priority == 7);
    REQUIRE(p.headers.size() == 3);  // and all of them in an array
    CHECK(p.headers[0] == core::named_value("amqp-type", std::string(256, 'x')));
    CHECK(p.headers[1] == core::named_value("amqp-priority", std::string("07")));
    CHECK(p.headers[2].first == "x-mqtt-user-properties");
}

TEST_CASE("reply_to is a response topic [mapping.md, Properties]") {
    core::properties p;
    p.reply_to = "my.queue";
    CHECK(written(p) == as_publish("response_topic='$amqp/queue/my.queue'"));
    p.reply_to = "mqtt:a/b";
    CHECK(written(p) == as_publish("response_topic='a/b'"));
    p.reply_to = "";
    CHECK(written(p) == as_publish("user_property='amqp-reply-to':''"));
    p.reply_to = "mqtt:a/b";
    p.headers = {{"x-reply-to-topic", std::string("the/long/one")}};
    CHECK(written(p) == as_publish("response_topic='a/b'"));
    p.reply_to.reset();
    CHECK(written(p) == as_publish("response_topic='the/long/one'"));

    property_block block;
    block.text(property::response_topic, "$amqp/queue/my.queue");
    CHECK(neutral(block).reply_to == "my.queue");
    CHECK_FALSE(neutral(block).reply_topic);
}

TEST_CASE("a device's user properties are no further routing keys [mapping.md, Properties]") {
    for (const std::string name : {"CC", "BCC"}) {
        property_block block;
        block.pair("a", "1").pair(name + ";json", R"(["admin"])");
        const core::properties p = neutral(block);
        CHECK_FALSE(find(p.headers, name));
        CHECK(written(p) == as_publish("user_property='a':'1', user_property='" + name + ";json':'[\"admin\"]'"));
    }
}

TEST_CASE("headers that only say what MQTT has words for are consumed [mapping.md, Properties]") {
    core::properties p;
    p.headers = {{"x-mqtt-payload-format", std::int32_t{1}},
                 {"x-mqtt-content-type", std::string("long/type")},
                 {"x-correlation-id", core::byte_array{"\xFF"}},
                 {"x-mqtt-publish-qos", std::uint8_t{2}},
                 {"x-mqtt-client-id", std::string("c")},
                 {"kept", core::field_array{std::int32_t{1}}}};
    CHECK(written(p) == as_publish("payload_format=1, content_type='long/type', correlation_data=1 bytes, "
                                   "user_property='kept;json':'[1]'"));
}

TEST_CASE("user properties with a name twice come back from the header that keeps them [mapping.md, Properties]") {
    const auto pair = [](const char* k, const char* v) { return core::field_table{{"k", std::string(k)}, {"v", std::string(v)}}; };
    core::properties p;
    p.headers = {{"a", std::string("1")}, {"x-mqtt-user-properties", core::field_array{pair("a", "1"), pair("a", "2")}}};
    CHECK(written(p) == as_publish("user_property='a':'1', user_property='a':'2'"));
}

namespace {

/// The pairs in header x-mqtt-user-properties: "a=1 a=2"; empty if it is not there.
std::string kept_pairs(const core::properties& p) {
    std::string all;
    const core::field_value* value = core::find(p.headers, "x-mqtt-user-properties");
    if (!value) return all;
    for (const core::field_value& each : std::get<core::field_array>(value->base())) {
        const auto& pair = std::get<core::field_table>(each.base());
        all += (all.empty() ? "" : " ") + *core::as_text(pair.at(0).second) + "=" + *core::as_text(pair.at(1).second);
    }
    return all;
}

std::string round(const property_block& block) { return written(neutral(block)); }

}  // namespace

TEST_CASE("a user property that is there twice is a header once, and all of them are in an array [mapping.md, Properties]") {
    property_block block;
    block.pair("a", "1").pair("b", "2").pair("a", "3");
    const core::properties p = neutral(block);
    CHECK(p.headers.size() == 3);
    CHECK(*core::as_text(*core::find(p.headers, "a")) == "1");
    CHECK(kept_pairs(p) == "a=1 b=2 a=3");
    CHECK(round(block) == as_publish("user_property='a':'1', user_property='b':'2', user_property='a':'3'"));
}

TEST_CASE("a user property whose name fits no table, or is the broker's word, is in the array only [AMQP 4.2.5.5]") {
    for (const std::string& name : {std::string(300, 'n'), std::string("x-mqtt-client-id"), std::string("x-mqtt-dup"), std::string("x-mqtt-will"),
                                    std::string("x-mqtt-reason-code"), std::string("x-mqtt-user-properties")}) {
        property_block block;
        block.pair(name, "v");
        CHECK(neutral(block).headers.size() == 1);
        CHECK(kept_pairs(neutral(block)) == name + "=v");
        CHECK(round(block) == as_publish("user_property='" + name + "':'v'"));
    }
}

TEST_CASE("user properties that are basic properties keep their places on the way back [mapping.md, Properties]") {
    property_block ordered;
    ordered.pair("amqp-message-id", "m").pair("amqp-priority", "3").pair("a", "1");
    CHECK(kept_pairs(neutral(ordered)).empty());
    CHECK(round(ordered) == as_publish("user_property='amqp-message-id':'m', user_property='amqp-priority':'3', user_property='a':'1'"));
    property_block mixed;
    mixed.pair("a", "1").pair("amqp-message-id", "m").pair("amqp-message-id", "n").pair("amqp-priority", "003");
    CHECK(neutral(mixed).message_id == "m");
    CHECK_FALSE(neutral(mixed).priority);
    CHECK(round(mixed) == as_publish("user_property='a':'1', user_property='amqp-message-id':'m', "
                                     "user_property='amqp-message-id':'n', user_property='amqp-priority':'003'"));
}

TEST_CASE("a vhost may keep AMQP's basic properties out of either direction [mapping.md, Properties]") {
    core::crossing_rules rules;
    rules.amqp_properties_from_mqtt = false;
    rules.amqp_properties_to_mqtt = false;
    property_block block;
    block.pair("amqp-message-id", "m");
    const core::properties read = neutral_of(block.view(), rules);
    CHECK(read.message_id.empty());
    CHECK(*core::as_text(*core::find(read.headers, "amqp-message-id")) == "m");

    core::properties p;
    p.message_id = "m";
    p.headers = {{"a", std::string("1")}};
    std::string bytes;
    property_writer writer(bytes);
    write_neutral(p, writer, rules);
    CHECK(print(publish{.topic = "t", .properties = properties::trusted(bytes)}) == as_publish("user_property='a':'1'"));
}

TEST_CASE("a header whose plain form would be read as another one is quoted [mapping.md, Properties]") {
    core::properties p;
    p.headers = {{"a;json", std::string("[1]")}, {"b;b64", std::string("eA==")}, {"c;json", std::string("text")}};
    CHECK(written(p) == as_publish("user_property='a;json;json':'\"[1]\"', user_property='b;b64;json':'\"eA==\"', "
                                   "user_property='c;json':'text'"));
    property_block back;
    back.pair("a;json;json", "\"[1]\"").pair("b;b64;json", "\"eA==\"").pair("c;json", "text");
    CHECK(neutral(back).headers == p.headers);
}

TEST_CASE("headers that only look like the broker's are user properties [mapping.md, Properties]") {
    core::properties p;
    p.headers = {{"x-mqtt-will", true}, {"x-mqtt-reason-code", std::uint8_t{131}}, {"x-mqtt-other", std::string("1")}};
    CHECK(written(p) == as_publish("user_property='x-mqtt-will':'true', user_property='x-mqtt-reason-code':'131', "
                                   "user_property='x-mqtt-other':'1'"));
}

TEST_CASE("what died on its way shows its death beside the pairs that its publisher wrote [mapping.md, Properties]") {
    property_block block;
    block.pair("a", "1").pair("a", "2");
    core::properties p = neutral(block);
    p.headers.emplace_back("x-first-death-reason", std::string("rejected"));
    CHECK(written(p) == as_publish("user_property='a':'1', user_property='a':'2', user_property='x-first-death-reason':'rejected'"));
}

TEST_CASE("what MQTT cannot carry is left out and nothing else with it") {
    core::properties p;
    p.headers = {{"\xFF", std::string("name")}, {"long", std::string(70'000, 'x')}, {"ok", std::string("1")}};
    p.correlation_id = std::string(70'000, 'x');
    p.reply_to = "has+plus";
    CHECK(written(p) == as_publish("user_property='amqp-reply-to':'has+plus', user_property='ok':'1'"));
}

TEST_CASE("addresses in AMQP are taken apart [mapping.md, Meeting points]") {
    CHECK(parse_amqp_address("$amqp/queue/a/b") == amqp_address{"", "a/b"});
    CHECK(parse_amqp_address("$amqp/exchange/x/k.e.y") == amqp_address{"x", "k.e.y"});
    CHECK(parse_amqp_address("$amqp/exchange/x/") == amqp_address{"x", ""});
    for (const std::string& wrong : {std::string("$amqp/queue/"), std::string("$amqp/exchange/x"), std::string("$amqp/exchange//k"),
                                     std::string("$amqp/other"), "$amqp/queue/" + std::string(256, 'q')})
        CHECK_FALSE(parse_amqp_address(wrong));
}

TEST_CASE("an MQTT client reaches an AMQP queue by its address [mapping.md, Meeting points]") {
    mqtt_world w;
    core::broker& broker = w.world.broker();
    REQUIRE(broker.declare_queue({.name = "jobs.new"}, connection_id::none));
    property_block block;
    block.pair("a", "1");
    publish m = message("$amqp/queue/jobs.new", "work", qos::at_least_once, 1);
    m.properties = block.view();
    peer p = w.client("p");
    p.sends(m);
    CHECK(p.gets() == lines{"PUBACK id=1"});
    const auto taken = broker.find_queue("jobs.new")->take(true);
    REQUIRE(taken);
    CHECK(taken->message->name() == "jobs.new");
    CHECK(taken->message->exchange() == "");
    CHECK(taken->message->properties().headers.size() == 1);

    p.sends(message("$amqp/exchange/nowhere/k", "x", qos::at_least_once, 2));
    p.sends(message("$amqp/exchange/forbidden/k", "x", qos::at_least_once, 3));
    p.sends(message("$amqp/queue/missing", "x", qos::at_least_once, 4));
    CHECK(p.gets() == lines{"PUBACK id=2 reason='topic name invalid'", "PUBACK id=3 reason='not authorized'",
                            "PUBACK id=4 reason='no matching subscribers'"});
}
