#pragma once
// How AMQP writes names and properties, for the core (core/origin.hpp).

#include "core/origin.hpp"
#include "core/crossing.hpp"

namespace causeway::amqp {

class origin final : public core::origin {
public:
    explicit origin(core::crossing_rules rules) : rules_(rules) {}

    core::protocol id() const override { return core::protocol::amqp; }
    core::topic_levels levels(std::string_view routing_key) const override;
    core::topic_pattern pattern(std::string_view binding_key) const override;
    /// Of a property block (properties.hpp). A malformed one, which no endpoint lets in, gives no properties.
    core::properties parse_properties(std::string_view block) const override;
    std::optional<std::string> with_header(std::string_view block, std::string_view name,
                                           const core::field_value& value) const override;
    std::optional<std::string> with_history(std::string_view block, const core::field_table& headers) const override;
    std::optional<std::string> expiration_of(std::string_view block) const override;

    const core::crossing_rules& rules() const { return rules_; }

private:
    core::crossing_rules rules_;
};

}  // namespace causeway::amqp
