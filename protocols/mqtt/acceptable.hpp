#pragma once
// What this server does not accept from a client although the standard would allow it: in a PUBLISH, a will or a filter.

#include <algorithm>
#include <string_view>

#include "base/utf8.hpp"
#include "core/broker.hpp"
#include "protocols/mqtt/options.hpp"
#include "protocols/mqtt/properties.hpp"

namespace causeway::mqtt {

/// The operator's limits of topic names and filters. Levels are counted only where there are characters enough for too many.
inline bool within_limits(std::string_view topic, const options& limits) {
    if (topic.size() > limits.topic_bytes_max) return false;
    return topic.size() < limits.topic_levels_max || std::count(topic.begin(), topic.end(), '/') < limits.topic_levels_max;
}

/// A name under which only the broker speaks (4.7.2).
inline bool is_sys_topic(std::string_view topic, const core::broker& broker) {
    return topic.starts_with(core::own_level) && core::is_own_name(broker.origins().mqtt->levels(topic));
}

/// Is a payload that is said to be text well-formed UTF-8 (3.3.2.3.2)?
inline bool payload_as_said(const properties& said, std::string_view payload) {
    return said.number_or(property::payload_format, 0) == 0 || valid_utf8(payload);
}

}  // namespace causeway::mqtt
