#pragma once
// The will of a CONNECT as the core keeps it (MQTT 3.1.2.5, 3.1.3.2).

#include <memory>
#include <optional>

#include "core/access.hpp"
#include "core/broker.hpp"
#include "protocols/mqtt/packet.hpp"
#include "protocols/mqtt/reason.hpp"

namespace causeway::mqtt {

/// Its expiry counts from its publication, so the message itself has none yet.
core::will make_will(const will& w, core::broker& broker, core::publisher_ptr by);

/// Why this user may not leave it, if so: what a PUBLISH of it would be refused with.
std::optional<reason> refusal_of(const core::will& w, const core::identity& who, core::broker& broker);

}  // namespace causeway::mqtt
