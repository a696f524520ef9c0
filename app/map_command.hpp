#pragma once
// The command `map`: what a name, a pattern or properties of one protocol become in the other, by the broker's own code.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/topic_mapping.hpp"

namespace CLI {
class App;
}

namespace causeway::app {

struct map_command {
    std::string name;  // empty: properties only
    bool from_amqp = false;
    bool pattern = false;
    std::optional<core::topic_mapping> mapping;  // none: all of them
    bool json = false;
    std::vector<std::pair<std::string, std::string>> properties;  // option and value, in the order of the command line
};

CLI::App* add_map(CLI::App& to, map_command& map);

}  // namespace causeway::app
