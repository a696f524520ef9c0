#pragma once
// The last packet that a client gets: why it is not let in, or why it is disconnected (MQTT 3.2, 3.14, 4.11, 4.13).

#include "protocols/mqtt/options.hpp"
#include "protocols/mqtt/reason.hpp"
#include "protocols/mqtt/send.hpp"

namespace causeway::mqtt {

/// The CONNACK that refuses, if the client takes one so large. MQTT 3 has codes for few reasons; for the others there is none
/// [MQTT-3.1.4-1].
void send_connack(const recipient& to, reason why, const options& o);

/// The DISCONNECT, likewise; MQTT 3 has none from a server.
void send_disconnect(const recipient& to, reason why, const options& o);

}  // namespace causeway::mqtt
