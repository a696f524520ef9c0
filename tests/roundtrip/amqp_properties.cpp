// What an AMQP publisher says comes back from MQTT as it was, where text can tell it; and everything that MQTT is told comes back the same
// after another round (docs/mapping.md, Properties).

#include <cmath>
#include <memory>
#include <set>

#include "base/utf8.hpp"
#include "core/crossing.hpp"
#include "core/message.hpp"
#include "protocols/amqp/origin.hpp"
#include "protocols/amqp/print.hpp"
#include "protocols/amqp/translate.hpp"
#include "protocols/mqtt/origin.hpp"
#include "tests/roundtrip/hostile.hpp"
#include "tests/roundtrip/law.hpp"
#include "tests/roundtrip/mqtt_block.hpp"

namespace causeway::roundtrip {

namespace {

const mqtt::origin topics{core::topic_mapping::levels};
const amqp::origin keys{core::topic_mapping::levels};

std::string block_of(const core::properties& p) { return amqp::to_block(p, 2, {}); }

std::string print(const core::properties& p) { return amqp::print_block(block_of(p)); }

// --- cases ---

core::field_value hostile_value(dice& d, int depth) {
    switch (d.below(depth > 2 ? 16 : 20)) {
        case 0: return core::no_value{};
        case 1: return d.one_in(2);
        case 2: return static_cast<std::int8_t>(d.next());
        case 3: return static_cast<std::uint8_t>(d.next());
        case 4: return static_cast<std::int16_t>(d.next());
        case 5: return static_cast<std::uint16_t>(d.next());
        case 6: return static_cast<std::int32_t>(d.next());
        case 7: return static_cast<std::uint32_t>(d.next());
        case 8: return static_cast<std::int64_t>(d.next());
        case 9: return static_cast<std::uint64_t>(d.next());
        case 10: return static_cast<float>(d.below(1000)) / 7.0F;
        case 11: return d.one_in(5) ? std::nan("") : static_cast<double>(d.next()) / 3.0e7;
        case 12: return core::decimal{static_cast<std::uint8_t>(d.below(4)), static_cast<std::int32_t>(d.next())};
        case 13: return core::byte_array{hostile_bytes(d)};
        case 14: return core::timestamp{d.next()};
        case 15: return hostile_bytes(d);
        case 16:
        case 17: {
            core::field_array array;
            for (std::size_t n = d.below(4); n > 0; --n) array.push_back(hostile_value(d, depth + 1));
            return array;
        }
        case 18: {
            core::field_table table;
            for (std::size_t n = d.below(4); n > 0; --n) table.emplace_back(hostile_key(d), hostile_value(d, depth + 1));
            return table;
        }
        default: return hostile_text(d);
    }
}

std::string hostile_header_name(dice& d) {
    static constexpr std::string_view names[] = {"a", "b", "a;json", "a;b64", "a;json;json", "amqp-message-id", "amqp-priority", "amqp-type",
                                                 "x-mqtt-user-properties", "x-mqtt-will", "x-mqtt-other", "x-mqtt-retain", "x-death",
                                                 "x-correlation-id", "x-reply-to-topic", "x-mqtt-content-type", "x-mqtt-payload-format"};
    if (d.one_in(4)) return hostile_key(d);
    return std::string(names[d.below(std::size(names))]);
}

core::properties make(dice& d) {
    core::properties p;
    const auto short_text = [&d] { return hostile_bytes(d).substr(0, 255); };
    for (std::string* text : {&p.content_type, &p.content_encoding, &p.message_id, &p.type, &p.user_id, &p.app_id, &p.cluster_id})
        if (d.one_in(6)) *text = short_text();
    if (d.one_in(3)) p.correlation_id = short_text();
    if (d.one_in(2)) p.reply_to = d.one_in(2) ? ("mqtt:" + short_text()).substr(0, 255) : short_text();
    if (d.one_in(4)) p.timestamp_s = d.next();
    if (d.one_in(4)) p.priority = static_cast<std::uint8_t>(d.next());
    for (std::size_t n = d.below(4); n > 0; --n) p.headers.emplace_back(hostile_header_name(d), hostile_value(d, 0));
    return p;
}

std::vector<core::field_value> smaller_values(const core::field_value& value) {
    std::vector<core::field_value> all;
    if (const auto* array = std::get_if<core::field_array>(&value.base())) {
        for (std::size_t i = 0; i < array->size(); ++i) {
            core::field_array less = *array;
            less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
            all.emplace_back(std::move(less));
            all.push_back((*array)[i]);
        }
    } else if (const auto* table = std::get_if<core::field_table>(&value.base())) {
        for (std::size_t i = 0; i < table->size(); ++i) {
            core::field_table less = *table;
            less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
            all.emplace_back(std::move(less));
            all.push_back((*table)[i].second);
        }
    } else if (const auto* text = std::get_if<std::string>(&value.base())) {
        for (std::string& less : smaller_texts(*text)) all.emplace_back(std::move(less));
    }
    return all;
}

std::vector<core::properties> smaller(const core::properties& p) {
    std::vector<core::properties> all;
    const auto with = [&](auto change) {
        core::properties less = p;
        change(less);
        all.push_back(std::move(less));
    };
    for (std::string core::properties::*text :
         {&core::properties::content_type, &core::properties::content_encoding, &core::properties::message_id, &core::properties::type,
          &core::properties::user_id, &core::properties::app_id, &core::properties::cluster_id})
        for (std::string& fewer : smaller_texts(p.*text)) with([&](core::properties& less) { less.*text = fewer; });
    for (std::optional<std::string> core::properties::*text : {&core::properties::correlation_id, &core::properties::reply_to}) {
        if (!(p.*text)) continue;
        with([&](core::properties& less) { (less.*text).reset(); });
        for (std::string& fewer : smaller_texts(*(p.*text))) with([&](core::properties& less) { less.*text = fewer; });
    }
    if (p.timestamp_s) with([](core::properties& less) { less.timestamp_s.reset(); });
    if (p.priority) with([](core::properties& less) { less.priority.reset(); });
    for (std::size_t i = 0; i < p.headers.size(); ++i) {
        with([&](core::properties& less) { less.headers.erase(less.headers.begin() + static_cast<std::ptrdiff_t>(i)); });
        for (std::string& fewer : smaller_texts(p.headers[i].first)) with([&](core::properties& less) { less.headers[i].first = fewer; });
        for (core::field_value& fewer : smaller_values(p.headers[i].second))
            with([&](core::properties& less) { less.headers[i].second = fewer; });
    }
    return all;
}

// --- which of them text can tell ---

bool is_text(std::string_view text) { return text.size() <= 65'535 && valid_mqtt_text(text); }

/// JSON knows whole numbers, others, text and nothing else.
bool is_json(const core::field_value& value) {
    if (const auto* array = std::get_if<core::field_array>(&value.base())) {
        for (const core::field_value& each : *array)
            if (!is_json(each)) return false;
        return true;
    }
    if (const auto* table = std::get_if<core::field_table>(&value.base())) {
        for (const auto& [name, each] : *table)
            if (!valid_utf8(name) || !is_json(each)) return false;
        return true;
    }
    if (const auto* number = std::get_if<double>(&value.base())) return std::isfinite(*number);
    if (const auto* large = std::get_if<std::uint64_t>(&value.base())) return *large > INT64_MAX;
    if (const auto* text = std::get_if<std::string>(&value.base())) return valid_utf8(*text);
    return std::holds_alternative<core::no_value>(value.base()) || std::holds_alternative<bool>(value.base()) ||
           std::holds_alternative<std::int64_t>(value.base());
}

bool is_tellable(const core::field_value& value) {
    if (const auto* text = std::get_if<std::string>(&value.base())) return is_text(*text);
    if (const auto* bytes = std::get_if<core::byte_array>(&value.base())) return bytes->bytes.size() < 49'000;
    const bool nested = std::holds_alternative<core::field_array>(value.base()) || std::holds_alternative<core::field_table>(value.base());
    return nested && is_json(value) && amqp::print_block(block_of({.headers = {{"n", value}}})).size() < 20'000;
}

bool is_tellable(const core::properties& p) {
    std::set<std::string> names;
    for (const auto& [name, value] : p.headers)
        if (!is_text(name) || name.starts_with("amqp-") || core::reserved_header(name) || !names.insert(name).second || !is_tellable(value))
            return false;
    const bool reply = !p.reply_to || (!p.reply_to->empty() && !p.reply_to->starts_with("mqtt:$amqp/"));
    return reply && p.user_id.empty() && (!p.correlation_id || valid_utf8(*p.correlation_id));
}

// --- the law ---

/// What an AMQP consumer gets of the message that an MQTT client makes of these properties, without what the broker adds.
core::properties over_mqtt(const std::string& raw) {
    const auto m = core::message::make(
        {.from = &topics, .exchange = "amq.topic", .name = "t", .raw_properties = raw, .by = {}, .neutral = {}});
    core::properties p = keys.parse_properties(amqp::outgoing(*m, keys.rules(), 0).block());
    if (p.reply_to) std::erase_if(p.headers, [](const auto& header) { return header.first == core::crossing_header::reply_topic; });
    return p;
}

std::string broken(const core::properties& made) {
    const core::properties p = keys.parse_properties(block_of(made));  // as the wire has it: nothing empty
    const std::string first = written(p);
    const auto checked = mqtt::properties::check(first, mqtt::property_place::publish);
    if (!checked) return "MQTT gets illegal properties";
    const core::properties back = over_mqtt(first);
    const std::string second = written(back);
    if (listed(mqtt::properties::trusted(second)) != listed(checked.value()))
        return "MQTT is told " + listed(checked.value()) + ", and next time " + listed(mqtt::properties::trusted(second));
    if (is_tellable(p) && !(back == p)) return "comes back as " + print(back);
    return "";
}

}  // namespace

std::vector<named_law> laws_of_amqp_properties() {
    return {named<core::properties>("AMQP's properties come back from MQTT", {make, broken, smaller, print})};
}

}  // namespace causeway::roundtrip
