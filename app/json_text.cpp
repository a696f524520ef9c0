#include "app/json_text.hpp"

#include <cstdio>

namespace causeway::app {

std::string json_quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default:
                if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F) {
                    out += c;
                } else {
                    char escaped[8];
                    std::snprintf(escaped, sizeof(escaped), "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
                    out += escaped;
                }
        }
    }
    return out + "\"";
}

json_text& json_text::item(std::string_view name, std::string_view json) {
    new_item(name);
    out_ += json;
    return *this;
}

json_text& json_text::begin(std::string_view name, char bracket) {
    new_item(name);
    out_ += bracket;
    open_ += bracket == '{' ? '}' : ']';
    first_ = true;
    return *this;
}

json_text& json_text::end() {
    const char bracket = open_.back();
    open_.pop_back();
    if (!first_) out_ += "\n" + std::string(2 * open_.size(), ' ');
    out_ += bracket;
    first_ = false;
    return *this;
}

void json_text::new_item(std::string_view name) {
    if (!open_.empty()) out_ += (first_ ? "\n" : ",\n") + std::string(2 * open_.size(), ' ');
    if (!name.empty()) out_ += json_quoted(name) + ": ";
    first_ = false;
}

}  // namespace causeway::app
