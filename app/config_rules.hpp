#pragma once
// What must hold between the values of a configuration: each rule is a function of its own.

#include "app/config.hpp"
#include "app/problems.hpp"

namespace causeway::app {

void check_rules(const config& c, problems& found);

}  // namespace causeway::app
