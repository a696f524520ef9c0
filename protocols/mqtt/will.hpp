#pragma once
// The will of a CONNECT as the core keeps it (MQTT 3.1.2.5, 3.1.3.2).

#include <memory>

#include "core/broker.hpp"
#include "protocols/mqtt/packet.hpp"

namespace causeway::mqtt {

/// Its expiry counts from its publication, so the message itself has none yet.
core::will make_will(const will& w, core::broker& broker, std::shared_ptr<const core::publisher> by);

}  // namespace causeway::mqtt
