#pragma once
// A vhost's name as the name of its folder.

#include <string>
#include <string_view>

namespace causeway::app {

/// Letters, digits, '-', '_' and inner dots stay; every other byte becomes %XX. Different names stay different.
std::string safe_name(std::string_view name);

}  // namespace causeway::app
