#include "protocols/mqtt/user_property.hpp"

#include <optional>

#include "base/base64.hpp"
#include "protocols/mqtt/field_text.hpp"

namespace causeway::mqtt {

namespace {

/// Would that pair, as it stands, be read as another header? Each step of the recursion reads what is quoted in the one before, so there
/// are as many as a text can be quoted in itself.
bool means_more(std::string_view name, std::string_view value) { return header_of(name, value).first.size() != name.size(); }

std::optional<core::field_value> value_of(std::string_view name, std::string_view json) {
    auto value = value_of_json(json);
    const std::string* text = value ? std::get_if<std::string>(&value->base()) : nullptr;
    if (text && !means_more(name, *text)) return std::nullopt;
    return value;
}

std::string_view without(std::string_view suffix, std::string_view name) { return name.substr(0, name.size() - suffix.size()); }

}  // namespace

user_property property_of(std::string_view name, const core::field_value& value) {
    header_text written = text_of(value);
    const bool plain_string = written.suffix.empty() && std::holds_alternative<std::string>(value.base());
    if (plain_string && means_more(name, written.text)) written = {json_suffix, json_of(value)};
    return {std::string(name).append(written.suffix), std::move(written.text)};
}

core::named_value header_of(std::string_view name, std::string_view value) {
    if (name.ends_with(json_suffix))
        if (auto read = value_of(without(json_suffix, name), value)) return {std::string(without(json_suffix, name)), std::move(*read)};
    if (name.ends_with(base64_suffix))
        if (auto bytes = bytes_of_base64(value))
            return {std::string(without(base64_suffix, name)), core::byte_array{std::move(*bytes)}};
    return {std::string(name), std::string(value)};
}

}  // namespace causeway::mqtt
