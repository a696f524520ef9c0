#pragma once
// What all connections to one MQTT listener share. Owned by the factory, which outlives them.

#include "base/log.hpp"
#include "core/access.hpp"
#include "protocols/mqtt/options.hpp"

namespace causeway::mqtt {

struct common {
    core::authenticator& users;
    mqtt::options options;
    logger& log;
};

}  // namespace causeway::mqtt
