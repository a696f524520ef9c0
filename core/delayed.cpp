#include "core/delayed.hpp"

#include <charconv>
#include <cmath>

namespace causeway::core {

namespace {

constexpr std::string_view delay_header = "x-delay";

std::optional<std::int64_t> whole(double value) {
    if (!(std::abs(value) <= static_cast<double>(delay_ms_max))) return std::nullopt;  // not a number, too
    return static_cast<std::int64_t>(value);
}

std::optional<std::int64_t> integer_in(const std::string& text) {
    std::int64_t ms = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return ms;
}

std::optional<std::int64_t> milliseconds_in(const field_value& value) {
    std::int64_t ms = 0;
    if (as_integer(value, ms)) return ms;
    if (const std::string* text = as_text(value)) return integer_in(*text);
    if (const auto* number = std::get_if<double>(&value.base())) return whole(*number);
    if (const auto* number = std::get_if<float>(&value.base())) return whole(*number);
    return std::nullopt;
}

std::optional<std::int64_t> delay_in(const field_table& headers) {
    const field_value* value = find(headers, delay_header);
    const auto ms = value ? milliseconds_in(*value) : std::nullopt;
    return ms && *ms > 0 && *ms <= delay_ms_max ? ms : std::nullopt;
}

/// 32 bits where they do, as RabbitMQ's plugin writes it.
field_value negated(std::int64_t ms) {
    if (ms <= INT32_MAX) return static_cast<std::int32_t>(-ms);
    return -ms;
}

}  // namespace

std::optional<std::int64_t> delay_ms_of(const message& m) {
    if (m.has_neutral() || !m.origin()) return delay_in(m.properties().headers);
    if (m.raw_properties().empty()) return std::nullopt;
    // Not kept with the message: it may wait for long.
    return delay_in(m.origin()->parse_properties(m.raw_properties()).headers);
}

message_ptr awakened(const message& m) {
    const std::int64_t delayed_ms = delay_ms_of(m).value_or(0);
    message_parts parts = m.parts();
    std::optional<std::string> block;
    if (!parts.neutral && m.origin()) block = m.origin()->with_header(m.raw_properties(), delay_header, negated(delayed_ms));
    if (block) {
        parts.raw_properties = *block;
    } else {
        if (!parts.neutral) parts.neutral = std::make_unique<properties>(m.properties());
        parts.raw_properties = {};
        for (auto& [name, value] : parts.neutral->headers)
            if (name == delay_header) value = negated(delayed_ms);
    }
    if (parts.expires_wall_ms != 0) parts.expires_wall_ms += delayed_ms;
    parts.retain = false;
    return message::make(std::move(parts));
}

void delayed::add(place at, item it) {
    bytes_ += it.what.message->size();
    items_.emplace(at, std::move(it));
}

std::optional<std::pair<delayed::place, delayed::item>> delayed::take_due(std::int64_t wall_ms) {
    if (items_.empty() || items_.begin()->first.due_wall_ms > wall_ms) return std::nullopt;
    auto first = items_.extract(items_.begin());
    bytes_ -= first.mapped().what.message->size();
    return std::pair(first.key(), std::move(first.mapped()));
}

std::optional<std::int64_t> delayed::next_wall_ms() const {
    if (items_.empty()) return std::nullopt;
    return items_.begin()->first.due_wall_ms;
}

}  // namespace causeway::core
