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

struct publish_sizes {
    std::size_t properties = 0;  // without their length
    std::size_t head = 0;        // between the fixed header and the payload
    std::size_t remaining = 0;   // the Remaining Length
    std::size_t whole = 0;       // at most packet_bytes_max may be encoded; compare with the client's Maximum Packet Size, too
};
publish_sizes sizes_of(const outgoing_publish& p, std::size_t payload_size, version v);

/// Appends everything that stands before the payload, and the payload itself. If `behind` is empty, append the payload, or a reference
/// to its bytes, after it. The sizes are those of the whole packet.
void encode(std::string& out, const outgoing_publish& p, const publish_sizes& sizes, std::string_view behind, version v);

/// PUBACK, PUBREC, PUBREL or PUBCOMP that says nothing but success, which is the same in all versions.
inline constexpr std::size_t short_acknowledgement_bytes = 4;
void encode_acknowledgement(std::string& out, packet_type type, std::uint16_t packet_id);

}  // namespace causeway::mqtt
