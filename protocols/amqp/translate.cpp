#include "protocols/amqp/translate.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/utf8.hpp"
#include "protocols/amqp/names.hpp"
#include "protocols/amqp/table.hpp"

namespace causeway::amqp {

namespace {

namespace header = core::crossing_header;

constexpr std::string_view reply_topic_prefix = "mqtt:";
constexpr std::string_view delivery_count_header = "x-delivery-count";

constexpr std::uint8_t transient_mode = 1;
constexpr std::uint8_t persistent_mode = 2;

/// RabbitMQ's limit for expirations (milliseconds). MQTT's is 136 years; a program could not publish again what says so.
constexpr std::int64_t expiration_ms_max = 315'360'000'000;  // ten years

/// Where a text goes that is too long for its basic property.
struct named_text {
    std::string_view header;
    std::string core::properties::*member;
};
constexpr std::array<named_text, 7> named_texts = {{{header::content_type, &core::properties::content_type},
                                                    {"amqp-content-encoding", &core::properties::content_encoding},
                                                    {"amqp-message-id", &core::properties::message_id},
                                                    {"amqp-type", &core::properties::type},
                                                    {"amqp-user-id", &core::properties::user_id},
                                                    {"amqp-app-id", &core::properties::app_id},
                                                    {"amqp-cluster-id", &core::properties::cluster_id}}};

/// Published by an MQTT client, even if the broker has since given it an AMQP address or dead-lettered it.
bool published_in_mqtt(const core::message& m) {
    return m.from() == core::protocol::mqtt || (m.by() != nullptr && !m.by()->client_id.empty());
}

/// The neutral properties of one message in AMQP's words: first the headers that it has, then ours.
class crossing {
public:
    crossing(const core::message& m, const core::crossing_rules& rules, bool key_shortened)
        : m_(m),
          like_rabbitmq_(rules.names == core::topic_mapping::rabbitmq),
          in_mqtt_(published_in_mqtt(m)),
          names_publisher_(rules.publisher_to_amqp && m.by() != nullptr),
          p_(m.properties()) {
        carry_publisher();
        carry_long_texts();
        carry_correlation();
        carry_reply_topic();
        carry_mqtt_words(key_shortened);
    }

    std::string block(std::int64_t now_wall_ms) const {
        std::optional<std::int64_t> remaining_ms;
        if (m_.expires_wall_ms() != 0) remaining_ms = std::clamp<std::int64_t>(m_.expires_wall_ms() - now_wall_ms, 0, expiration_ms_max);
        return to_block(p_, persistent() ? persistent_mode : transient_mode, remaining_ms);
    }

private:
    bool persistent() const {
        return m_.from() == core::protocol::mqtt ? m_.qos() != core::qos::at_most_once : m_.durable();
    }

    void add(std::string_view name, core::field_value value) {
        p_.headers.emplace_back(std::string(name), std::move(value));
    }

    /// user_id is a name that this broker has verified; what an MQTT client claims beside it is only a header.
    void carry_publisher() {
        if (!in_mqtt_) return;
        const std::string verified = names_publisher_ ? m_.by()->user : std::string();
        if (!p_.user_id.empty() && p_.user_id != verified) add("amqp-user-id", p_.user_id);  // of records of earlier versions
        p_.user_id = verified;
    }

    void carry_long_texts() {
        for (const named_text& each : named_texts) {
            std::string& text = p_.*(each.member);
            if (text.size() <= shortstr_bytes_max) continue;
            add(each.header, std::move(text));
            text.clear();
        }
    }

    void carry_correlation() {
        if (!p_.correlation_id) return;
        if (p_.correlation_id->size() <= shortstr_bytes_max && (!in_mqtt_ || valid_utf8(*p_.correlation_id))) return;
        add(header::correlation_id, core::byte_array{std::move(*p_.correlation_id)});
        p_.correlation_id.reset();
    }

    void carry_reply_topic() {
        if (!p_.reply_topic) return;
        std::string reply_to = std::string(reply_topic_prefix).append(*p_.reply_topic);
        if (reply_to.size() <= shortstr_bytes_max) p_.reply_to = std::move(reply_to);
        add(header::reply_topic, *p_.reply_topic);
    }

    void carry_mqtt_words(bool key_shortened) {
        if (key_shortened) add(header::topic, std::string(m_.name()));
        if (in_mqtt_) carry_publish_flags();
        if (in_mqtt_ && m_.retain()) add(header::retain, true);
        if (in_mqtt_ && m_.will()) add(header::will, true);
        if (p_.payload_format) add(header::payload_format, static_cast<std::int8_t>(*p_.payload_format));
        if (names_publisher_ && !m_.by()->client_id.empty()) add(header::client_id, m_.by()->client_id);
    }

    /// delivery_mode tells QoS 0 from the others. RabbitMQ says all of it: DUP is about the hop to the broker, where it has ended.
    void carry_publish_flags() {
        if (like_rabbitmq_ || m_.qos() == core::qos::exactly_once) add(header::publish_qos, static_cast<std::int8_t>(m_.qos()));
        if (like_rabbitmq_) add(header::dup, false);
    }

    const core::message& m_;
    bool like_rabbitmq_;
    bool in_mqtt_;
    bool names_publisher_;
    core::properties p_;
};

refusal invalid_expiration(std::string_view text, const std::string& why) {
    return {reply_code::precondition_failed, "invalid expiration '" + std::string(text) + "': " + why, 60, 40};
}

/// Digits with an optional sign, as RabbitMQ reads them; its words for what is wrong.
result<std::int64_t, refusal> parse_expiration(std::string_view text) {
    std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
    std::int64_t ms = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), ms);
    if (error == std::errc::result_out_of_range)
        return invalid_expiration(text, "{value_too_large," + std::string(text) + "}");
    if (error != std::errc() || (text.starts_with('+') && digits.starts_with('-')))
        return invalid_expiration(text, "no_integer");
    const std::string_view leftover(end, static_cast<std::size_t>(digits.data() + digits.size() - end));
    if (!leftover.empty()) return invalid_expiration(text, "{leftover_string,\"" + std::string(leftover) + "\"}");
    if (ms < 0) return invalid_expiration(text, "{value_negative," + std::to_string(ms) + "}");
    if (ms > expiration_ms_max) return invalid_expiration(text, "{value_too_large," + std::to_string(ms) + "}");
    return ms;
}

/// A count that a publisher has written is not the queue's.
std::string with_delivery_count(std::string_view block, std::uint32_t returns) {
    core::field_table headers = headers_of(block);
    std::erase_if(headers, [](const auto& header) { return header.first == delivery_count_header; });
    headers.emplace_back(std::string(delivery_count_header), std::int64_t{returns});
    return with_headers(block, headers);
}

void read_mqtt_headers(std::string_view entries, publish_facts& facts) {
    table_cursor at(entries);
    while (at.next()) {
        std::int64_t number = 0;
        if (at.name() == header::retain) {
            const core::field_value value = at.value();
            const bool* flag = std::get_if<bool>(&value.base());
            facts.retain = flag != nullptr && *flag;
        } else if (at.name() == header::publish_qos && core::as_integer(at.value(), number) && number >= 0 && number <= 2) {
            facts.qos = static_cast<core::qos>(number);
        }
    }
}

}  // namespace

outgoing::outgoing(const core::message& m, const core::crossing_rules& rules, std::int64_t now_wall_ms,
                   std::optional<std::uint32_t> returns)
    : exchange_(m.exchange()), routing_key_(m.name()), block_(m.raw_properties()) {
    bool shortened = false;
    if (m.from() == core::protocol::mqtt) {
        key_text text = key_of(m.levels(), rules.names);
        made_key_ = std::move(text.key);
        shortened = text.shortened;
        routing_key_ = made_key_;
    }
    if (m.from() != core::protocol::amqp || m.has_neutral()) {
        made_block_ = crossing(m, rules, shortened).block(now_wall_ms);
        block_ = made_block_;
    }
    if (!returns) return;
    made_block_ = with_delivery_count(block_, *returns);
    block_ = made_block_;
}

result<publish_facts, refusal> facts_of(const property_block& properties) {
    publish_facts facts;
    facts.durable = properties.delivery_mode == persistent_mode;
    facts.qos = facts.durable ? core::qos::at_least_once : core::qos::at_most_once;
    if (properties.headers) read_mqtt_headers(*properties.headers, facts);
    if (properties.expiration) {
        TRY(facts.ttl_ms, parse_expiration(*properties.expiration));
    }
    return facts;
}

result<void, refusal> check_delivery_mode(const property_block& properties) {
    const std::uint8_t mode = properties.delivery_mode.value_or(transient_mode);
    if (mode == transient_mode || mode == persistent_mode) return success();
    return refusal{reply_code::precondition_failed, "invalid message: {delivery_mode_unknown," + std::to_string(mode) + "}",
                   60, 40};
}

bool is_topic_name(std::string_view text) {
    return !text.empty() && valid_mqtt_text(text) && text.find_first_of("+#") == std::string_view::npos;
}

bool told_of_each_message(std::string_view name) {
    return name == header::topic || name == header::retain || name == header::publish_qos || name == header::dup;
}

std::optional<std::string_view> topic_of_reply_key(std::string_view routing_key) {
    if (!routing_key.starts_with(reply_topic_prefix)) return std::nullopt;
    return routing_key.substr(reply_topic_prefix.size());
}

}  // namespace causeway::amqp
