#pragma once
// Why the core refused what a client asked for. The protocols turn the code into theirs (AMQP reply code, MQTT reason
// code); the text is RabbitMQ's wording where it has one, without the leading constant ("no queue 'q' in vhost '/'").

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace causeway::core {

enum class error : std::uint8_t {
    not_found,
    access_refused,
    locked,               // exclusive to another connection
    in_use,               // by a consumer, or exclusively consumed
    precondition_failed,  // inequivalent arguments, not empty, …
    not_allowed,
    invalid,              // an argument that makes no sense
    unknown_type,         // of an exchange
    limit_reached,
    storage_unavailable,
};

struct failure {
    error code;
    std::string text;
};

template <class T>
using outcome = result<T, failure>;

}  // namespace causeway::core
