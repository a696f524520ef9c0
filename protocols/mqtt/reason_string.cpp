#include "protocols/mqtt/reason_string.hpp"

namespace causeway::mqtt {

namespace {

using enum packet_type;

struct row {
    packet_type where;
    reason code;
    std::string_view text;
};

// PUBREC says what PUBACK says, and UNSUBACK what SUBACK says.
constexpr row table[] = {
    {connack, reason::malformed_packet, "the CONNECT packet cannot be read"},
    {connack, reason::protocol_error, "the CONNECT packet, or what followed before its answer, breaks a rule of MQTT 5"},
    {connack, reason::unsupported_protocol_version, "this server speaks MQTT 3.1, 3.1.1 and 5.0"},
    {connack, reason::bad_user_name_or_password, "no user has this name and password"},
    {connack, reason::not_authorized,
     "the client has not shown who it is, or may not use this vhost, this client identifier or the topic of its will"},
    {connack, reason::server_unavailable, "the server is stopping"},
    {connack, reason::server_busy, "the server is busy; try again later"},
    {connack, reason::bad_authentication_method, "this authentication method is not offered"},
    {connack, reason::topic_name_invalid, "the topic of the will is no topic that can be published to"},
    {connack, reason::packet_too_large, "CONNECT is larger than the server takes, or its answer larger than the client takes"},
    {connack, reason::quota_exceeded, "a limit of the server has been reached, or the session cannot be stored for now"},
    {connack, reason::payload_format_invalid, "the payload of the will is not UTF-8, as its format indicator says"},
    {connack, reason::retain_not_supported, "messages are not retained here, and so neither is the will"},
    {connack, reason::qos_not_supported, "the QoS of the will is above the server's Maximum QoS"},
    {connack, reason::use_another_server, "the server is stopping"},
    {connack, reason::connection_rate_exceeded, "connections come too fast; try again later"},

    {puback, reason::not_authorized, "no right to publish to this topic"},
    {puback, reason::topic_name_invalid, "nothing can be published to this topic"},
    {puback, reason::quota_exceeded, "a queue is full, or the message cannot be stored for now"},
    {puback, reason::payload_format_invalid, "the payload is not UTF-8, as its format indicator says"},

    {suback, reason::implementation_specific_error, "there is no queue of the name in a filter of this packet"},
    {suback, reason::not_authorized, "no right to subscribe to a filter of this packet"},
    {suback, reason::topic_filter_invalid, "a filter of this packet is none that can be subscribed to"},
    {suback, reason::quota_exceeded, "too many subscriptions, or they cannot be stored for now"},

    {disconnect, reason::malformed_packet, "a packet cannot be read"},
    {disconnect, reason::protocol_error, "a packet breaks a rule of MQTT 5, or came where it may not"},
    {disconnect, reason::not_authorized, "the client has not shown again who it is"},
    {disconnect, reason::server_shutting_down, "the server is stopping"},
    {disconnect, reason::keep_alive_timeout, "nothing has come for one and a half times the keep alive"},
    {disconnect, reason::session_taken_over, "another connection uses the client identifier"},
    {disconnect, reason::topic_filter_invalid, "the filter is no topic filter"},
    {disconnect, reason::topic_name_invalid, "the topic is no topic name"},
    {disconnect, reason::receive_maximum_exceeded, "more unacknowledged messages than the server's Receive Maximum"},
    {disconnect, reason::topic_alias_invalid, "the topic alias is unknown, or above the server's Topic Alias Maximum"},
    {disconnect, reason::packet_too_large, "a packet is larger than the server takes, or its answer larger than the client takes"},
    {disconnect, reason::message_rate_too_high, "messages come too fast"},
    {disconnect, reason::quota_exceeded, "a limit of the server has been reached, or an acknowledgement cannot be stored for now"},
    {disconnect, reason::payload_format_invalid, "the payload is not UTF-8, as its format indicator says"},
    {disconnect, reason::retain_not_supported, "messages are not retained here"},
    {disconnect, reason::qos_not_supported, "the QoS is above the server's Maximum QoS"},
    {disconnect, reason::use_another_server, "the server is stopping"},
};

constexpr packet_type spoken_as(packet_type where) {
    if (where == pubrec) return puback;
    return where == unsuback ? suback : where;
}

}  // namespace

std::string_view reason_string(packet_type where, reason code) {
    for (const row& r : table)
        if (r.where == spoken_as(where) && r.code == code) return r.text;
    return {};
}

}  // namespace causeway::mqtt
