#pragma once
// MQTT 5 properties and the core's neutral ones, both ways (docs/mapping.md, Properties).

#include "core/crossing.hpp"
#include "core/properties.hpp"
#include "protocols/mqtt/properties.hpp"

namespace causeway::mqtt {

/// Of a PUBLISH's or will's forwardable block. Its headers are fit for AMQP: each name once, short, and none of the reserved ones. Where
/// user properties are not all told by that, header x-mqtt-user-properties tells them all.
core::properties neutral_of(const properties& p, const core::crossing_rules& rules = {});

/// The forwardable block that says the same. What MQTT cannot carry at all (a text over 65,535 bytes, a header whose name
/// is not UTF-8) is left out.
void write_neutral(const core::properties& p, property_writer& out, const core::crossing_rules& rules = {});

}  // namespace causeway::mqtt
