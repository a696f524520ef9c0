#include "app/vhost.hpp"

#include <random>
#include <stdexcept>

#include "app/policies.hpp"
#include "app/safe_name.hpp"
#include "app/topology.hpp"

namespace causeway::app {

namespace {

persistence::lmdb_store_options store_options(const config& c, const vhost_config& v) {
    persistence::lmdb_store_options options;
    static_cast<persistence::database_options&>(options) = c.storage;
    options.directory = c.data + "/vhosts/" + safe_name(v.name);
    return options;
}

core::overflow overflow_of(overflow_policy policy) {
    switch (policy) {
        case overflow_policy::drop_newest: return core::overflow::drop_newest;
        case overflow_policy::drop_oldest: return core::overflow::drop_head;
        case overflow_policy::refuse: return core::overflow::reject_publish;
    }
    return core::overflow::drop_newest;
}

/// A routing key alone is a queue: the default exchange leads there.
void set_dead_letters(core::broker_options& options, const vhost_config& v) {
    const std::string& key = v.session_dead_letter_routing_key;
    if (v.session_dead_letter_exchange.empty() && key.empty()) return;
    options.session_dead_letter_exchange = v.session_dead_letter_exchange;
    if (!key.empty()) options.session_dead_letter_routing_key = key;
}

core::broker_options broker_options(const config& c, const vhost_config& v) {
    core::broker_options options;
    options.vhost = v.name;
    options.mqtt_exchange = v.mqtt_exchange;
    set_dead_letters(options, v);
    options.memory_bytes_max = c.memory.messages_bytes_max;
    options.queue_window_messages = c.memory.queue_messages_max;
    options.queue_window_bytes = c.memory.queue_bytes_max;
    options.delayed_bytes_max = c.memory.delayed_bytes_max;
    options.session_messages_max = c.sessions.messages_max;
    options.session_bytes_max = c.sessions.bytes_max;
    options.session_expiry_s_max = c.sessions.expiry_s_max;
    options.session_overflow = overflow_of(c.sessions.overflow);
    options.queue_qos0 = c.sessions.queue_qos0;
    options.retained_messages_max = c.retained.messages_max;
    options.retained_bytes_max = c.retained.bytes_max;
    return options;
}

/// Names that nobody can guess come from it.
std::uint64_t random_number() {
    static std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
}

}  // namespace

core::crossing_rules rules_of(const vhost_config& v) {
    core::crossing_rules rules(v.topic_mapping);
    rules.amqp_properties_to_mqtt = v.amqp_properties_to_mqtt;
    rules.amqp_properties_from_mqtt = v.amqp_properties_from_mqtt;
    rules.publisher_to_amqp = v.publisher_to_amqp;
    return rules;
}

vhost::vhost(const config& c, const vhost_config& v, logger& log, std::function<void()> wake, instant now)
    : mqtt_(rules_of(v)),
      amqp_(rules_of(v)),
      store_(store_options(c, v), log, std::move(wake)),
      broker_(broker_options(c, v), store_, log, random_number, {.mqtt = &mqtt_, .amqp = &amqp_}) {
    broker_.recover(now);
    broker_.begin_turn(now);
    broker_.set_policies(policies_of(v));
    declare_topology(broker_, v, amqp_, [&v](const undeclarable& wrong) {
        throw std::runtime_error("vhost '" + v.name + "': " + wrong.what + ": " + wrong.why);
    });
    sys_topics_.emplace(broker_, c.mqtt.sys_interval_s, "causeway version " CAUSEWAY_VERSION);
    broker_.end_turn();
}

}  // namespace causeway::app
