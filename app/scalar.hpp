#pragma once
// One value of the configuration: from its text into the member that the table binds to it.

#include <string>

#include "app/key.hpp"
#include "app/parsed.hpp"

namespace causeway::app {

/// For kinds text, flag, number and choice. A complaint continues "'name' must be …".
parsed<void> put_scalar(const key& k, void* owner, const std::string& text);

/// A plain (unquoted) value among arguments: true and false, whole numbers, decimals, else a string.
core::field_value argument_of(const std::string& text);

}  // namespace causeway::app
