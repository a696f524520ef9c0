#include "tests/roundtrip/mqtt_block.hpp"

#include "protocols/mqtt/neutral.hpp"
#include "tests/roundtrip/hostile.hpp"

namespace causeway::roundtrip {

using mqtt::property;

namespace {

std::string line_of(property id, std::uint32_t number, std::string_view text, std::string_view value) {
    switch (id) {
        case property::payload_format: return "payload format " + std::to_string(number);
        case property::content_type: return "content type " + quoted(text);
        case property::response_topic: return "response topic " + quoted(text);
        case property::correlation_data: return "correlation data " + quoted(text);
        default: return quoted(text) + "=" + quoted(value);
    }
}

std::string join(const std::vector<std::string>& lines) {
    std::string all;
    for (const std::string& line : lines) all += (all.empty() ? "{" : ", ") + line;
    return all.empty() ? "{}" : all + "}";
}

}  // namespace

std::string bytes_of(const mqtt_block& block) {
    std::string bytes;
    mqtt::property_writer out(bytes);
    for (const mqtt_property& each : block) {
        if (each.id == property::payload_format)
            out.number(each.id, each.number);
        else if (each.id == property::user_property)
            out.pair(each.text, each.value);
        else
            out.text(each.id, each.text);
    }
    return bytes;
}

std::string text_of(const mqtt_block& block) {
    std::vector<std::string> lines;
    for (const mqtt_property& each : block) lines.push_back(line_of(each.id, each.number, each.text, each.value));
    return join(lines);
}

std::vector<mqtt_block> smaller_blocks(const mqtt_block& block) {
    std::vector<mqtt_block> all;
    for (std::size_t i = 0; i < block.size(); ++i) {
        all.push_back(block);
        all.back().erase(all.back().begin() + static_cast<std::ptrdiff_t>(i));
    }
    for (std::size_t i = 0; i < block.size(); ++i)
        for (std::string mqtt_property::*part : {&mqtt_property::text, &mqtt_property::value})
            for (std::string& text : smaller_texts(block[i].*part)) {
                all.push_back(block);
                all.back()[i].*part = std::move(text);
            }
    return all;
}

std::string written(const core::properties& p) {
    std::string bytes;
    mqtt::property_writer out(bytes);
    mqtt::write_neutral(p, out);
    return bytes;
}

std::string listed(const mqtt::properties& p) {
    std::vector<std::string> lines;
    for (const property id : {property::payload_format, property::content_type, property::response_topic, property::correlation_data,
                              property::user_property})
        for (const mqtt::property_value& each : p)
            if (each.id == id && (id != property::content_type || !each.text.empty()))
                lines.push_back(line_of(each.id, each.number, each.text, each.value));
    return join(lines);
}

}  // namespace causeway::roundtrip
