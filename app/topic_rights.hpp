#pragma once
// MQTT topic filters as rights.

#include <string_view>

namespace causeway::app {

/// What %u and %c in a pattern stand for.
struct topic_owner {
    std::string_view user;
    std::string_view client_id;
};

/// Is every topic that the filter matches also matched by the pattern? A topic name is a filter without wildcards. Names in
/// place of %u and %c stand for themselves: one with a separator or wildcard in it is covered by nothing. Leading wildcards
/// do not reach topics that begin with '$' [MQTT-4.7.2-1].
bool topic_covered(std::string_view pattern, std::string_view filter, const topic_owner& owner);

}  // namespace causeway::app
