// Topics and routing keys, there and back (docs/mapping.md, Names).

#include <algorithm>

#include "base/utf8.hpp"
#include "protocols/amqp/names.hpp"
#include "protocols/mqtt/names.hpp"
#include "protocols/mqtt/topic_text.hpp"
#include "tests/roundtrip/hostile.hpp"
#include "tests/roundtrip/law.hpp"

namespace causeway::roundtrip {

namespace {

using core::topic_mapping;

struct name_case {
    topic_mapping mapping;
    std::string text;
};

std::string print(const name_case& c) { return name_of(c.mapping) + " " + quoted(c.text); }

std::vector<name_case> smaller(const name_case& c) {
    std::vector<name_case> all;
    for (std::string& text : smaller_texts(c.text)) all.push_back({c.mapping, std::move(text)});
    return all;
}

bool has(std::string_view text, std::string_view any) { return text.find_first_of(any) != std::string_view::npos; }

/// What a topic that is no key's is to its consumer: whole levels of at most 220 bytes, and 16 hexadecimal digits.
std::string wrong_with_short_key(const std::string& key, const core::topic_levels& levels, topic_mapping mapping) {
    constexpr std::size_t tail = 3 + 16;
    if (key.size() > 220 + tail) return "the short key " + quoted(key) + " is too long";
    const std::string_view end = std::string_view(key).substr(key.size() - tail);
    if (end.substr(1, 2) != "%~" || end.substr(3).find_first_not_of("0123456789abcdef") != std::string_view::npos)
        return "the short key ends in " + quoted(end);
    if (key.size() == tail) return "";
    const core::topic_levels kept = amqp::levels_of_key(std::string_view(key).substr(0, key.size() - tail), mapping);
    for (std::size_t i = 0; i < kept.size(); ++i)
        if (i >= levels.size() || kept[i] != levels[i]) return "the short key cuts a level";
    return "";
}

std::string wrong_with_topic(const name_case& c) {
    if (!mqtt::valid_topic_name(c.text) || c.text.size() > 65'535 || !valid_mqtt_text(c.text)) return "";
    const core::topic_levels levels = mqtt::levels_of_topic(c.text, c.mapping);
    const amqp::key_text key = amqp::key_of(levels, c.mapping);
    if (key.shortened) return wrong_with_short_key(key.key, levels, c.mapping);
    if (key.key.size() > 255) return "a key of " + std::to_string(key.key.size()) + " bytes";
    if (!(amqp::levels_of_key(key.key, c.mapping) == levels)) return "key " + quoted(key.key) + " has other levels";
    const auto back = mqtt::topic_of(amqp::levels_of_key(key.key, c.mapping), c.mapping);
    std::string expected = c.text;
    if (c.mapping == topic_mapping::rabbitmq) std::replace(expected.begin(), expected.end(), '.', '/');
    if (!back) return "key " + quoted(key.key) + " has no topic";
    return *back == expected ? "" : "key " + quoted(key.key) + " comes back as " + quoted(*back);
}

bool can_be_topic(const name_case& c, const core::topic_levels& levels) {
    if (c.text.empty() || !valid_mqtt_text(c.text)) return false;
    return levels.size() > 0 && (c.mapping == topic_mapping::levels || !has(c.text, "+#"));
}

std::string wrong_with_key(const name_case& c) {
    const core::topic_levels levels = amqp::levels_of_key(c.text, c.mapping);
    const auto topic = mqtt::topic_of(levels, c.mapping);
    if (topic.has_value() != can_be_topic(c, levels)) return topic ? "has the topic " + quoted(*topic) : "has no topic";
    if (!topic) return "";
    if (!mqtt::valid_topic_name(*topic) || !valid_mqtt_text(*topic)) return "is the illegal topic " + quoted(*topic);
    const amqp::key_text back = amqp::key_of(mqtt::levels_of_topic(*topic, c.mapping), c.mapping);
    std::string expected = c.text;
    if (c.mapping == topic_mapping::rabbitmq) std::replace(expected.begin(), expected.end(), '/', '.');
    return back.key == expected ? "" : "topic " + quoted(*topic) + " comes back as " + quoted(back.key);
}

}  // namespace

std::vector<named_law> laws_of_names() {
    return {named<name_case>("a topic comes back from its key",
                             {[](dice& d) { return name_case{any_mapping(d), hostile_topic(d)}; }, wrong_with_topic, smaller, print}),
            named<name_case>("a key comes back from its topic",
                             {[](dice& d) { return name_case{any_mapping(d), hostile_key(d)}; }, wrong_with_key, smaller, print})};
}

}  // namespace causeway::roundtrip
