#include "protocols/mqtt/will.hpp"

#include "protocols/mqtt/amqp_address.hpp"
#include "protocols/mqtt/origin.hpp"

namespace causeway::mqtt {

core::will make_will(const will& w, core::broker& broker, core::publisher_ptr by) {
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
    if (const auto address = parse_amqp_address(w.topic))
        parts = readdressed(std::move(parts), *address, *broker.origins().amqp);
    return {.message = core::message::make(std::move(parts)),
            .delay_s = w.properties.number_or(property::will_delay_s, 0),
            .expiry_s = w.properties.number(property::message_expiry_s)};
}

std::optional<reason> refusal_of(const core::will& w, const core::identity& who, core::broker& broker) {
    const core::message& m = *w.message;
    if (m.from() == core::protocol::mqtt)
        return may_topic(who, core::right::write, broker, m.name()) ? std::nullopt : std::optional(reason::not_authorized);
    const auto to = exchange_at({m.exchange(), m.name()}, who, broker);
    return to ? std::nullopt : std::optional(to.error());
}

}  // namespace causeway::mqtt
