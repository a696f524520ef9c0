#include "app/mapped.hpp"

#include <algorithm>
#include <charconv>

#include "core/message.hpp"
#include "protocols/amqp/origin.hpp"
#include "protocols/amqp/print.hpp"
#include "protocols/amqp/translate.hpp"
#include "protocols/mqtt/field_text.hpp"
#include "protocols/mqtt/neutral.hpp"
#include "protocols/mqtt/origin.hpp"

namespace causeway::app {

namespace {

using failure = std::string;

/// Both protocols' words as the mapping in question has them.
struct dictionary {
    explicit dictionary(const map_command& what)
        : topics(what.mapping.value_or(core::topic_mapping::levels)), keys(what.mapping.value_or(core::topic_mapping::levels)) {}

    mqtt::origin topics;
    amqp::origin keys;
};

result<std::uint64_t, failure> number_of(const std::string& option, const std::string& text, std::uint64_t most) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number > most)
        return "--" + option + ": '" + text + "' is no whole number from 0 to " + std::to_string(most);
    return number;
}

result<std::size_t, failure> sign_in(const std::string& option, const std::string& text) {
    const std::size_t at = text.find('=');
    if (at == std::string::npos) return "--" + option + ": '" + text + "' is not NAME=VALUE";
    return at;
}

/// The way of a property that is another protocol's.
failure not_here(const std::string& option, bool from_amqp) {
    return "--" + option + " belongs to " + (from_amqp ? "MQTT: leave out --from amqp" : "AMQP: add --from amqp");
}

// --- as the publisher says it ---

struct publication {
    core::qos qos = core::qos::at_most_once;
    bool retain = false;
    std::optional<std::int64_t> ttl_ms;
    std::string raw;  // in its protocol's own words
};

result<void, failure> say_in_mqtt(const std::string& option, const std::string& value, publication& p, mqtt::property_writer& to) {
    if (option == "content-type") return to.text(mqtt::property::content_type, value), success();
    if (option == "response-topic") return to.text(mqtt::property::response_topic, value), success();
    if (option == "correlation-data") return to.text(mqtt::property::correlation_data, value), success();
    if (option == "property") {
        TRY(const std::size_t sign, sign_in(option, value));
        to.pair(std::string_view(value).substr(0, sign), std::string_view(value).substr(sign + 1));
    } else if (option == "payload-format") {
        TRY(const std::uint64_t format, number_of(option, value, 1));
        to.number(mqtt::property::payload_format, static_cast<std::uint32_t>(format));
    } else if (option == "message-expiry") {
        TRY(const std::uint64_t seconds, number_of(option, value, 0xFFFF'FFFF));
        p.ttl_ms = static_cast<std::int64_t>(seconds) * 1000;
    } else if (option == "qos") {
        TRY(const std::uint64_t level, number_of(option, value, 2));
        p.qos = static_cast<core::qos>(level);
    } else if (option == "retain") {
        if (value != "true" && value != "false") return failure("--retain is true or false");
        p.retain = value == "true";
    } else {
        return not_here(option, false);
    }
    return success();
}

/// NAME=VALUE is a string, NAME:=JSON what the JSON says.
result<core::named_value, failure> header_of(const std::string& text) {
    TRY(const std::size_t sign, sign_in("header", text));
    const bool typed = sign > 0 && text[sign - 1] == ':';
    const std::string name = text.substr(0, sign - (typed ? 1 : 0));
    if (name.size() > core::header_name_bytes_max) return failure("--header: a name has at most 255 bytes");
    if (!typed) return core::named_value(name, text.substr(sign + 1));
    const auto read = mqtt::value_of_json("[" + text.substr(sign + 1) + "]");
    const auto* array = read ? std::get_if<core::field_array>(&read->base()) : nullptr;
    if (!array || array->size() != 1) return "--header: '" + text.substr(sign + 1) + "' is not compact JSON (no spaces)";
    return core::named_value(name, array->front());
}

struct named_member {
    const char* option;
    std::string core::properties::*member;
};
constexpr named_member short_texts[] = {{"content-type", &core::properties::content_type}, {"message-id", &core::properties::message_id},
                                        {"type", &core::properties::type},                 {"user-id", &core::properties::user_id},
                                        {"app-id", &core::properties::app_id},             {"cluster-id", &core::properties::cluster_id},
                                        {"content-encoding", &core::properties::content_encoding}};

struct amqp_words {
    core::properties said;
    std::optional<std::uint8_t> delivery_mode;
    std::optional<std::int64_t> expiration_ms;
};

result<void, failure> say_in_amqp(const std::string& option, const std::string& value, amqp_words& to) {
    if (option != "header" && value.size() > 255) return "--" + option + ": more than 255 bytes fit into no property";
    for (const named_member& each : short_texts)
        if (option == each.option) return to.said.*(each.member) = value, success();
    if (option == "correlation-id") return to.said.correlation_id = value, success();
    if (option == "reply-to") return to.said.reply_to = value, success();
    if (option == "header") {
        TRY(core::named_value made, header_of(value));
        to.said.headers.push_back(std::move(made));
    } else if (option == "expiration") {
        TRY(const std::uint64_t ms, number_of(option, value, 315'360'000'000));
        to.expiration_ms = static_cast<std::int64_t>(ms);
    } else if (option == "timestamp") {
        TRY(to.said.timestamp_s, number_of(option, value, UINT64_MAX));
    } else if (option == "priority") {
        TRY(const std::uint64_t priority, number_of(option, value, 255));
        to.said.priority = static_cast<std::uint8_t>(priority);
    } else if (option == "delivery-mode") {
        TRY(const std::uint64_t mode, number_of(option, value, 2));
        if (mode == 0) return failure("--delivery-mode is 1 or 2");
        to.delivery_mode = static_cast<std::uint8_t>(mode);
    } else {
        return not_here(option, true);
    }
    return success();
}

core::message_ptr message_of(const core::origin& from, const publication& p) {
    return core::message::make({.from = &from, .exchange = "amq.topic", .name = "t", .raw_properties = p.raw, .qos = p.qos,
                                .durable = p.qos != core::qos::at_most_once, .retain = p.retain, .expires_wall_ms = p.ttl_ms.value_or(0),
                                .by = {}, .neutral = {}});
}

// --- as either side sees it ---

std::vector<named_text> seen_in_mqtt(const std::string& raw, core::qos qos, bool retain, std::optional<std::int64_t> ttl_ms) {
    std::vector<named_text> all{{"QoS", std::to_string(static_cast<int>(qos))}};
    if (retain) all.emplace_back("retain", "true");
    if (ttl_ms) all.emplace_back("Message Expiry Interval", std::to_string((*ttl_ms + 999) / 1000));
    for (const mqtt::property_value& each : mqtt::properties::trusted(raw)) {
        switch (each.id) {
            case mqtt::property::payload_format: all.emplace_back("Payload Format Indicator", std::to_string(each.number)); break;
            case mqtt::property::content_type: all.emplace_back("Content Type", each.text); break;
            case mqtt::property::response_topic: all.emplace_back("Response Topic", each.text); break;
            case mqtt::property::correlation_data: all.emplace_back("Correlation Data", each.text); break;
            case mqtt::property::user_property: all.emplace_back("User Property " + std::string(each.text), each.value); break;
            default: break;
        }
    }
    return all;
}

/// A header's value with its type letter, as traces have it.
std::string value_text(const core::field_value& value) {
    const std::string table = amqp::print(core::field_table{{"", value}});
    return table.substr(5, table.size() - 6);  // {"": …}
}

std::vector<named_text> seen_in_amqp(std::string_view block) {
    std::vector<named_text> all;
    const amqp::property_block p = amqp::read_block(block).value_or(amqp::property_block());
    const auto text = [&all](const char* name, const std::optional<std::string_view>& value) {
        if (value) all.emplace_back(name, *value);
    };
    const auto number = [&all](const char* name, const auto& value) {
        if (value) all.emplace_back(name, std::to_string(*value));
    };
    text("content_type", p.content_type);
    text("content_encoding", p.content_encoding);
    number("delivery_mode", p.delivery_mode);
    number("priority", p.priority);
    text("correlation_id", p.correlation_id);
    text("reply_to", p.reply_to);
    text("expiration", p.expiration);
    text("message_id", p.message_id);
    number("timestamp", p.timestamp_s);
    text("type", p.type);
    text("user_id", p.user_id);
    text("app_id", p.app_id);
    text("cluster_id", p.cluster_id);
    for (const auto& [name, value] : amqp::headers_of(block)) all.emplace_back("header " + name, value_text(value));
    return all;
}

std::vector<named_text> missing(const std::vector<named_text>& before, std::vector<named_text> after) {
    std::vector<named_text> lost;
    for (const named_text& each : before) {
        if (const auto same = std::find(after.begin(), after.end(), each); same != after.end()) {
            after.erase(same);
            continue;
        }
        const auto other = std::find_if(after.begin(), after.end(), [&](const named_text& a) { return a.first == each.first; });
        lost.emplace_back(each.first + " = " + each.second, other == after.end() ? "" : other->second);
    }
    return lost;
}

std::string to_mqtt(const core::message& m) {
    std::string raw;
    mqtt::property_writer writer(raw);
    mqtt::write_neutral(m.properties(), writer);
    return raw;
}

/// As amqp::facts_of has it; what it refuses is told in words.
result<publication, failure> publication_in_amqp(std::string block) {
    const auto facts = amqp::facts_of(*amqp::read_block(block));
    if (!facts) return facts.error().text;
    return publication{facts.value().qos, facts.value().retain, facts.value().ttl_ms, std::move(block)};
}

result<mapped_properties, failure> from_mqtt(const map_command& what) {
    const dictionary in(what);
    publication p;
    mqtt::property_writer to(p.raw);
    for (const auto& [option, value] : what.properties) {
        if (value.size() > 65'535) return "--" + option + ": longer than 65,535 bytes";
        TRY(say_in_mqtt(option, value, p, to));
    }
    if (!mqtt::properties::check(p.raw, mqtt::property_place::publish))
        return failure("MQTT allows no such properties: one is there twice, or not UTF-8, or a Response Topic has a wildcard");
    const auto m = message_of(in.topics, p);
    const amqp::outgoing sent(*m, in.keys.rules(), 0);
    TRY(const publication answer, publication_in_amqp(std::string(sent.block())));
    const auto back = message_of(in.keys, answer);
    return mapped_properties{seen_in_amqp(sent.block()),
                             missing(seen_in_mqtt(p.raw, p.qos, p.retain, p.ttl_ms),
                                     seen_in_mqtt(to_mqtt(*back), answer.qos, answer.retain, answer.ttl_ms))};
}

result<mapped_properties, failure> from_amqp(const map_command& what) {
    const dictionary in(what);
    amqp_words words;
    for (const auto& [option, value] : what.properties) {
        TRY(say_in_amqp(option, value, words));
    }
    const std::string block = amqp::to_block(words.said, words.delivery_mode, words.expiration_ms);
    TRY(const publication p, publication_in_amqp(block));
    publication there = p;
    there.raw = to_mqtt(*message_of(in.keys, p));
    if (p.ttl_ms) there.ttl_ms = (*p.ttl_ms + 999) / 1000 * 1000;  // MQTT counts seconds
    const auto m = message_of(in.topics, there);
    return mapped_properties{seen_in_mqtt(there.raw, p.qos, p.retain, p.ttl_ms),
                             missing(seen_in_amqp(block), seen_in_amqp(amqp::outgoing(*m, in.keys.rules(), 0).block()))};
}

}  // namespace

result<mapped_properties, std::string> map_properties(const map_command& what) {
    return what.from_amqp ? from_amqp(what) : from_mqtt(what);
}

}  // namespace causeway::app
