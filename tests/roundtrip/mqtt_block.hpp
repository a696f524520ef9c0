#pragma once
// MQTT's properties as a test handles them: made, printed, made smaller.

#include <cstdint>
#include <string>
#include <vector>

#include "core/properties.hpp"
#include "protocols/mqtt/properties.hpp"

namespace causeway::roundtrip {

struct mqtt_property {
    mqtt::property id;
    std::uint32_t number = 0;
    std::string text{};   // a user property's name
    std::string value{};
};
using mqtt_block = std::vector<mqtt_property>;

std::string bytes_of(const mqtt_block& block);
std::string text_of(const mqtt_block& block);
std::vector<mqtt_block> smaller_blocks(const mqtt_block& block);

/// What the broker writes of it for MQTT.
std::string written(const core::properties& p);

/// All that it says, in an order of its own but for user properties. An empty content type says nothing.
std::string listed(const mqtt::properties& p);

}  // namespace causeway::roundtrip
