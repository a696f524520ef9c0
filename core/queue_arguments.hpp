#pragma once
// What the x-arguments of a queue mean, and how two declarations are compared (RabbitMQ's rules and wording).

#include <initializer_list>
#include <string_view>

#include "core/failure.hpp"
#include "core/field.hpp"
#include "core/queue.hpp"

namespace causeway::core {

/// Reads the arguments; precondition_failed names the one that makes no sense.
outcome<queue_limits> parse_queue_arguments(const queue_definition& definition, std::string_view vhost);

/// "inequivalent arg …" for the first of the named arguments that differs. `kind` is "queue" or "exchange".
outcome<void> compare_arguments(const field_table& received, const field_table& current,
                                std::initializer_list<std::string_view> names, std::string_view kind, std::string_view name,
                                std::string_view vhost);

/// The text of an inequivalence.
failure inequivalent(std::string_view argument, std::string_view kind, std::string_view name, std::string_view vhost,
                     std::string_view received, std::string_view current);

}  // namespace causeway::core
