#pragma once
// One AMQP header and one MQTT user property, each as the other (docs/mapping.md, Properties). Both ways are exact: what property_of
// wrote, header_of reads back, but for what text cannot tell (types of numbers); and no user property changes on its way there and back.

#include <string>
#include <string_view>

#include "core/field.hpp"

namespace causeway::mqtt {

/// Plain text, or the name has the suffix ";json" or ";b64". A string whose plain form would be read as something else is JSON, too.
struct user_property {
    std::string name;
    std::string value;
};
user_property property_of(std::string_view name, const core::field_value& value);

/// A suffix means something only if property_of would have written it so; otherwise it is part of the name of a string.
core::named_value header_of(std::string_view name, std::string_view value);

}  // namespace causeway::mqtt
