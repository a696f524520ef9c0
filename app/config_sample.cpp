#include <algorithm>

#include "app/config_keys.hpp"
#include "app/config_text.hpp"
#include "app/json_text.hpp"

namespace causeway::app {

namespace {

constexpr std::size_t width = 110;

constexpr const char* introduction =
    "# yaml-language-server: $schema=causeway.schema.json\n"
    "#\n"
    "# Every key of Causeway's configuration, with its default or, where it has none, with an example. Only `data` and\n"
    "# `listeners` are required. docs/configuration.md has the same as a page.\n";

/// Comment lines of at most `width` characters.
std::string comment(std::string_view about, const std::string& margin) {
    std::string out, line;
    const auto flush = [&] {
        if (!line.empty()) out += margin + "#" + line + "\n";
        line.clear();
    };
    while (!about.empty()) {
        const std::size_t end = std::min(about.find(' '), about.size());
        if (margin.size() + line.size() + end + 2 > width) flush();
        line += " " + std::string(about.substr(0, end));
        about.remove_prefix(std::min(end + 1, about.size()));
    }
    flush();
    return out;
}

/// Quoted where YAML would take it for something else.
std::string scalar(std::string_view text) {
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '.' ||
               c == '_' || c == '-';
    };
    const bool safe = !text.empty() && text.front() != '-' && std::all_of(text.begin(), text.end(), plain);
    return safe ? std::string(text) : json_quoted(text);
}

std::string value_of(const section& s, const key& k) {
    if (k.what == kind::texts) return k.example.empty() ? "[]" : "[" + scalar(k.example) + "]";
    if (k.what == kind::arguments) return k.example.empty() ? "{}" : std::string(k.example);
    return scalar(k.example.empty() ? default_text(s, k) : k.example);
}

/// All keys of a section. For an item of a list, `dash` is set: its first key stands behind a "- ".
std::string keys_of(const section& s, std::size_t indent, bool dash) {
    std::string out;
    for (const key& k : s.keys) {
        const std::string margin(indent, ' ');
        const bool first_of_item = dash && &k == &s.keys.front();
        const std::string lead = first_of_item ? std::string(indent - 2, ' ') + "- " : margin;
        const std::string_view about = k.member.inner ? k.member.inner().about : k.about;
        if (indent == 0) out += "\n";
        out += comment(about, first_of_item ? std::string(indent - 2, ' ') : margin) + lead + std::string(k.name) + ":";
        if (k.what == kind::section)
            out += "\n" + keys_of(k.member.inner(), indent + 2, false);
        else if (k.what == kind::sections)
            out += "\n" + keys_of(k.member.inner(), indent + 4, true);
        else
            out += " " + value_of(s, k) + "\n";
    }
    return out;
}

}  // namespace

std::string config_sample() { return introduction + keys_of(section_of<config>(), 0, false); }

}  // namespace causeway::app
