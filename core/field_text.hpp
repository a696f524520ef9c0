#pragma once
// Field values in the words of error texts, which programs compare with RabbitMQ's.

#include <string>

#include "core/field.hpp"

namespace causeway::core {

/// RabbitMQ's name of the value's wire type: "longstr".
const char* type_name(const field_value& value);

/// The value itself: "5", "drop-head", "true"; "…" for what has no short text.
std::string value_text(const field_value& value);

}  // namespace causeway::core
