#pragma once
// What is generated from the table of keys, so that it can never disagree with the program.

#include <string>

namespace causeway::app {

/// docs/configuration.md
std::string config_docs();

/// configs/causeway.schema.json, a JSON Schema for editors.
std::string config_schema();

/// configs/causeway.yaml: every key, with its meaning above it.
std::string config_sample();

}  // namespace causeway::app
