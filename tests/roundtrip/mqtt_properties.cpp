// What an MQTT 5 publisher says comes back from AMQP as it was (docs/mapping.md, Properties).

#include <memory>

#include <boost/smart_ptr/make_local_shared.hpp>

#include "core/message.hpp"
#include "protocols/amqp/origin.hpp"
#include "protocols/amqp/translate.hpp"
#include "protocols/mqtt/neutral.hpp"
#include "protocols/mqtt/origin.hpp"
#include "tests/roundtrip/hostile.hpp"
#include "tests/roundtrip/law.hpp"
#include "tests/roundtrip/mqtt_block.hpp"

namespace causeway::roundtrip {

namespace {

const mqtt::origin topics{core::topic_mapping::levels};
const amqp::origin keys{core::topic_mapping::levels};

struct publish_case {
    core::qos qos = core::qos::at_most_once;
    bool retain = false;
    mqtt_block block;
};

std::string print(const publish_case& c) {
    return "qos=" + std::to_string(static_cast<int>(c.qos)) + (c.retain ? " retain " : " ") + text_of(c.block);
}

std::vector<publish_case> smaller(const publish_case& c) {
    std::vector<publish_case> all;
    if (c.retain) all.push_back({c.qos, false, c.block});
    if (c.qos != core::qos::at_most_once) all.push_back({core::qos::at_most_once, c.retain, c.block});
    for (mqtt_block& block : smaller_blocks(c.block)) all.push_back({c.qos, c.retain, std::move(block)});
    return all;
}

/// A name that a user property may have: ordinary, or one that means something here.
std::string hostile_property_name(dice& d) {
    static constexpr std::string_view names[] = {
        "a", "b", "a;json", "a;b64", "b;b64;json", "a;json;json", ";json", "", "amqp-message-id", "amqp-message-id;b64", "amqp-timestamp",
        "amqp-priority", "amqp-type", "amqp-user-id", "amqp-reply-to", "amqp-content-type", "amqp-content-type;b64", "amqp-cluster-id",
        "x-mqtt-user-properties", "x-mqtt-user-properties;json", "x-mqtt-retain", "x-mqtt-will", "x-mqtt-client-id", "x-mqtt-reason-code",
        "x-correlation-id", "x-reply-to-topic", "x-mqtt-content-type", "x-mqtt-payload-format", "CC", "BCC", "x-delay", "x-death"};
    if (d.one_in(5)) return hostile_text(d);
    return std::string(names[d.below(std::size(names))]);
}

std::string hostile_response_topic(dice& d) {
    if (d.one_in(3)) return ("$amqp/queue/" + hostile_topic(d)).substr(0, 65'535);
    if (d.one_in(4)) return ("$amqp/exchange/x/" + hostile_topic(d)).substr(0, 65'535);
    return hostile_topic(d);
}

publish_case make(dice& d) {
    publish_case c{static_cast<core::qos>(d.below(3)), d.one_in(2), {}};
    using enum mqtt::property;
    if (d.one_in(3)) c.block.push_back({payload_format, static_cast<std::uint32_t>(d.below(2)), {}, {}});
    if (d.one_in(3)) c.block.push_back({content_type, 0, hostile_text(d), {}});
    if (d.one_in(3)) c.block.push_back({response_topic, 0, hostile_response_topic(d), {}});
    if (d.one_in(3)) c.block.push_back({correlation_data, 0, hostile_bytes(d), {}});
    for (std::size_t n = d.below(5); n > 0; --n) c.block.push_back({user_property, 0, hostile_property_name(d), hostile_text(d)});
    if (!c.block.empty() && d.one_in(3)) std::swap(c.block.front(), c.block.back());
    return c;
}

std::string broken(const publish_case& c) {
    const std::string raw = bytes_of(c.block);
    if (!mqtt::properties::check(raw, mqtt::property_place::publish)) return "";
    const auto by = boost::make_local_shared<const core::publisher>(core::publisher{connection_id{1}, session_id{1}, "c", ""});
    const auto m = core::message::make({.from = &topics, .exchange = "amq.topic", .name = "t", .raw_properties = raw, .qos = c.qos,
                                        .durable = c.qos != core::qos::at_most_once, .retain = c.retain, .by = by, .neutral = {}});
    const amqp::outgoing sent(*m, keys.rules(), 0);
    const auto read = amqp::read_block(sent.block());
    if (!read) return "AMQP gets a malformed property block";
    const auto facts = amqp::facts_of(*read);
    if (!facts) return "AMQP's own publish is refused";
    if (facts.value().qos != c.qos || facts.value().retain != c.retain) return "QoS or retain come back differently";
    const std::string back = written(keys.parse_properties(sent.block()));
    const auto checked = mqtt::properties::check(back, mqtt::property_place::publish);
    if (!checked) return "MQTT gets illegal properties";
    const std::string expected = listed(mqtt::properties::trusted(raw));
    const std::string got = listed(checked.value());
    return got == expected ? "" : "comes back as " + got;
}

}  // namespace

std::vector<named_law> laws_of_mqtt_properties() {
    return {named<publish_case>("MQTT's properties come back from AMQP", {make, broken, smaller, print})};
}

}  // namespace causeway::roundtrip
