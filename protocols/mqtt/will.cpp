#include "protocols/mqtt/will.hpp"

namespace causeway::mqtt {

core::will make_will(const will& w, core::broker& broker, std::shared_ptr<const core::publisher> by) {
    std::string scratch;
    core::message_parts parts{.from = broker.origins().mqtt,
                              .exchange = broker.mqtt_exchange().name(),
                              .name = w.topic,
                              .raw_properties = w.properties.forwardable(scratch),
                              .payload = w.payload,
                              .qos = w.qos,
                              .durable = w.qos != qos::at_most_once,
                              .retain = w.retain,
                              .expires_wall_ms = 0,
                              .by = std::move(by),
                              .neutral = nullptr,
                              .account = broker.memory()};
    return {.message = core::message::make(std::move(parts)),
            .delay_s = w.properties.number_or(property::will_delay_s, 0),
            .expiry_s = w.properties.number(property::message_expiry_s)};
}

}  // namespace causeway::mqtt
