#pragma once
// What the x-arguments of a queue mean, and how two declarations are compared (RabbitMQ's rules and wording).

#include <initializer_list>
#include <string_view>

#include "core/failure.hpp"
#include "core/field.hpp"
#include "core/queue.hpp"

namespace causeway::core {

/// Reads the arguments; precondition_failed names the one that makes no sense, or not with this type of queue. Unknown ones are
/// kept and mean nothing.
outcome<queue_limits> parse_queue_arguments(const queue_definition& definition, std::string_view vhost);

/// The same of arguments that were taken once: what makes no sense any more means nothing.
queue_limits known_queue_arguments(const queue_definition& definition);

/// "inequivalent arg …" for the first of the arguments that differs.
outcome<void> compare_queue_arguments(const queue_definition& received, const queue_definition& current, std::string_view vhost);

/// The same for the named arguments of an exchange.
outcome<void> compare_exchange_arguments(const field_table& received, const field_table& current,
                                         std::initializer_list<std::string_view> names, std::string_view exchange,
                                         std::string_view vhost);

/// The exchange that an argument names, empty if it is not there; precondition_failed if it is no string.
outcome<std::string_view> exchange_in(const field_table& arguments, std::string_view argument, std::string_view kind,
                                      std::string_view name, std::string_view vhost);

/// Argument x-priority of basic.consume; 0 if it is not there.
outcome<std::int64_t> parse_consumer_priority(const field_table& arguments, std::string_view queue, std::string_view vhost);

/// The text of an inequivalence.
failure inequivalent(std::string_view argument, std::string_view kind, std::string_view name, std::string_view vhost,
                     std::string_view received, std::string_view current);

}  // namespace causeway::core
