#pragma once
// From a frame to a packet, for servers and clients alike. Whatever the standard forbids inside one packet is refused here,
// with the reason that it prescribes; what depends on the connection's state is the caller's. Views point into the frame.

#include "base/result.hpp"
#include "protocols/mqtt/framing.hpp"
#include "protocols/mqtt/packet.hpp"
#include "protocols/mqtt/reason.hpp"

namespace causeway::mqtt {

/// Errors: malformed_packet, protocol_error, and unsupported_protocol_version (CONNECT), topic_name_invalid,
/// topic_alias_invalid (PUBLISH), topic_filter_invalid (SUBSCRIBE, UNSUBSCRIBE). A CONNECT brings its version along: `v` does
/// not matter.
result<packet, reason> decode(const frame& f, version v);

/// The same for a PUBLISH alone, which is most of the traffic.
result<publish, reason> decode_publish(const frame& f, version v);

}  // namespace causeway::mqtt
