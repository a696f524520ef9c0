#pragma once
// Packets as one line of text, for trace logs and test failures. Payloads and passwords are never shown, only their sizes.

#include <string>

#include "protocols/mqtt/packet.hpp"

namespace causeway::mqtt {

/// "PUBLISH q1 id=7 'a/b' payload=12 {content_type='text/plain'}"
std::string print(const packet& p);

std::string_view name(packet_type type);

}  // namespace causeway::mqtt
