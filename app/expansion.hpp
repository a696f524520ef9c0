#pragma once
// Environment variables inside configuration values: ${NAME} must be set, ${NAME:-default} need not be (an empty variable
// counts as not set, as in a shell). $${ stands for a plain ${. Defaults are taken as they are, without expansion.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "app/parsed.hpp"

namespace causeway::app {

/// The value of a variable, if it is set.
using environment = std::function<std::optional<std::string>(const std::string& name)>;

/// That of the process.
environment process_environment();

/// What it complains of is a whole sentence.
parsed<std::string> expand(std::string_view text, const environment& from);

}  // namespace causeway::app
