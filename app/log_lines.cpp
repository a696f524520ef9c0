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

void append_text(std::string& to, log_level level, std::string_view message, logger::facts about) {
    const std::string_view name = name_of(level);
    to.append(name).append(6 - name.size(), ' ').append(message);
    for (const fact& f : about) {
        to.append(" ").append(f.key).append("=");
        if (one_word(f.value()))
            to.append(f.value());
        else
            to.append(json_quoted(f.value()));
    }
}

void append_json(std::string& to, log_level level, std::string_view message, logger::facts about) {
    to.append("\"level\":\"").append(name_of(level)).append("\",\"message\":").append(json_quoted(message));
    for (const fact& f : about) to.append(",").append(json_quoted(f.key)).append(":").append(json_quoted(f.value()));
}

std::string log_text(log_level level, std::string_view message, logger::facts about) {
    std::string line;
    append_text(line, level, message, about);
    return line;
}

std::string log_json(log_level level, std::string_view message, logger::facts about) {
    std::string line;
    append_json(line, level, message, about);
    return line;
}

}  // namespace causeway::app
