#pragma once
// What a refusal says to a person beside its code (MQTT 5: Reason String).

#include <string_view>

#include "protocols/mqtt/packet.hpp"
#include "protocols/mqtt/reason.hpp"

namespace causeway::mqtt {

/// Empty: the code says it all.
std::string_view reason_string(packet_type where, reason code);

}  // namespace causeway::mqtt
