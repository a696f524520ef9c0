#include "protocols/mqtt/origin.hpp"

#include "base/check.hpp"
#include "core/broker.hpp"
#include "protocols/mqtt/names.hpp"
#include "protocols/mqtt/neutral.hpp"

namespace causeway::mqtt {

core::topic_levels origin::levels(std::string_view topic) const { return levels_of_topic(topic, rules_.names); }

core::topic_pattern origin::pattern(std::string_view filter) const { return pattern_of_filter(filter, rules_.names); }

core::properties origin::parse_properties(std::string_view raw) const { return neutral_of(properties::trusted(raw), rules_); }

const core::crossing_rules& rules_of(const core::broker& b) {
    ENSURE(b.origins().mqtt->id() == core::protocol::mqtt);
    return static_cast<const origin&>(*b.origins().mqtt).rules();
}

bool may_topic(const core::identity& who, core::right what, const core::broker& where, std::string_view topic) {
    const std::string& vhost = where.options().vhost;
    const core::topic_mapping mapping = rules_of(where).names;
    if (mapping != core::topic_mapping::rabbitmq) return who.may_topic(what, vhost, topic);
    return who.may_topic(what, vhost, what == core::right::read ? routed_filter(topic, mapping) : routed_topic(topic, mapping));
}

}  // namespace causeway::mqtt
