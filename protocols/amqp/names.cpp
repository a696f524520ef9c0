#include "protocols/amqp/names.hpp"

#include <cstdint>

#include "core/level_text.hpp"

namespace causeway::amqp {

namespace {

using core::topic_mapping;

constexpr core::mapped_syntaxes syntaxes{
    .levels = {.separators = ".", .coded = "."},
    .rabbitmq = {.separators = ".", .coded = ""},
    .slash = {.separators = "/", .coded = ""},
};

// How a level that is a literal wildcard is written in a binding key.
constexpr core::level_syntax wildcards{.separators = "", .coded = "*#"};

/// "%2A" and "%23" as a whole level are a literal '*' and '#', and "%252A" a literal "%2A"; inside a longer level they are
/// ordinary text, as they are in routing keys.
bool literal_wildcard(std::string_view text, std::string& literal) {
    if (!text.starts_with('%')) return false;
    std::string_view code = text.substr(1);
    while (code.starts_with("25")) code.remove_prefix(2);
    if (code != "2A" && code != "23") return false;
    literal = core::read_level(text, wildcards);
    return true;
}

/// What literal_wildcard reads.
std::string& write_literal(std::string& out, std::string_view level, const core::level_syntax& syntax) {
    std::string text;
    core::write_level(text, level, syntax);
    std::string literal;
    if (text == "*" || text == "#" || literal_wildcard(text, literal)) {
        text.clear();
        core::write_level(text, level, wildcards);
    }
    return out.append(text);
}

/// FNV-1a, 64 bits, as 16 hex digits. Part of what consumers see: never to change.
std::string hash_text(std::string_view text) {
    std::uint64_t hash = 0xCBF2'9CE4'8422'2325ULL;
    for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100'0000'01B3ULL;
    std::string out(16, '0');
    for (std::size_t i = 0; i < 16; ++i) out[i] = "0123456789abcdef"[(hash >> (60 - 4 * i)) & 15U];
    return out;
}

/// The longest prefix of whole levels, then `.%~` and the hash of the whole key.
std::string shortened(const std::string& whole, char separator) {
    // A separator right behind the limit still ends a prefix that fits.
    const std::size_t cut = whole.rfind(separator, key_prefix_bytes_max);
    std::string key = whole.substr(0, cut == std::string::npos ? 0 : cut);
    key.push_back(separator);
    return key.append("%~").append(hash_text(whole));
}

}  // namespace

core::topic_levels levels_of_key(std::string_view key, topic_mapping mapping) {
    return core::read_levels(key, syntaxes.of(mapping));
}

core::topic_pattern pattern_of_key(std::string_view key, topic_mapping mapping) {
    core::topic_pattern pattern;
    if (key.empty()) return pattern;
    const core::level_syntax& syntax = syntaxes.of(mapping);
    std::string_view level;
    std::string literal;
    bool more = true;
    while (more) {
        more = core::next_level(key, level, syntax);
        if (level == "*")
            pattern.push_one();
        else if (level == "#")
            pattern.push_many();
        else if (mapping != topic_mapping::rabbitmq && literal_wildcard(level, literal))
            pattern.push_literal(literal);
        else
            pattern.push_literal(core::read_level(level, syntax));
    }
    return pattern;
}

std::optional<std::string> key_of_pattern(const core::topic_pattern& pattern, topic_mapping mapping) {
    using kind = core::topic_pattern::kind;
    const core::level_syntax& syntax = syntaxes.of(mapping);
    std::string key;
    for (const auto& [what, text] : pattern.levels()) {
        if (&text != &pattern.levels().front().text) key.push_back(syntax.separators[0]);
        switch (what) {
            case kind::literal: mapping == topic_mapping::rabbitmq ? key.append(text) : write_literal(key, text, syntax); break;
            case kind::one: key.push_back('*'); break;
            case kind::many: key.push_back('#'); break;
        }
    }
    if (key.size() > key_bytes_max || pattern_of_key(key, mapping) != pattern) return std::nullopt;
    return key;
}

key_text key_of(const core::topic_levels& levels, topic_mapping mapping) {
    const core::level_syntax& syntax = syntaxes.of(mapping);
    std::string key = core::write_levels(levels, syntax);
    if (key.size() <= key_bytes_max) return {std::move(key), false};
    return {shortened(key, syntax.separators[0]), true};
}

}  // namespace causeway::amqp
