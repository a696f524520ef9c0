#pragma once
// How a headers exchange compares, as RabbitMQ does it.

#include "core/field.hpp"

namespace causeway::core {

/// Do the headers satisfy the binding's arguments? `x-match` says whether all of them must (the default) or any; arguments whose
/// names start with "x-" take no part unless it ends with "-with-x". A void argument asks only that the header is there.
bool headers_match(const field_table& arguments, const field_table& headers);

/// Numbers are compared by their value and texts by their bytes, whatever their types on the wire; the rest also by type.
bool equal_values(const field_value& a, const field_value& b);

}  // namespace causeway::core
