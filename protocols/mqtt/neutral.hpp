#pragma once
// MQTT 5 properties and the core's neutral ones, both ways (docs/mapping.md, Properties).

#include "core/properties.hpp"
#include "protocols/mqtt/properties.hpp"

namespace causeway::mqtt {

/// Of a PUBLISH's or will's forwardable block.
core::properties neutral_of(const properties& p);

/// The forwardable block that says the same. What MQTT cannot carry at all (a text over 65,535 bytes, a header whose name
/// is not UTF-8) is left out.
void write_neutral(const core::properties& p, property_writer& out);

}  // namespace causeway::mqtt
