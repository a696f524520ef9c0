#include "app/expansion.hpp"

#include <algorithm>
#include <cstdlib>

namespace causeway::app {

namespace {

bool name_character(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/// What stands for the inside of ${…}.
parsed<std::string> value_of(std::string_view inside, const environment& from) {
    const std::size_t split = inside.find(":-");
    const std::string name(inside.substr(0, split));
    if (name.empty() || !std::all_of(name.begin(), name.end(), name_character))
        return complaint{"'${" + std::string(inside) + "}' does not name an environment variable"};
    const std::optional<std::string> value = from(name);
    if (split != std::string_view::npos) return value && !value->empty() ? *value : std::string(inside.substr(split + 2));
    if (!value)
        return complaint{"environment variable '" + name + "' is not set; write ${" + name +
                         ":-default} to give it a default"};
    return *value;
}

}  // namespace

environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value ? std::optional<std::string>(value) : std::nullopt;
    };
}

parsed<std::string> expand(std::string_view text, const environment& from) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (text.substr(at, 3) == "$${") {
            out += "${";
            at += 3;
        } else if (text.substr(at, 2) == "${") {
            const std::size_t end = text.find('}', at);
            if (end == std::string_view::npos) return complaint{"'${' has no closing '}'"};
            TRY(std::string value, value_of(text.substr(at + 2, end - at - 2), from));
            out += value;
            at = end + 1;
        } else {
            out += text[at++];
        }
    }
    return out;
}

}  // namespace causeway::app
