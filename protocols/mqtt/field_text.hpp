#pragma once
// Typed values of AMQP headers as the text of MQTT user properties (docs/mapping.md, Properties): scalars as plain text,
// arrays and tables as JSON, bytes as base64. What reads back writes the same text again, or is not read at all.

#include <optional>
#include <string>
#include <string_view>

#include "core/field.hpp"

namespace causeway::mqtt {

/// Compact JSON. Numbers keep their digits; bytes and text that is not UTF-8 are base64 strings.
std::string json_of(const core::field_value& value);

/// An array, object or string; nullopt if it is something else, deeper than 32 levels, or not written the way json_of does.
std::optional<core::field_value> value_of_json(std::string_view text);

/// A header as a user property: the suffix that its name gets, and its text.
struct header_text {
    std::string_view suffix;  // "", ";json" or ";b64"
    std::string text;
};
header_text text_of(const core::field_value& value);

inline constexpr std::string_view json_suffix = ";json";
inline constexpr std::string_view base64_suffix = ";b64";

}  // namespace causeway::mqtt
