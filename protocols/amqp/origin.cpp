#include "protocols/amqp/origin.hpp"

#include "protocols/amqp/names.hpp"
#include "protocols/amqp/properties.hpp"

namespace causeway::amqp {

core::topic_levels origin::levels(std::string_view routing_key) const { return levels_of_key(routing_key, rules_.names); }

core::topic_pattern origin::pattern(std::string_view binding_key) const { return pattern_of_key(binding_key, rules_.names); }

core::properties origin::parse_properties(std::string_view block) const {
    const auto properties = read_block(block);
    return properties ? to_neutral(*properties) : core::properties();
}

std::optional<std::string> origin::expiration_of(std::string_view block) const {
    const auto properties = read_block(block);
    if (!properties || !properties->expiration) return std::nullopt;
    return std::string(*properties->expiration);
}

std::optional<std::string> origin::with_header(std::string_view block, std::string_view name,
                                               const core::field_value& value) const {
    core::field_table headers = headers_of(block);
    for (auto& header : headers)
        if (header.first == name) header.second = value;
    return with_headers(block, headers);
}

std::optional<std::string> origin::with_history(std::string_view block, const core::field_table& headers) const {
    return amqp::with_history(block, headers);
}

}  // namespace causeway::amqp
