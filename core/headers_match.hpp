#pragma once
// How a headers exchange compares, as RabbitMQ does it.

#include <string_view>

#include <boost/unordered/unordered_flat_map.hpp>

#include "core/field.hpp"

namespace causeway::core {

/// A message's headers, for many bindings to look into: also where there are thousands, each look costs the same.
class header_index {
public:
    explicit header_index(const field_table& headers);
    /// The first one of that name, or nullptr.
    const field_value* find(std::string_view name) const;

private:
    const field_table& headers_;
    boost::unordered_flat_map<std::string_view, const field_value*> by_name_;  // of many only
};

/// Do the headers satisfy the binding's arguments? `x-match` says whether all of them must (the default) or any; arguments whose
/// names start with "x-" take no part unless it ends with "-with-x". A void argument asks only that the header is there.
bool headers_match(const field_table& arguments, const header_index& headers);

/// Numbers are compared by their value and texts by their bytes, whatever their types on the wire; the rest also by type.
bool equal_values(const field_value& a, const field_value& b);

}  // namespace causeway::core
