// A filter matches a topic if and only if its binding key matches the topic's key, each judged by its own protocol's words on the plain
// texts, and by what the broker does (docs/mapping.md, Patterns).

#include <algorithm>

#include "protocols/amqp/names.hpp"
#include "protocols/mqtt/names.hpp"
#include "protocols/mqtt/topic_text.hpp"
#include "tests/roundtrip/hostile.hpp"
#include "tests/roundtrip/law.hpp"

namespace causeway::roundtrip {

namespace {

using core::topic_mapping;

struct pattern_case {
    topic_mapping mapping;
    std::string pattern;
    std::string name;
};

std::string print(const pattern_case& c) { return name_of(c.mapping) + " " + quoted(c.pattern) + " and " + quoted(c.name); }

std::vector<pattern_case> smaller(const pattern_case& c) {
    std::vector<pattern_case> all;
    for (std::string& text : smaller_texts(c.pattern)) all.push_back({c.mapping, std::move(text), c.name});
    for (std::string& text : smaller_texts(c.name)) all.push_back({c.mapping, c.pattern, std::move(text)});
    return all;
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    if (text.empty()) return parts;
    for (;;) {
        const std::size_t at = text.find(separator);
        parts.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

struct wildcards {
    std::string_view one;
    std::string_view many;
};
constexpr wildcards of_mqtt{"+", "#"};
constexpr wildcards of_amqp{"*", "#"};

/// The plainest way to say it (MQTT 4.7.1, AMQP 0-9-1 3.1.3.3).
bool fits(const std::vector<std::string>& pattern, std::size_t p, const std::vector<std::string>& name, std::size_t n, const wildcards& w) {
    if (p == pattern.size()) return n == name.size();
    if (pattern[p] == w.many) {
        for (std::size_t next = n; next <= name.size(); ++next)
            if (fits(pattern, p + 1, name, next, w)) return true;
        return false;
    }
    return n < name.size() && (pattern[p] == w.one || pattern[p] == name[n]) && fits(pattern, p + 1, name, n + 1, w);
}

/// With the '$' rule of both [MQTT-4.7.2-1].
bool matches_text(std::string_view pattern, std::string_view name, char separator, const wildcards& w) {
    const auto levels = split(pattern, separator);
    if (name.starts_with('$') && !levels.empty() && (levels[0] == w.one || levels[0] == w.many)) return false;
    return fits(levels, 0, split(name, separator), 0, w);
}

std::string verdict(bool matched) { return matched ? "matches" : "does not match"; }

std::string wrong_with_filter(const pattern_case& c) {
    if (!mqtt::valid_topic_filter(c.pattern) || !mqtt::valid_topic_name(c.name) || c.pattern.size() > 2000 || c.name.size() > 2000) return "";
    const core::topic_pattern pattern = mqtt::pattern_of_filter(c.pattern, c.mapping);
    const core::topic_levels levels = mqtt::levels_of_topic(c.name, c.mapping);
    const bool matched = core::matches(pattern, levels);
    if (c.mapping != topic_mapping::rabbitmq && matched != matches_text(c.pattern, c.name, '/', of_mqtt))
        return "the broker says that it " + verdict(matched);
    const auto binding = amqp::key_of_pattern(pattern, c.mapping);
    const amqp::key_text key = amqp::key_of(levels, c.mapping);
    if (!binding || key.shortened) return "";
    const core::topic_pattern bound = amqp::pattern_of_key(*binding, c.mapping);
    if (core::matches(bound, amqp::levels_of_key(key.key, c.mapping)) != matched)
        return "binding key " + quoted(*binding) + " " + verdict(!matched) + " key " + quoted(key.key);
    const auto back = mqtt::filter_of_pattern(bound, c.mapping);
    if (c.mapping != topic_mapping::rabbitmq && back != c.pattern)
        return "binding key " + quoted(*binding) + " comes back as " + (back ? quoted(*back) : "nothing");
    return "";
}

/// No code for a wildcard in it: those are judged by core::matches alone.
bool without_codes(std::string_view binding_key) { return binding_key.find('%') == std::string_view::npos; }

std::string wrong_with_binding(const pattern_case& c) {
    if (c.pattern.size() > 255 || c.name.size() > 255) return "";
    const core::topic_pattern pattern = amqp::pattern_of_key(c.pattern, c.mapping);
    const core::topic_levels levels = amqp::levels_of_key(c.name, c.mapping);
    const bool matched = core::matches(pattern, levels);
    const char separator = c.mapping == topic_mapping::slash ? '/' : '.';
    const bool judged = without_codes(c.pattern) && without_codes(c.name) && std::count(c.pattern.begin(), c.pattern.end(), '#') <= 3;
    if (judged && matched != matches_text(c.pattern, c.name, separator, of_amqp)) return "the broker says that it " + verdict(matched);
    // Under `rabbitmq` a slash in a key separates only once it is a topic.
    if (c.mapping == topic_mapping::rabbitmq && (c.pattern + c.name).find('/') != std::string::npos) return "";
    const auto filter = mqtt::filter_of_pattern(pattern, c.mapping);
    const auto topic = mqtt::topic_of(levels, c.mapping);
    if (!filter || !topic) return "";
    if (core::matches(mqtt::pattern_of_filter(*filter, c.mapping), mqtt::levels_of_topic(*topic, c.mapping)) != matched)
        return "filter " + quoted(*filter) + " " + verdict(!matched) + " topic " + quoted(*topic);
    const auto back = amqp::key_of_pattern(mqtt::pattern_of_filter(*filter, c.mapping), c.mapping);
    if (!back || !(amqp::pattern_of_key(*back, c.mapping) == pattern))
        return "filter " + quoted(*filter) + " comes back as " + (back ? quoted(*back) : "nothing");
    return "";
}

/// A pattern that may match the name: made from it, with levels replaced.
std::string pattern_for(dice& d, const std::string& name, char separator, const wildcards& w) {
    if (d.one_in(4)) return hostile_name(d);
    std::string pattern;
    bool first = true;
    for (const std::string& level : split(name, separator)) {
        if (!first) pattern += separator;
        first = false;
        const std::size_t what = d.below(6);
        if (what == 0 && (w.one == "*" || d.one_in(3))) return pattern.append(w.many);
        pattern += what < 3 ? std::string(w.one) : level;
    }
    return pattern;
}

}  // namespace

std::vector<named_law> laws_of_patterns() {
    const auto filter = [](dice& d) {
        const std::string topic = hostile_topic(d);
        return pattern_case{any_mapping(d), pattern_for(d, topic, '/', of_mqtt), topic};
    };
    const auto binding = [](dice& d) {
        const core::topic_mapping mapping = any_mapping(d);
        const std::string key = hostile_key(d);
        return pattern_case{mapping, pattern_for(d, key, mapping == topic_mapping::slash ? '/' : '.', of_amqp), key};
    };
    return {named<pattern_case>("a filter matches as its binding key does", {filter, wrong_with_filter, smaller, print}),
            named<pattern_case>("a binding key matches as its filter does", {binding, wrong_with_binding, smaller, print})};
}

}  // namespace causeway::roundtrip
