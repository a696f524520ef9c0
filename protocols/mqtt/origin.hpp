#pragma once
// How MQTT writes names and properties (core/origin.hpp). One object per vhost, for its topic mapping.

#include "core/access.hpp"
#include "core/origin.hpp"
#include "core/topic_mapping.hpp"

namespace causeway::core {
class broker;
}

namespace causeway::mqtt {

class origin final : public core::origin {
public:
    explicit origin(core::topic_mapping mapping) : mapping_(mapping) {}

    core::protocol id() const override { return core::protocol::mqtt; }
    core::topic_levels levels(std::string_view topic) const override;
    core::topic_pattern pattern(std::string_view filter) const override;
    /// `raw` is what properties::forwardable gave.
    core::properties parse_properties(std::string_view raw) const override;

    core::topic_mapping mapping() const { return mapping_; }

private:
    core::topic_mapping mapping_;
};

/// What the broker's vhost was configured with.
core::topic_mapping mapping_of(const core::broker& b);

/// identity::may_topic of a topic (write) or filter (read) of a client, as it routes in this vhost.
bool may_topic(const core::identity& who, core::right what, const core::broker& where, std::string_view topic);

}  // namespace causeway::mqtt
