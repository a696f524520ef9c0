#pragma once
// Names with wildcards: '*' stands for any characters, '?' for exactly one.

#include <string_view>

namespace causeway::app {

/// Takes at most time proportional to both lengths multiplied.
bool glob_matches(std::string_view glob, std::string_view name);

}  // namespace causeway::app
