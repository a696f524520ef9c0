#pragma once
// Methods, tables and property blocks as one line of text, for traces and test failures. Secrets (responses, new secrets)
// are shown by their size only.

#include <string>
#include <string_view>

#include "core/field.hpp"
#include "protocols/amqp/method.hpp"

namespace causeway::amqp {

/// basic.publish(exchange="amq.topic", routing_key="a.b", mandatory)
std::string print(const method& m);

/// {"x-max-length": I 10, "x-match": S "all"}
std::string print(const core::field_table& table);

/// [content_type="text/plain", delivery_mode=2]
std::string print_block(std::string_view block);

}  // namespace causeway::amqp
