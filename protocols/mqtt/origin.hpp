#pragma once
// How MQTT writes names and properties (core/origin.hpp). One object per vhost, for its rules.

#include "core/access.hpp"
#include "core/origin.hpp"
#include "core/crossing.hpp"

namespace causeway::core {
class broker;
}

namespace causeway::mqtt {

class origin final : public core::origin {
public:
    explicit origin(core::crossing_rules rules) : rules_(rules) {}

    core::protocol id() const override { return core::protocol::mqtt; }
    core::topic_levels levels(std::string_view topic) const override;
    core::topic_pattern pattern(std::string_view filter) const override;
    /// `raw` is what properties::forwardable gave.
    core::properties parse_properties(std::string_view raw) const override;

    core::topic_mapping mapping() const { return rules_.names; }
    const core::crossing_rules& rules() const { return rules_; }

private:
    core::crossing_rules rules_;
};

/// What the broker's vhost was configured with.
const core::crossing_rules& rules_of(const core::broker& b);

/// identity::may_topic of a topic (write) or filter (read) of a client, as it routes in this vhost.
bool may_topic(const core::identity& who, core::right what, const core::broker& where, std::string_view topic);

}  // namespace causeway::mqtt
