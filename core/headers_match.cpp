#include "core/headers_match.hpp"

#include <optional>
#include <type_traits>

namespace causeway::core {

namespace {

/// Wide enough for every integer of a table and as exact as needed for its floating numbers.
std::optional<long double> number_in(const field_value& value) {
    return std::visit(
        [](const auto& v) -> std::optional<long double> {
            using type = std::decay_t<decltype(v)>;
            if constexpr (std::is_arithmetic_v<type> && !std::is_same_v<type, bool>) return static_cast<long double>(v);
            if constexpr (std::is_same_v<type, timestamp>) return static_cast<long double>(v.seconds);
            return std::nullopt;
        },
        value.base());
}

/// Up to here looking through them is faster.
constexpr std::size_t few_headers = 16;

}  // namespace

header_index::header_index(const field_table& headers) : headers_(headers) {
    if (headers.size() <= few_headers) return;
    by_name_.reserve(headers.size());
    for (const auto& [name, value] : headers) by_name_.emplace(name, &value);
}

const field_value* header_index::find(std::string_view name) const {
    if (by_name_.empty()) return core::find(headers_, name);
    const auto at = by_name_.find(name);
    return at == by_name_.end() ? nullptr : at->second;
}

bool equal_values(const field_value& a, const field_value& b) {
    if (a == b) return true;
    if (const std::string* text = as_text(a)) return as_text(b) && *as_text(b) == *text;
    const auto x = number_in(a);
    return x && x == number_in(b);
}

bool headers_match(const field_table& arguments, const header_index& headers) {
    std::string_view mode = "all";
    if (const field_value* m = find(arguments, "x-match"); m && as_text(*m)) mode = *as_text(*m);
    const bool any = mode.starts_with("any");
    const bool with_x = mode.ends_with("-with-x");
    for (const auto& [name, value] : arguments) {
        if (name == "x-match" || (!with_x && name.starts_with("x-"))) continue;
        const field_value* given = headers.find(name);
        const bool satisfied = given && (std::holds_alternative<no_value>(value.base()) || equal_values(*given, value));
        if (satisfied == any) return any;
    }
    return !any;
}

}  // namespace causeway::core
