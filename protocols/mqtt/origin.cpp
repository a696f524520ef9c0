#include "protocols/mqtt/origin.hpp"

#include "protocols/mqtt/names.hpp"
#include "protocols/mqtt/neutral.hpp"

namespace causeway::mqtt {

core::topic_levels origin::levels(std::string_view topic) const { return levels_of_topic(topic, mapping_); }

core::topic_pattern origin::pattern(std::string_view filter) const { return pattern_of_filter(filter, mapping_); }

core::properties origin::parse_properties(std::string_view raw) const { return neutral_of(properties::trusted(raw)); }

}  // namespace causeway::mqtt
