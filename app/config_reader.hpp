#pragma once
// From a YAML file to a config, led by the table of keys. Nothing here knows any key by name.

#include <string>
#include <string_view>

#include "app/config.hpp"
#include "app/expansion.hpp"
#include "app/problems.hpp"

namespace causeway::app {

struct loaded_config {
    app::config config;      // of use only if nothing is wrong
    app::problems problems;  // with the syntax, with single values, and by the rules (config_rules.hpp)
};

/// `file` is what messages call it.
loaded_config load_config(std::string_view yaml, const std::string& file, const environment& from);

}  // namespace causeway::app
