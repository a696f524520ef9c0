#pragma once
// What of a message the protocols tell each other (docs/mapping.md): the rules of a vhost, and the headers that hold what AMQP has
// no property for.

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "core/topic_mapping.hpp"

namespace causeway::core {

/// Of a vhost; constant.
struct crossing_rules {
    constexpr crossing_rules(topic_mapping mapping = topic_mapping::levels) : names(mapping) {}

    topic_mapping names;
    bool amqp_properties_to_mqtt = true;    // as user properties amqp-message-id, amqp-timestamp, …
    bool amqp_properties_from_mqtt = true;  // from these
    bool publisher_to_amqp = true;          // x-mqtt-client-id and user_id
};

/// AMQP has no longer ones (4.2.5.5).
inline constexpr std::size_t header_name_bytes_max = 255;

/// Headers towards AMQP.
namespace crossing_header {
inline constexpr std::string_view topic = "x-mqtt-topic";
inline constexpr std::string_view client_id = "x-mqtt-client-id";
inline constexpr std::string_view publish_qos = "x-mqtt-publish-qos";
inline constexpr std::string_view dup = "x-mqtt-dup";
inline constexpr std::string_view retain = "x-mqtt-retain";
inline constexpr std::string_view payload_format = "x-mqtt-payload-format";
inline constexpr std::string_view content_type = "x-mqtt-content-type";
inline constexpr std::string_view user_properties = "x-mqtt-user-properties";
inline constexpr std::string_view correlation_id = "x-correlation-id";
inline constexpr std::string_view reply_topic = "x-reply-to-topic";
inline constexpr std::string_view will = "x-mqtt-will";
inline constexpr std::string_view reason_code = "x-mqtt-reason-code";
}  // namespace crossing_header

/// Those that have words of their own in MQTT, or that only the broker needs: no user properties.
inline constexpr std::array headers_not_for_mqtt = {
    crossing_header::topic,          crossing_header::client_id,    crossing_header::publish_qos,
    crossing_header::retain,         crossing_header::payload_format, crossing_header::content_type,
    crossing_header::dup,            crossing_header::user_properties, crossing_header::correlation_id, crossing_header::reply_topic};

/// Those that only the broker may say of a message from MQTT, because programs rely on them: no user property becomes one of them.
inline bool reserved_header(std::string_view name) {
    return name == crossing_header::will || name == crossing_header::reason_code ||
           std::find(headers_not_for_mqtt.begin(), headers_not_for_mqtt.end(), name) != headers_not_for_mqtt.end();
}

}  // namespace causeway::core
