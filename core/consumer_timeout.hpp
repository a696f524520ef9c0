#pragma once
// RabbitMQ's consumer timeout of a queue: how long an entry may be left unacknowledged. Asked seldom, so it is read where it stands.

#include <cstdint>
#include <optional>

#include "core/policy.hpp"
#include "core/queue.hpp"

namespace causeway::core {

/// The smallest of argument x-consumer-timeout and the policies' consumer-timeout, in milliseconds. Nothing: none of them says so;
/// an argument that is no positive number does not.
std::optional<std::int64_t> consumer_timeout_ms(const queue& of, const policies& all);

}  // namespace causeway::core
