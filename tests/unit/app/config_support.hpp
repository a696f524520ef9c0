#pragma once
// Configurations for tests, from text.

#include <string>
#include <string_view>

#include "app/config_reader.hpp"

namespace causeway::app {

inline loaded_config load(
    std::string_view yaml, environment from = [](const std::string&) { return std::nullopt; }) {
    return load_config(yaml, "c.yaml", from);
}

/// What a person would read about it; empty if nothing is wrong.
inline std::string errors_in(std::string_view yaml) { return load(yaml).problems.text(); }

/// The least that is valid; tests append to it.
inline const std::string minimal =
    "data: /tmp/x\n"
    "listeners:\n"
    "  - {name: mqtt, protocol: mqtt, port: 1883}\n";

}  // namespace causeway::app
