#pragma once
// What becomes of names and properties on the other side of the border, and what of them comes back (docs/mapping.md). Pure.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/map_command.hpp"
#include "base/result.hpp"

namespace causeway::app {

struct mapped_name {
    core::topic_mapping mapping;
    std::optional<std::string> there;  // nothing: the other side cannot say it
    std::string note{};                // what there is to know about it
    std::optional<std::string> back{}; // of what comes back
};

struct mapped_names {
    std::string kind;        // "topic", "filter", "routing key", "binding key", "address"
    std::string other_kind;
    std::vector<mapped_name> by_mapping;
};

/// Errors are texts for whoever typed it.
result<mapped_names, std::string> map_name(const map_command& what);

using named_text = std::pair<std::string, std::string>;

struct mapped_properties {
    std::vector<named_text> there;
    std::vector<named_text> lost;  // what it was, and what comes back instead; empty: nothing
};
result<mapped_properties, std::string> map_properties(const map_command& what);

/// With what is no printable UTF-8 written as \xNN.
std::string printable(std::string_view text);

}  // namespace causeway::app
