#include "core/level_text.hpp"

#include <algorithm>
#include <cstdint>

namespace causeway::core {

namespace {

constexpr std::string_view guard = "25";  // '%' itself, in the text after one

char hex_digit(unsigned value) { return static_cast<char>(value < 10 ? '0' + value : 'A' + value - 10); }

/// The character that these two digits are the code of, or 0. Only upper-case digits are codes.
char coded_character(std::string_view digits, const level_syntax& syntax) {
    for (const char c : syntax.coded) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (digits[0] == hex_digit(byte >> 4U) && digits[1] == hex_digit(byte & 15U)) return c;
    }
    return 0;
}

/// What follows a '%': `(25)*` and a code?
struct code_after_percent {
    char character = 0;  // 0: no code, the '%' stands for itself
    std::size_t guards = 0;
};

code_after_percent code_at(std::string_view after, const level_syntax& syntax) {
    std::size_t guards = 0;
    while (after.starts_with(guard)) {
        after.remove_prefix(guard.size());
        ++guards;
    }
    return after.size() < 2 ? code_after_percent{} : code_after_percent{coded_character(after, syntax), guards};
}

void write_code(std::string& out, char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    out.push_back('%');
    out.push_back(hex_digit(byte >> 4U));
    out.push_back(hex_digit(byte & 15U));
}

}  // namespace

std::string read_level(std::string_view text, const level_syntax& syntax) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t plain = std::min(text.find('%'), text.size());
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) break;
        text.remove_prefix(1);
        const auto [character, guards] = code_at(text, syntax);
        if (character == 0) {
            out.push_back('%');
        } else if (guards > 0) {  // a guarded '%': take one guard off, the rest is literal
            text.remove_prefix(guard.size());
            out.push_back('%');
            out.append(text.substr(0, 2 * guards));
            text.remove_prefix(2 * guards);
        } else {
            text.remove_prefix(2);
            out.push_back(character);
        }
    }
    return out;
}

void write_level(std::string& out, std::string_view level, const level_syntax& syntax) {
    if (level.find('%') == std::string_view::npos && level.find_first_of(syntax.coded) == std::string_view::npos) {
        out.append(level);
        return;
    }
    for (std::size_t at = 0; at < level.size(); ++at) {
        const char c = level[at];
        if (syntax.coded.find(c) != std::string_view::npos) {
            write_code(out, c);
            continue;
        }
        out.push_back(c);
        if (c == '%' && code_at(level.substr(at + 1), syntax).character != 0) out.append(guard);
    }
}

bool next_level(std::string_view& text, std::string_view& level, const level_syntax& syntax) {
    const std::size_t at = text.find_first_of(syntax.separators);
    level = text.substr(0, at);
    text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
    return at != std::string_view::npos;
}

topic_levels read_levels(std::string_view text, const level_syntax& syntax) {
    topic_levels levels;
    if (text.empty()) return levels;
    const bool codes = !syntax.coded.empty() && text.find('%') != std::string_view::npos;
    std::string_view level;
    bool more = true;
    while (more) {
        more = next_level(text, level, syntax);
        if (codes)
            levels.push(read_level(level, syntax));
        else
            levels.push(level);
    }
    return levels;
}

std::string write_levels(const topic_levels& levels, const level_syntax& syntax) {
    std::string out;
    for (std::size_t i = 0; i < levels.size(); ++i) {
        if (i > 0) out.push_back(syntax.separators[0]);
        write_level(out, levels[i], syntax);
    }
    return out;
}

}  // namespace causeway::core
