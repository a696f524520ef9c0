#include "protocols/mqtt/neutral.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/base64.hpp"
#include "base/utf8.hpp"
#include "protocols/mqtt/amqp_address.hpp"
#include "protocols/mqtt/field_text.hpp"
#include "protocols/mqtt/topic_text.hpp"

namespace causeway::mqtt {

namespace {

constexpr std::size_t text_bytes_max = 65'535;
constexpr std::size_t short_text_bytes_max = 255;  // of AMQP's basic properties
constexpr std::string_view reply_topic_prefix = "mqtt:";

// --- basic properties of AMQP that are user properties in MQTT ---

/// Text in both protocols.
struct named_text {
    std::string_view name;
    std::string core::properties::*member;
};
constexpr std::array named_texts = {
    named_text{"amqp-message-id", &core::properties::message_id},
    named_text{"amqp-type", &core::properties::type},
    named_text{"amqp-app-id", &core::properties::app_id},
    named_text{"amqp-user-id", &core::properties::user_id},
    named_text{"amqp-cluster-id", &core::properties::cluster_id},
    named_text{"amqp-content-encoding", &core::properties::content_encoding},
};
constexpr std::string_view timestamp_name = "amqp-timestamp";
constexpr std::string_view priority_name = "amqp-priority";

/// True if the whole text is one number that fits, written as we write it.
template <class T>
bool parse(std::string_view text, std::optional<T>& out) {
    T read{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
    if (text.empty() || (text.size() > 1 && text.front() == '0') || error != std::errc() || end != text.data() + text.size()) return false;
    out = read;
    return true;
}

/// What a basic property cannot hold, be it for its length or because it holds one already, stays a user property.
bool take_named(std::string_view name, std::string_view value, core::properties& into) {
    if (name == timestamp_name) return !into.timestamp_s && parse(value, into.timestamp_s);
    if (name == priority_name) return !into.priority && parse(value, into.priority);
    const auto at = std::find_if(named_texts.begin(), named_texts.end(), [&](const named_text& n) { return n.name == name; });
    if (at == named_texts.end() || value.empty() || value.size() > short_text_bytes_max) return false;
    std::string& place = into.*(at->member);
    if (!place.empty()) return false;
    place = value;
    return true;
}

/// The header that a user property stands for. A suffix means something only if the value is what we would have written.
std::pair<std::string, core::field_value> header_of(std::string_view name, std::string_view value) {
    if (name.ends_with(json_suffix))
        if (auto read = value_of_json(value)) return {std::string(name.substr(0, name.size() - json_suffix.size())), *read};
    if (name.ends_with(base64_suffix))
        if (auto bytes = bytes_of_base64(value))
            return {std::string(name.substr(0, name.size() - base64_suffix.size())), core::byte_array{*bytes}};
    return {std::string(name), std::string(value)};
}

void take_response_topic(std::string_view topic, core::properties& into) {
    const auto address = parse_amqp_address(topic);
    if (address && address->exchange.empty())
        into.reply_to = address->routing_key;
    else
        into.reply_topic = topic;
}

// --- headers that hold what only MQTT has words for ---

const core::field_value* header(const core::properties& p, std::string_view name) { return find(p.headers, name); }

const std::string* text_header(const core::properties& p, std::string_view name) {
    const core::field_value* value = header(p, name);
    return value ? as_text(*value) : nullptr;
}

bool is_consumed(std::string_view name) {
    return name.starts_with("x-mqtt-") || name == "x-correlation-id" || name == "x-reply-to-topic";
}

std::optional<std::string> response_topic_of(const core::properties& p) {
    if (p.reply_topic) return p.reply_topic;
    if (const std::string* topic = text_header(p, "x-reply-to-topic")) return *topic;
    if (!p.reply_to) return std::nullopt;
    if (p.reply_to->starts_with(reply_topic_prefix)) return p.reply_to->substr(reply_topic_prefix.size());
    return address_of_queue(*p.reply_to);
}

std::optional<std::uint32_t> payload_format_of(const core::properties& p) {
    if (p.payload_format) return *p.payload_format;
    std::int64_t read = 0;
    const core::field_value* value = header(p, "x-mqtt-payload-format");
    if (!value || !as_integer(*value, read) || read < 0 || read > 1) return std::nullopt;
    return static_cast<std::uint32_t>(read);
}

// --- writing ---

class neutral_writer {
public:
    explicit neutral_writer(property_writer& out) : out_(out) {}

    void write(const core::properties& p) {
        if (const auto format = payload_format_of(p)) out_.number(property::payload_format, *format);
        write_content_type(p);
        write_response_topic(p);
        write_correlation(p);
        write_basic(p);
        if (!write_original_pairs(p))
            for (const auto& [name, value] : p.headers)
                if (!is_consumed(name)) write_header(name, value);
    }

private:
    static bool fits(std::string_view text) { return text.size() <= text_bytes_max; }
    static bool is_text(std::string_view text) { return fits(text) && valid_mqtt_text(text); }

    void pair(std::string_view name, std::string_view value) {
        if (is_text(name) && is_text(value)) out_.pair(name, value);
    }

    void write_header(std::string_view name, const core::field_value& value) {
        const header_text written = text_of(value);
        pair(std::string(name).append(written.suffix), written.text);
    }

    void write_content_type(const core::properties& p) {
        const std::string* longer = text_header(p, "x-mqtt-content-type");
        const std::string& type = longer ? *longer : p.content_type;
        if (type.empty()) return;
        if (is_text(type))
            out_.text(property::content_type, type);
        else
            write_header("amqp-content-type", type);
    }

    void write_response_topic(const core::properties& p) {
        const auto topic = response_topic_of(p);
        if (!topic) return;
        if (is_text(*topic) && valid_topic_name(*topic))
            out_.text(property::response_topic, *topic);
        else if (p.reply_to)
            write_header("amqp-reply-to", *p.reply_to);
    }

    void write_correlation(const core::properties& p) {
        const std::string* bytes = p.correlation_id ? &*p.correlation_id : text_header(p, "x-correlation-id");
        if (bytes && fits(*bytes)) out_.text(property::correlation_data, *bytes);
    }

    void write_basic(const core::properties& p) {
        for (const named_text& each : named_texts)
            if (const std::string& text = p.*(each.member); !text.empty()) write_header(each.name, text);
        if (p.timestamp_s) pair(timestamp_name, std::to_string(*p.timestamp_s));
        if (p.priority) pair(priority_name, std::to_string(*p.priority));
    }

    /// User properties that came from MQTT with a name twice: the headers could not hold them, this array does.
    bool write_original_pairs(const core::properties& p) {
        const core::field_value* value = header(p, "x-mqtt-user-properties");
        const auto* pairs = value ? std::get_if<core::field_array>(&value->base()) : nullptr;
        if (!pairs) return false;
        for (const core::field_value& each : *pairs) {
            const auto* table = std::get_if<core::field_table>(&each.base());
            const core::field_value* k = table ? find(*table, "k") : nullptr;
            const core::field_value* v = table ? find(*table, "v") : nullptr;
            if (k && v && as_text(*k)) write_header(*as_text(*k), *v);
        }
        return true;
    }

    property_writer& out_;
};

}  // namespace

core::properties neutral_of(const properties& p) {
    core::properties made;
    for (const property_value& each : p) {
        switch (each.id) {
            case property::payload_format: made.payload_format = static_cast<std::uint8_t>(each.number); break;
            case property::content_type: made.content_type = each.text; break;
            case property::correlation_data: made.correlation_id = each.text; break;
            case property::response_topic: take_response_topic(each.text, made); break;
            case property::user_property:
                if (!take_named(each.text, each.value, made)) made.headers.push_back(header_of(each.text, each.value));
                break;
            default: break;  // belongs to one hop
        }
    }
    return made;
}

void write_neutral(const core::properties& p, property_writer& out) { neutral_writer(out).write(p); }

}  // namespace causeway::mqtt
