#include "core/field.hpp"

#include <type_traits>

namespace causeway::core {

bool operator==(const field_value& a, const field_value& b) { return a.base() == b.base(); }

const field_value* find(const field_table& table, std::string_view name) {
    for (const auto& [key, value] : table)
        if (key == name) return &value;
    return nullptr;
}

bool as_integer(const field_value& value, std::int64_t& out) {
    return std::visit(
        [&out](const auto& v) {
            using type = std::decay_t<decltype(v)>;
            if constexpr (std::is_integral_v<type> && !std::is_same_v<type, bool>) {
                out = static_cast<std::int64_t>(v);
                return true;
            }
            return false;
        },
        value.base());
}

const std::string* as_text(const field_value& value) {
    if (const auto* text = std::get_if<std::string>(&value.base())) return text;
    if (const auto* bytes = std::get_if<byte_array>(&value.base())) return &bytes->bytes;
    return nullptr;
}

}  // namespace causeway::core
