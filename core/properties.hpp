#pragma once
// What a message carries besides name and payload, in neutral form: the union of MQTT 5's and AMQP 0-9-1's properties.
// Made lazily, only when a message crosses to another protocol or a headers exchange looks at it.

#include <cstdint>
#include <optional>
#include <string>

#include "core/field.hpp"

namespace causeway::core {

struct properties {
    std::string content_type;
    std::string content_encoding;
    std::optional<std::string> correlation_id;  // any bytes
    std::optional<std::string> reply_topic;     // an MQTT topic name, as its publisher wrote it
    std::optional<std::string> reply_to;        // an AMQP reply-to
    std::string message_id;
    std::string type;
    std::string user_id;
    std::string app_id;
    std::string cluster_id;
    std::optional<std::uint64_t> timestamp_s;
    std::optional<std::uint8_t> priority;
    std::optional<std::uint8_t> payload_format;  // MQTT 3.3.2.3.2: 0 bytes, 1 UTF-8
    field_table headers;                         // AMQP headers, or MQTT user properties as strings, in order

    bool operator==(const properties&) const = default;
};

}  // namespace causeway::core
