#include "protocols/mqtt/reason.hpp"

#include <initializer_list>

namespace causeway::mqtt {

namespace {

// Bit n: may stand in packet type n.
constexpr std::uint16_t in(std::initializer_list<int> types) {
    unsigned places = 0;
    for (int type : types) places |= 1U << type;
    return static_cast<std::uint16_t>(places);
}
enum : int { connack = 2, puback = 4, pubrec = 5, pubrel = 6, pubcomp = 7, suback = 9, unsuback = 11, disconnect = 14, auth = 15 };

struct row {
    reason code;
    std::string_view name;
    std::uint16_t places;
};

// MQTT 5, table 2-6, and where the sections of the packets say more than it does.
constexpr row table[] = {
    {reason::success, "success", in({connack, puback, pubrec, pubrel, pubcomp, suback, unsuback, disconnect, auth})},
    {reason::granted_qos_1, "granted QoS 1", in({suback})},
    {reason::granted_qos_2, "granted QoS 2", in({suback})},
    {reason::disconnect_with_will, "disconnect with will message", in({disconnect})},
    {reason::no_matching_subscribers, "no matching subscribers", in({puback, pubrec})},
    {reason::no_subscription_existed, "no subscription existed", in({unsuback})},
    {reason::continue_authentication, "continue authentication", in({auth})},
    {reason::reauthenticate, "re-authenticate", in({auth})},
    {reason::unspecified_error, "unspecified error", in({connack, puback, pubrec, suback, unsuback, disconnect})},
    {reason::malformed_packet, "malformed packet", in({connack, disconnect})},
    {reason::protocol_error, "protocol error", in({connack, disconnect})},
    {reason::implementation_specific_error, "implementation specific error",
     in({connack, puback, pubrec, suback, unsuback, disconnect})},
    {reason::unsupported_protocol_version, "unsupported protocol version", in({connack})},
    {reason::client_identifier_not_valid, "client identifier not valid", in({connack})},
    {reason::bad_user_name_or_password, "bad user name or password", in({connack})},
    {reason::not_authorized, "not authorized", in({connack, puback, pubrec, suback, unsuback, disconnect})},
    {reason::server_unavailable, "server unavailable", in({connack})},
    {reason::server_busy, "server busy", in({connack, disconnect})},
    {reason::banned, "banned", in({connack})},
    {reason::server_shutting_down, "server shutting down", in({disconnect})},
    {reason::bad_authentication_method, "bad authentication method", in({connack, disconnect})},
    {reason::keep_alive_timeout, "keep alive timeout", in({disconnect})},
    {reason::session_taken_over, "session taken over", in({disconnect})},
    {reason::topic_filter_invalid, "topic filter invalid", in({suback, unsuback, disconnect})},
    {reason::topic_name_invalid, "topic name invalid", in({connack, puback, pubrec, disconnect})},
    {reason::packet_identifier_in_use, "packet identifier in use", in({puback, pubrec, suback, unsuback})},
    {reason::packet_identifier_not_found, "packet identifier not found", in({pubrel, pubcomp})},
    {reason::receive_maximum_exceeded, "receive maximum exceeded", in({disconnect})},
    {reason::topic_alias_invalid, "topic alias invalid", in({disconnect})},
    {reason::packet_too_large, "packet too large", in({connack, disconnect})},
    {reason::message_rate_too_high, "message rate too high", in({disconnect})},
    {reason::quota_exceeded, "quota exceeded", in({connack, puback, pubrec, suback, disconnect})},
    {reason::administrative_action, "administrative action", in({disconnect})},
    {reason::payload_format_invalid, "payload format invalid", in({connack, puback, pubrec, disconnect})},
    {reason::retain_not_supported, "retain not supported", in({connack, disconnect})},
    {reason::qos_not_supported, "QoS not supported", in({connack, disconnect})},
    {reason::use_another_server, "use another server", in({connack, disconnect})},
    {reason::server_moved, "server moved", in({connack, disconnect})},
    {reason::shared_subscriptions_not_supported, "shared subscriptions not supported", in({suback, disconnect})},
    {reason::connection_rate_exceeded, "connection rate exceeded", in({connack, disconnect})},
    {reason::maximum_connect_time, "maximum connect time", in({disconnect})},
    {reason::subscription_identifiers_not_supported, "subscription identifiers not supported", in({suback, disconnect})},
    {reason::wildcard_subscriptions_not_supported, "wildcard subscriptions not supported", in({suback, disconnect})},
};

const row* find(std::uint8_t code) {
    for (const row& r : table)
        if (static_cast<std::uint8_t>(r.code) == code) return &r;
    return nullptr;
}

struct return_code {
    reason code;
    std::uint8_t number;
};

// MQTT 3.1.1, table 3.1. The first reason of each number is the one that it stands for.
constexpr return_code return_codes[] = {
    {reason::success, 0},
    {reason::unsupported_protocol_version, 1},
    {reason::client_identifier_not_valid, 2},
    {reason::server_unavailable, 3},
    {reason::server_busy, 3},
    {reason::server_shutting_down, 3},
    {reason::use_another_server, 3},
    {reason::quota_exceeded, 3},
    {reason::connection_rate_exceeded, 3},
    {reason::bad_user_name_or_password, 4},
    {reason::not_authorized, 5},
    {reason::banned, 5},
    {reason::bad_authentication_method, 5},
};

}  // namespace

std::string_view name(reason code) {
    const row* r = find(static_cast<std::uint8_t>(code));
    return r ? r->name : "?";
}

bool allowed_in(std::uint8_t type, std::uint8_t code) {
    if (code == 0) return type != 0;  // most of them, and in all packets that have a code
    const row* r = find(code);
    return r && (r->places >> type & 1) != 0;
}

std::optional<std::uint8_t> connect_return_code(reason code) {
    for (const return_code& r : return_codes)
        if (r.code == code) return r.number;
    return {};
}

reason reason_of_return_code(std::uint8_t code) {
    for (const return_code& r : return_codes)
        if (r.number == code) return r.code;
    return reason::unspecified_error;
}

}  // namespace causeway::mqtt
