#pragma once
// From a frame to a packet, for servers and clients alike. Whatever the standard forbids inside one packet is refused here,
// with the reason that it prescribes; what depends on the connection's state is the caller's. Views point into the frame.

#include <optional>

#include "base/result.hpp"
#include "protocols/mqtt/framing.hpp"
#include "protocols/mqtt/packet.hpp"
#include "protocols/mqtt/reason.hpp"

namespace causeway::mqtt {

/// Left to the caller, who knows the direction: a PUBLISH from a client has no subscription identifier [MQTT-3.3.4-6], a
/// DISCONNECT from a server no session expiry [MQTT-3.14.2-2].
/// Errors: malformed_packet, protocol_error, and unsupported_protocol_version (CONNECT), topic_name_invalid,
/// topic_alias_invalid (PUBLISH), topic_filter_invalid (SUBSCRIBE, UNSUBSCRIBE). A CONNECT brings its version along: `v` does
/// not matter.
result<packet, reason> decode(const frame& f, version v);

/// The same for one of the four acknowledgements alone. Most are as short as can be.
template <packet_type Type>
result<acknowledgement<Type>, reason> decode_long_acknowledgement(const frame& f, version v);
template <packet_type Type>
result<acknowledgement<Type>, reason> decode_acknowledgement(const frame& f, version v) {
    if (f.body.size() != sizeof(std::uint16_t)) return decode_long_acknowledgement<Type>(f, v);
    const std::uint16_t packet_id = byte_reader(f.body).u16();
    if (packet_id == 0) return reason::protocol_error;  // [MQTT-2.2.1-5]
    return acknowledgement<Type>{.packet_id = packet_id};
}

/// The same for a PUBLISH alone, which is most of the traffic. `known`: a topic name that has been checked before.
result<publish, reason> decode_publish(const frame& f, version v, std::string_view known = {});

/// The version that a CONNECT asks for, if it is one of ours: how to word the refusal of one that does not decode.
std::optional<version> version_of_connect(const frame& f);

}  // namespace causeway::mqtt
