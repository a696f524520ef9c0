#pragma once
// Topic names and topic filters as levels, per topic mapping (docs/mapping.md, Names). With the mapping `levels` a name and
// its levels are each other's image: topic_of(levels_of_topic(t)) is t, byte for byte, for every legal topic name.

#include <optional>
#include <string>
#include <string_view>

#include "core/topic.hpp"
#include "core/topic_mapping.hpp"

namespace causeway::mqtt {

/// The levels of a valid topic name.
core::topic_levels levels_of_topic(std::string_view topic, core::topic_mapping mapping);

/// The pattern of a valid topic filter (without $share/<group>/).
core::topic_pattern pattern_of_filter(std::string_view filter, core::topic_mapping mapping);

/// The filter of that pattern. nullopt: no legal one says it (a `#` that is not the last level, a text no topic can have).
std::optional<std::string> filter_of_pattern(const core::topic_pattern& pattern, core::topic_mapping mapping);

/// The topic name of these levels. nullopt: none can be legal (empty, U+0000, not UTF-8, over 65,535 bytes; with the
/// mappings rabbitmq and slash also a level with '+' or '#').
std::optional<std::string> topic_of(const core::topic_levels& levels, core::topic_mapping mapping);

/// A topic or filter in the form in which rights are compared with it: as it routes, in MQTT's syntax. Under `rabbitmq` a '.'
/// separates, too, and a level '*' of a filter is '+'.
std::string routed_topic(std::string_view topic, core::topic_mapping mapping);
std::string routed_filter(std::string_view filter, core::topic_mapping mapping);

}  // namespace causeway::mqtt
