#include "app/mapped.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "protocols/amqp/names.hpp"
#include "protocols/mqtt/amqp_address.hpp"
#include "protocols/mqtt/names.hpp"
#include "protocols/mqtt/topic_text.hpp"

namespace causeway::app {

namespace {

using core::topic_mapping;

mapped_name topic_there(std::string_view topic, topic_mapping mapping) {
    const amqp::key_text key = amqp::key_of(mqtt::levels_of_topic(topic, mapping), mapping);
    mapped_name made{mapping, key.key};
    if (key.shortened) {
        made.note = "too long for a key: header x-mqtt-topic has the topic";
        made.back = topic;
    } else {
        made.back = mqtt::topic_of(amqp::levels_of_key(key.key, mapping), mapping);
    }
    return made;
}

mapped_name filter_there(std::string_view filter, topic_mapping mapping) {
    const auto pattern = mqtt::pattern_of_filter(filter, mapping);
    mapped_name made{mapping, amqp::key_of_pattern(pattern, mapping)};
    if (made.there)
        made.back = mqtt::filter_of_pattern(amqp::pattern_of_key(*made.there, mapping), mapping);
    else
        made.note = "no binding key says it";
    return made;
}

mapped_name key_there(std::string_view key, topic_mapping mapping) {
    mapped_name made{mapping, mqtt::topic_of(amqp::levels_of_key(key, mapping), mapping)};
    if (made.there)
        made.back = amqp::key_of(mqtt::levels_of_topic(*made.there, mapping), mapping).key;
    else
        made.note = "no topic: MQTT clients never get it (counted as unmappable)";
    return made;
}

mapped_name binding_there(std::string_view key, topic_mapping mapping) {
    const auto pattern = amqp::pattern_of_key(key, mapping);
    mapped_name made{mapping, mqtt::filter_of_pattern(pattern, mapping)};
    if (made.there)
        made.back = amqp::key_of_pattern(mqtt::pattern_of_filter(*made.there, mapping), mapping);
    else
        made.note = "no topic filter says it";
    return made;
}

template <class Map>
mapped_names by_mapping(const map_command& what, std::string kind, std::string other_kind, std::string_view text, Map map) {
    mapped_names made{std::move(kind), std::move(other_kind), {}};
    for (const topic_mapping mapping : {topic_mapping::levels, topic_mapping::rabbitmq, topic_mapping::slash})
        if (!what.mapping || *what.mapping == mapping) made.by_mapping.push_back(map(text, mapping));
    return made;
}

/// Where a PUBLISH there goes, the same with every mapping.
result<mapped_names, std::string> address_there(const map_command& what) {
    const auto address = mqtt::parse_amqp_address(what.name);
    if (!address) return std::string("an address is $amqp/queue/<queue> or $amqp/exchange/<exchange>/<routing key>, no part over 255 bytes");
    const std::string exchange = address->exchange.empty() ? "the default exchange" : "exchange '" + printable(address->exchange) + "'";
    const auto there = [&](std::string_view, topic_mapping mapping) {
        return mapped_name{mapping, std::string(address->routing_key), "in " + exchange, what.name};
    };
    return by_mapping(what, "address", "routing key", what.name, there);
}

/// What a SUBSCRIBE there consumes, the same with every mapping.
result<mapped_names, std::string> queue_there(const map_command& what) {
    const auto queue = mqtt::queue_of_filter(what.name);
    if (!queue) return std::string("a subscription to a queue is $queue/<queue>, without wildcards and of at most 255 bytes");
    const auto there = [&](std::string_view, topic_mapping mapping) {
        return mapped_name{mapping, std::string(*queue), "consumed together with its other consumers", what.name};
    };
    return by_mapping(what, "subscription", "queue", what.name, there);
}

result<mapped_names, std::string> from_mqtt(const map_command& what) {
    const std::string& name = what.name;
    if (name.size() > 65'535 || !valid_mqtt_text(name)) return std::string("not UTF-8 text of at most 65,535 bytes");
    if (what.pattern || name.find_first_of("+#") != std::string::npos) {
        if (mqtt::asks_for_queue(name)) return queue_there(what);
        const auto parts = mqtt::parse_filter(name);
        if (!parts || !mqtt::valid_topic_filter(parts->filter) || (parts->shared() && mqtt::asks_for_queue(parts->filter)))
            return std::string("not a topic filter: '+' has to be a whole level, '#' the whole last one");
        return by_mapping(what, parts->shared() ? "filter of a shared subscription" : "filter", "binding key", parts->filter, filter_there);
    }
    if (mqtt::is_amqp_address(name)) return address_there(what);
    return by_mapping(what, "topic", "routing key", name, topic_there);
}

result<mapped_names, std::string> from_amqp(const map_command& what) {
    if (what.name.size() > amqp::key_bytes_max) return std::string("a key has at most 255 bytes");
    if (what.pattern) return by_mapping(what, "binding key", "filter", what.name, binding_there);
    return by_mapping(what, "routing key", "topic", what.name, key_there);
}

}  // namespace

result<mapped_names, std::string> map_name(const map_command& what) { return what.from_amqp ? from_amqp(what) : from_mqtt(what); }

std::string printable(std::string_view text) {
    static constexpr char hex[] = "0123456789abcdef";
    const bool whole = valid_utf8(text);
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F || (byte > 0x7F && !whole))
            ((out += "\\x") += hex[byte >> 4]) += hex[byte & 15];
        else
            out += c;
    }
    return out;
}

}  // namespace causeway::app
