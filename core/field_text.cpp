#include "core/field_text.hpp"

namespace causeway::core {

const char* type_name(const field_value& value) {
    static constexpr const char* names[] = {"void",        "bool", "byte",  "unsignedbyte", "short",     "unsignedshort",
                                            "signedint",   "unsignedint", "long", "unsignedlong", "float", "double",
                                            "decimal",     "longstr", "binary", "timestamp",  "array",    "table"};
    return names[value.index()];
}

std::string value_text(const field_value& value) {
    std::int64_t number = 0;
    if (as_integer(value, number)) return std::to_string(number);
    if (const std::string* text = as_text(value)) return *text;
    if (const bool* flag = std::get_if<bool>(&value.base())) return *flag ? "true" : "false";
    return "…";
}

}  // namespace causeway::core
