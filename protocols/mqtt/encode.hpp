#pragma once
// From packets to bytes, appended to a string (output_buffer::tail()). What a version cannot say is left out. The caller
// keeps to the rules of the standard; only what would break the framing is ENSUREd.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocols/mqtt/packet.hpp"

namespace causeway::mqtt {

/// Appends the whole packet.
void encode(std::string& out, const packet& p, version v);

void encode(std::string& out, const connect& p);  // brings its version along
void encode(std::string& out, const connack& p, version v);
void encode(std::string& out, const publish& p, version v);
void encode(std::string& out, const puback& p, version v);
void encode(std::string& out, const pubrec& p, version v);
void encode(std::string& out, const pubrel& p, version v);
void encode(std::string& out, const pubcomp& p, version v);
void encode(std::string& out, const subscribe& p, version v);
void encode(std::string& out, const suback& p, version v);
void encode(std::string& out, const unsubscribe& p, version v);
void encode(std::string& out, const unsuback& p, version v);
void encode(std::string& out, const pingreq& p, version v);
void encode(std::string& out, const pingresp& p, version v);
void encode(std::string& out, const disconnect& p, version v);
void encode(std::string& out, const auth& p, version v);

/// A message on its way to one subscriber. The properties are those of the message (properties::forwardable) and those of
/// this hop; MQTT 3 gets none of them.
struct outgoing_publish {
    bool dup = false;
    mqtt::qos qos = mqtt::qos::at_most_once;
    bool retain = false;
    std::string_view topic{};       // empty: topic_alias was announced before
    std::uint16_t packet_id = 0;  // with QoS 1 and 2
    std::string_view forwarded_properties{};
    std::optional<std::uint32_t> expiry_s{};  // what remains [MQTT-3.3.2-6]
    std::span<const std::uint32_t> subscription_ids{};
    std::uint16_t topic_alias = 0;  // 0: none
};

/// Bytes of the whole packet. At most packet_bytes_max may be encoded; compare with the client's Maximum Packet Size too.
std::size_t encoded_size(const outgoing_publish& p, std::size_t payload_size, version v);

/// Appends everything that stands before the payload; append the payload's `payload_size` bytes, or a reference to them,
/// after it.
void encode_head(std::string& out, const outgoing_publish& p, std::size_t payload_size, version v);

}  // namespace causeway::mqtt
