#pragma once
// One vhost of the running node: its store, its broker, and what the configuration declares in it.

#include <functional>
#include <optional>
#include <string>

#include "app/config.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "core/broker.hpp"
#include "persistence/lmdb_store.hpp"
#include "protocols/amqp/origin.hpp"
#include "protocols/mqtt/origin.hpp"
#include "protocols/mqtt/sys_topics.hpp"

namespace causeway::app {

/// What is configured about the crossing between the protocols.
core::crossing_rules rules_of(const vhost_config& v);

class vhost {
public:
    /// Opens the store, reads it back and declares the topology. Throws std::runtime_error with a text for the operator.
    vhost(const config& c, const vhost_config& v, logger& log, std::function<void()> wake, instant now);

    const std::string& name() const { return broker_.options().vhost; }
    core::broker& broker() { return broker_; }
    const core::broker& broker() const { return broker_; }

private:
    mqtt::origin mqtt_;
    amqp::origin amqp_;
    persistence::lmdb_store store_;
    core::broker broker_;
    std::optional<mqtt::sys_topics> sys_topics_;  // once the broker knows the time
};

}  // namespace causeway::app
