#pragma once
// What the arguments mean of the exchange types that RabbitMQ's plugins add, and what bindings they take.

#include <string>
#include <string_view>

#include "core/exchange.hpp"
#include "core/failure.hpp"

namespace causeway::core {

/// Fails with what RabbitMQ says of arguments that its exchange types do not take.
outcome<exchange_rules> parse_exchange_arguments(const exchange_definition& definition);

/// May a binding with this key and these arguments leave such an exchange?
outcome<void> check_binding(const exchange_rules& source, std::string_view key, const field_table& arguments);

}  // namespace causeway::core
