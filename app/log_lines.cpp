#include "app/log_lines.hpp"

#include <algorithm>

#include "app/json_text.hpp"

namespace causeway::app {

namespace {

bool one_word(std::string_view value) {
    return !value.empty() && std::none_of(value.begin(), value.end(), [](char c) {
        return static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '\\' || c == '=' || c == 0x7F;
    });
}

}  // namespace

const char* name_of(log_level level) {
    switch (level) {
        case log_level::trace: return "trace";
        case log_level::debug: return "debug";
        case log_level::info: return "info";
        case log_level::warning: return "warn";
        case log_level::error: return "error";
    }
    return "";
}

std::string log_text(log_level level, std::string_view message, logger::facts about) {
    std::string line = name_of(level);
    line.resize(6, ' ');
    line += message;
    for (const fact& f : about) {
        line.append(" ").append(f.key).append("=");
        line += one_word(f.value) ? f.value : json_quoted(f.value);
    }
    return line;
}

std::string log_json(log_level level, std::string_view message, logger::facts about) {
    std::string line = "\"level\":\"" + std::string(name_of(level)) + "\",\"message\":" + json_quoted(message);
    for (const fact& f : about) line += "," + json_quoted(f.key) + ":" + json_quoted(f.value);
    return line;
}

}  // namespace causeway::app
