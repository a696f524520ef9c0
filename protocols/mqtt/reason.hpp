#pragma once
// Reason codes, MQTT 5 section 2.4. Inside the program they also stand for what MQTT 3 says with fewer words: the encoder
// and decoder of CONNACK, SUBACK and UNSUBACK translate.

#include <cstdint>
#include <optional>
#include <string_view>

namespace causeway::mqtt {

enum class reason : std::uint8_t {
    success = 0x00,  // also: normal disconnection, granted QoS 0
    granted_qos_1 = 0x01,
    granted_qos_2 = 0x02,
    disconnect_with_will = 0x04,
    no_matching_subscribers = 0x10,
    no_subscription_existed = 0x11,
    continue_authentication = 0x18,
    reauthenticate = 0x19,
    unspecified_error = 0x80,
    malformed_packet = 0x81,
    protocol_error = 0x82,
    implementation_specific_error = 0x83,
    unsupported_protocol_version = 0x84,
    client_identifier_not_valid = 0x85,
    bad_user_name_or_password = 0x86,
    not_authorized = 0x87,
    server_unavailable = 0x88,
    server_busy = 0x89,
    banned = 0x8A,
    server_shutting_down = 0x8B,
    bad_authentication_method = 0x8C,
    keep_alive_timeout = 0x8D,
    session_taken_over = 0x8E,
    topic_filter_invalid = 0x8F,
    topic_name_invalid = 0x90,
    packet_identifier_in_use = 0x91,
    packet_identifier_not_found = 0x92,
    receive_maximum_exceeded = 0x93,
    topic_alias_invalid = 0x94,
    packet_too_large = 0x95,
    message_rate_too_high = 0x96,
    quota_exceeded = 0x97,
    administrative_action = 0x98,
    payload_format_invalid = 0x99,
    retain_not_supported = 0x9A,
    qos_not_supported = 0x9B,
    use_another_server = 0x9C,
    server_moved = 0x9D,
    shared_subscriptions_not_supported = 0x9E,
    connection_rate_exceeded = 0x9F,
    maximum_connect_time = 0xA0,
    subscription_identifiers_not_supported = 0xA1,
    wildcard_subscriptions_not_supported = 0xA2,
};

/// True for the codes that say "no" (0x80 and above).
constexpr bool refuses(reason code) { return code >= reason::unspecified_error; }

/// "protocol error"; "?" for a number that is no reason.
std::string_view name(reason code);

/// May this number stand in that packet? `type` is the packet's number, 2..15 (MQTT 5, table 2-6).
bool allowed_in(std::uint8_t type, std::uint8_t code);

/// The return code of MQTT 3.1.1's CONNACK (3.2.2.3) that comes closest, 0..5; nothing: there is none, and the connection is
/// closed without a CONNACK [MQTT-3.2.2-6]. And back.
std::optional<std::uint8_t> connect_return_code(reason code);
reason reason_of_return_code(std::uint8_t code);

}  // namespace causeway::mqtt
