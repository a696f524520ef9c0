#pragma once
// A configuration from a file, for commands.

#include <optional>
#include <string>

#include "app/config.hpp"

namespace causeway::app {

/// Nothing if the file cannot be read or is wrong: that has been said on standard error then.
std::optional<config> read_config_file(const std::string& file);

}  // namespace causeway::app
