#include "protocols/mqtt/names.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "core/level_text.hpp"
#include "protocols/mqtt/topic_text.hpp"

namespace causeway::mqtt {

namespace {

using core::topic_mapping;

constexpr std::size_t topic_bytes_max = 65'535;  // [MQTT-1.5.4-3]

constexpr core::mapped_syntaxes syntaxes{
    .levels = {.separators = "/", .coded = "/+#"},
    // RabbitMQ replaces '/' by '.', so a '.' that was there before separates as well.
    .rabbitmq = {.separators = "/.", .coded = ""},
    .slash = {.separators = "/", .coded = ""},
};

/// '+' becomes '*' on the way to RabbitMQ's topic exchange, where a '*' that was there before is a wildcard too.
bool one_level(std::string_view text, topic_mapping mapping) {
    return text == "+" || (mapping == topic_mapping::rabbitmq && text == "*");
}

}  // namespace

core::topic_levels levels_of_topic(std::string_view topic, topic_mapping mapping) {
    return core::read_levels(topic, syntaxes.of(mapping));
}

core::topic_pattern pattern_of_filter(std::string_view filter, topic_mapping mapping) {
    core::topic_pattern pattern;
    if (filter.empty()) return pattern;
    const core::level_syntax& syntax = syntaxes.of(mapping);
    std::string_view level;
    bool more = true;
    while (more) {
        more = core::next_level(filter, level, syntax);
        if (one_level(level, mapping))
            pattern.push_one();
        else if (level == "#")
            pattern.push_many();
        else
            pattern.push_literal(core::read_level(level, syntax));
    }
    return pattern;
}

std::optional<std::string> filter_of_pattern(const core::topic_pattern& pattern, topic_mapping mapping) {
    using kind = core::topic_pattern::kind;
    const core::level_syntax& syntax = syntaxes.of(mapping);
    std::string filter;
    for (const auto& [what, text] : pattern.levels()) {
        if (&text != &pattern.levels().front().text) filter.push_back(syntax.separators[0]);
        switch (what) {
            case kind::literal: core::write_level(filter, text, syntax); break;
            case kind::one: filter.push_back('+'); break;
            case kind::many: filter.push_back('#'); break;
        }
    }
    const bool legal = filter.size() <= topic_bytes_max && valid_mqtt_text(filter) && valid_topic_filter(filter);
    if (!legal || pattern_of_filter(filter, mapping) != pattern) return std::nullopt;
    return filter;
}

std::optional<std::string> topic_of(const core::topic_levels& levels, topic_mapping mapping) {
    std::string topic = core::write_levels(levels, syntaxes.of(mapping));
    if (topic.empty() || topic.size() > topic_bytes_max || !valid_mqtt_text(topic)) return std::nullopt;
    if (topic.find_first_of("+#") != std::string::npos) return std::nullopt;  // [MQTT-3.3.2-2]
    return topic;
}

std::string routed_topic(std::string_view topic, topic_mapping mapping) {
    std::string routed(topic);
    if (mapping == topic_mapping::rabbitmq) std::replace(routed.begin(), routed.end(), '.', '/');
    return routed;
}

std::string routed_filter(std::string_view filter, topic_mapping mapping) {
    std::string routed = routed_topic(filter, mapping);
    for (std::size_t at = 0; at < routed.size(); ++at) {
        const bool begins = at == 0 || routed[at - 1] == '/';
        const bool ends = at + 1 == routed.size() || routed[at + 1] == '/';
        if (begins && ends && one_level(routed.substr(at, 1), mapping)) routed[at] = '+';
    }
    return routed;
}

}  // namespace causeway::mqtt
