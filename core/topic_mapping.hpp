#pragma once
// How a vhost translates names between MQTT topics and AMQP routing keys (docs/mapping.md).

#include <cstdint>

namespace causeway::core {

enum class topic_mapping : std::uint8_t {
    levels,    // '/' and '.' separate; what a level must not hold is written as %XX: nothing is lost
    rabbitmq,  // plain replacement, as RabbitMQ's MQTT plugin does
    slash,     // the MQTT topic itself is the routing key, and binding keys split on '/'
};

}  // namespace causeway::core
