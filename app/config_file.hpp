#pragma once
// A configuration from a file.

#include <optional>
#include <string>
#include <vector>

#include "app/config.hpp"
#include "base/result.hpp"

namespace causeway::app {

/// Why a file is no configuration.
struct config_failure {
    std::vector<std::string> problems;  // "causeway.yaml:3:5: there is no key 'a'"
    std::string text;                   // all of them for people, with the lines at fault
};

/// Says nothing itself. From any thread.
result<config, config_failure> load_config_file(const std::string& file);

/// For commands: nothing if the file cannot be read or is wrong; that has been said on standard error then.
std::optional<config> read_config_file(const std::string& file);

}  // namespace causeway::app
