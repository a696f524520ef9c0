// Where MQTT publishes and subscribes: found, or made, when everything is back from the store. If it is another one than last
// time, the subscriptions come along.

#include <stdexcept>

#include "core/broker.hpp"

namespace causeway::core {

namespace {

bool serves_mqtt(const exchange_definition& x) {
    return x.type == exchange_type::topic && x.durable && !x.auto_delete && !x.internal;
}

}  // namespace

void broker::settle_mqtt_exchange() {
    const std::string& name = options_.mqtt_exchange;
    exchange* found = find_exchange(name);
    if (!found) {
        const auto made = declare_exchange({.name = name, .type = exchange_type::topic, .durable = true, .arguments = {}});
        if (!made) throw std::runtime_error(made.error().text);
        found = made.value().it;
    }
    if (!serves_mqtt(found->definition()))
        throw std::runtime_error("exchange '" + name + "', which MQTT is to use, is not a plain durable topic exchange");
    mqtt_exchange_ = found;

    std::vector<binding*> elsewhere;
    for (exchange* x : exchanges_) {
        if (x == mqtt_exchange_ || x == default_exchange_) continue;  // the default exchange has what MQTT consumes of queues
        for (const auto& b : x->bindings())
            if (b->from == origins_.mqtt) elsewhere.push_back(b.get());
    }
    for (binding* old : elsewhere) {
        binding& fresh = create_binding(binding_id{++last_id_}, {.source = mqtt_exchange_,
                                                                 .to_queue = old->to_queue,
                                                                 .to_exchange = old->to_exchange,
                                                                 .from = old->from,
                                                                 .key = old->key,
                                                                 .arguments = old->arguments,
                                                                 .options = old->options});
        fresh.durable = old->durable;
        if (fresh.durable) save(fresh);
        remove_binding(*old);
    }
}

}  // namespace causeway::core
