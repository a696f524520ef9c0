#pragma once
// Routing keys and binding keys as levels, per topic mapping (docs/mapping.md, Names). With the mapping `levels` a key and
// its levels are each other's image: key_of(levels_of_key(k)) is k, byte for byte, for every key.

#include <optional>
#include <string>
#include <string_view>

#include "core/topic.hpp"
#include "core/topic_mapping.hpp"

namespace causeway::amqp {

/// A routing key's levels. The empty key has none.
core::topic_levels levels_of_key(std::string_view key, core::topic_mapping mapping);

/// A binding key's pattern: a level "*" matches one level, "#" any number; a literal one of these is written %2A, %23
/// (not with the mapping `rabbitmq`, which knows no codes).
core::topic_pattern pattern_of_key(std::string_view key, core::topic_mapping mapping);

/// The binding key of that pattern. nullopt: none says it, or it would be over 255 bytes.
std::optional<std::string> key_of_pattern(const core::topic_pattern& pattern, core::topic_mapping mapping);

/// AMQP's limit for a routing key (a short string).
inline constexpr std::size_t key_bytes_max = 255;
/// What is left of a longer one before its hash.
inline constexpr std::size_t key_prefix_bytes_max = 220;

struct key_text {
    std::string key;
    bool shortened = false;  // the key was over 255 bytes: it is a prefix and a hash; header x-mqtt-topic has the topic
};
key_text key_of(const core::topic_levels& levels, core::topic_mapping mapping);

}  // namespace causeway::amqp
