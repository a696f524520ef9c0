#pragma once
// Finding what a client names, with its rights checked, in RabbitMQ's order: rights first, then existence.

#include <string>
#include <string_view>

#include "protocols/amqp/channel.hpp"

namespace causeway::amqp {

/// 404 "no exchange 'x' in vhost '/'"
result<core::exchange*, refusal> find_exchange(channel& c, std::string_view name);

/// 403 for the default exchange, which cannot be declared, deleted or bound.
verdict not_default_exchange(std::string_view name);

/// RabbitMQ drops line ends from the names that are declared, deleted and bound.
std::string without_line_ends(std::string_view name);

/// 404 if missing, 405 if another connection's exclusive one.
result<core::queue*, refusal> find_queue(channel& c, std::string_view name);

/// The same with the right to read it; 403 for an MQTT session's inbox, which only its client reads (docs/mapping.md).
result<core::queue*, refusal> readable_queue(channel& c, std::string_view given_name);

/// Naming a dead-letter or alternate exchange in the arguments of a new `resource` needs the right to write to it and to read
/// from the resource. Of one that is there nothing changes, so that nothing is asked.
verdict may_forward(channel& c, const core::field_table& arguments, std::string_view argument, std::string_view kind,
                    std::string_view resource);

/// `prefix`, a dash and 22 random characters.
std::string random_name(core::broker& broker, std::string_view prefix);

}  // namespace causeway::amqp
