#include "protocols/mqtt/amqp_basic.hpp"

#include <array>
#include <charconv>

#include "base/base64.hpp"
#include "base/utf8.hpp"
#include "core/crossing.hpp"
#include "protocols/mqtt/amqp_address.hpp"
#include "protocols/mqtt/field_text.hpp"
#include "protocols/mqtt/topic_text.hpp"

namespace causeway::mqtt {

namespace {

constexpr std::size_t text_bytes_max = 65'535;
constexpr std::size_t short_text_bytes_max = 255;  // of AMQP's basic properties
constexpr std::string_view reply_topic_prefix = "mqtt:";

bool is_text(std::string_view text) { return text.size() <= text_bytes_max && valid_mqtt_text(text); }

/// Text in both protocols.
struct named_text {
    std::string_view name;
    std::string core::properties::*member;
};
constexpr std::array named_texts = {
    named_text{"amqp-message-id", &core::properties::message_id},
    named_text{"amqp-type", &core::properties::type},
    named_text{"amqp-app-id", &core::properties::app_id},
    named_text{"amqp-cluster-id", &core::properties::cluster_id},
    named_text{"amqp-content-encoding", &core::properties::content_encoding},
};
constexpr std::string_view content_type_name = "amqp-content-type";
constexpr std::string_view reply_to_name = "amqp-reply-to";
constexpr std::string_view timestamp_name = "amqp-timestamp";
constexpr std::string_view priority_name = "amqp-priority";

/// Their places: the two that are rarely here, the texts, the numbers.
constexpr std::size_t content_type_place = 0;
constexpr std::size_t reply_to_place = 1;
constexpr std::size_t texts_place = 2;
constexpr std::size_t timestamp_place = texts_place + named_texts.size();
constexpr std::size_t priority_place = timestamp_place + 1;

/// A number, written as we write it, that is not there yet.
template <class T>
bool take_number(std::string_view text, std::optional<T>& out) {
    T read{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
    if (out || error != std::errc() || end != text.data() + text.size() || std::to_string(read) != text) return false;
    out = read;
    return true;
}

/// The bytes of a text property: plain, or base64 if they are no text.
std::optional<std::string> bytes_of(std::string_view& name, std::string_view value) {
    if (!name.ends_with(base64_suffix)) return std::string(value);
    auto bytes = bytes_of_base64(value);
    if (!bytes || is_text(*bytes)) return std::nullopt;
    name.remove_suffix(base64_suffix.size());
    return bytes;
}

/// Of an address that is no topic. (Any other is a Response Topic.)
bool take_reply_to(std::string bytes, core::properties& into) {
    core::properties alone;
    alone.reply_to = bytes;
    if (bytes.size() > short_text_bytes_max || into.reply_to || into.reply_topic || response_topic_of(alone)) return false;
    into.reply_to = std::move(bytes);
    return true;
}

bool take_text(std::string& member, std::string bytes) {
    if (!member.empty() || bytes.empty() || bytes.size() > short_text_bytes_max) return false;
    member = std::move(bytes);
    return true;
}

std::optional<std::size_t> at_if(std::size_t place, bool taken) { return taken ? std::optional(place) : std::nullopt; }

std::optional<std::string> topic_of_reply_to(const std::string& reply_to) {
    if (reply_to.starts_with(reply_topic_prefix)) return reply_to.substr(reply_topic_prefix.size());
    if (reply_to.empty()) return std::nullopt;
    return address_of_queue(reply_to);
}

std::optional<std::string> wanted_response_topic(const core::properties& p) {
    if (p.reply_topic) return p.reply_topic;
    if (p.reply_to) return topic_of_reply_to(*p.reply_to);
    const core::field_value* value = find(p.headers, core::crossing_header::reply_topic);
    const std::string* topic = value ? as_text(*value) : nullptr;
    return topic ? std::optional(*topic) : std::nullopt;
}

}  // namespace

std::optional<std::size_t> take_basic(std::string_view name, std::string_view value, core::properties& into) {
    if (!name.starts_with("amqp-")) return std::nullopt;
    if (name == timestamp_name) return at_if(timestamp_place, take_number(value, into.timestamp_s));
    if (name == priority_name) return at_if(priority_place, take_number(value, into.priority));
    const bool plain = !name.ends_with(base64_suffix);
    std::optional<std::string> bytes = bytes_of(name, value);
    if (!bytes) return std::nullopt;
    if (name == reply_to_name) return at_if(reply_to_place, take_reply_to(std::move(*bytes), into));
    if (name == content_type_name) return at_if(content_type_place, !plain && take_text(into.content_type, std::move(*bytes)));
    for (std::size_t i = 0; i < named_texts.size(); ++i)
        if (named_texts[i].name == name) return at_if(texts_place + i, take_text(into.*(named_texts[i].member), std::move(*bytes)));
    return std::nullopt;
}

std::vector<user_property> basic_of(const core::properties& p) {
    std::vector<user_property> all;
    if (!p.content_type.empty() && !is_text(p.content_type)) all.push_back(property_of(content_type_name, p.content_type));
    if (p.reply_to && !p.reply_topic && !response_topic_of(p)) all.push_back(property_of(reply_to_name, *p.reply_to));
    for (const named_text& each : named_texts)
        if (const std::string& text = p.*(each.member); !text.empty()) all.push_back(property_of(each.name, text));
    if (p.timestamp_s) all.push_back({std::string(timestamp_name), std::to_string(*p.timestamp_s)});
    if (p.priority) all.push_back({std::string(priority_name), std::to_string(*p.priority)});
    if (!p.user_id.empty()) all.push_back(property_of("amqp-user-id", p.user_id));  // never taken: in MQTT it is a claim
    return all;
}

std::optional<std::string> response_topic_of(const core::properties& p) {
    auto topic = wanted_response_topic(p);
    if (topic && !(is_text(*topic) && valid_topic_name(*topic))) topic.reset();
    return topic;
}

}  // namespace causeway::mqtt
