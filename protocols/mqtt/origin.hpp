#pragma once
// How MQTT writes names and properties (core/origin.hpp). One object per vhost, for its topic mapping.

#include "core/origin.hpp"
#include "core/topic_mapping.hpp"

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

}  // namespace causeway::mqtt
