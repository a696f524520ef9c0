#include "tests/roundtrip/hostile.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace causeway::roundtrip {

namespace {

constexpr std::array<std::string_view, 26> pieces = {"a", "b", ".", "/", "+", "#", "*", "%", "2", "5", "E", "F", "%2E", "%2F", "%25",
                                                     "%2A", "%23", "%2B", "25", "$", "2e", "ä", " ", "$SYS", "mqtt:", "~"};
constexpr std::array<std::size_t, 10> long_sizes = {217, 219, 220, 221, 222, 254, 255, 256, 257, 65'535};

std::string of_pieces(dice& d, std::size_t most) {
    std::string text;
    for (std::size_t n = d.below(most + 1); n > 0; --n) text.append(pieces[d.below(pieces.size())]);
    return text;
}

/// Repeats the text up to a size near a limit, not through the middle of a character.
std::string stretched(dice& d, const std::string& text) {
    std::string made;
    const std::size_t size = long_sizes[d.below(d.one_in(40) ? long_sizes.size() : long_sizes.size() - 1)];
    const std::string step = text.empty() ? "a" : text;
    while (made.size() + step.size() <= size) made.append(step);
    return made.append(size - made.size(), 'z');
}

void drop_all(std::string& text, std::string_view unwanted) {
    std::erase_if(text, [unwanted](char c) { return unwanted.find(c) != std::string_view::npos; });
}

}  // namespace

std::string hostile_name(dice& d) {
    const std::string text = of_pieces(d, 9);
    return d.one_in(25) ? stretched(d, text) : text;
}

std::string hostile_topic(dice& d) {
    std::string topic = hostile_name(d);
    drop_all(topic, "+#");
    return topic.empty() ? "t" : topic;
}

std::string hostile_key(dice& d) {
    std::string key = hostile_name(d);
    if (d.one_in(12)) key.insert(d.below(key.size() + 1), 1, static_cast<char>(d.below(256)));
    return key.substr(0, 255);
}

std::string hostile_text(dice& d) {
    static constexpr std::array<std::string_view, 12> values = {"",     "0",     "007",  "18446744073709551615", "[1,2]", "{\"k\":\"v\"}",
                                                                "eA==", "\"[]\"", "true", "\"\\\"[1]\\\"\"",       "[ 1]",  "\x01\"\\"};
    if (d.one_in(2)) return std::string(values[d.below(values.size())]);
    return hostile_name(d);
}

std::string hostile_bytes(dice& d) {
    std::string bytes = hostile_text(d);
    if (d.one_in(3)) bytes.insert(d.below(bytes.size() + 1), 1, static_cast<char>(d.below(256)));
    return bytes.substr(0, 65'535);
}

core::topic_mapping any_mapping(dice& d) { return static_cast<core::topic_mapping>(d.below(3)); }

std::vector<std::string> smaller_texts(const std::string& text) {
    std::vector<std::string> all;
    for (std::size_t part = text.size(); part > 0; part /= 2)
        for (std::size_t at = 0; at + part <= text.size(); at += part) {
            all.push_back(std::string(text).erase(at, part));
            if (all.size() > 600) return all;
        }
    return all;
}

std::string quoted(std::string_view bytes) {
    static constexpr char hex[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : bytes.substr(0, 400)) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (byte < 0x20 || byte >= 0x7F)
            ((out += "\\x") += hex[byte >> 4]) += hex[byte & 15];
        else
            (out += c == '"' || c == '\\' ? "\\" : "") += c;
    }
    out += '"';
    return bytes.size() > 400 ? out + "… (" + std::to_string(bytes.size()) + " bytes)" : out;
}

std::string name_of(core::topic_mapping mapping) {
    switch (mapping) {
        case core::topic_mapping::levels: return "levels";
        case core::topic_mapping::rabbitmq: return "rabbitmq";
        case core::topic_mapping::slash: return "slash";
    }
    return "";
}

}  // namespace causeway::roundtrip
