#pragma once
// Messages across the border: what AMQP consumers are sent, and what an AMQP publisher's properties mean to the core
// (docs/mapping.md, Properties and Delivery).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/message.hpp"
#include "core/queue.hpp"
#include "core/crossing.hpp"
#include "protocols/amqp/properties.hpp"
#include "protocols/amqp/reply_code.hpp"

namespace causeway::amqp {

/// A message as an AMQP consumer sees it. One from AMQP keeps its exact bytes, and nothing is copied. Lives on the stack
/// while a delivery is written; the message outlives it.
class outgoing {
public:
    /// `returns`: how often it came back to its queue, for header x-delivery-count.
    outgoing(const core::message& m, const core::crossing_rules& rules, std::int64_t now_wall_ms,
             std::optional<std::uint32_t> returns = {});
    outgoing(const outgoing&) = delete;
    outgoing& operator=(const outgoing&) = delete;

    std::string_view exchange() const { return exchange_; }
    std::string_view routing_key() const { return routing_key_; }
    std::string_view block() const { return block_; }

private:
    std::string made_key_;
    std::string made_block_;
    std::string_view exchange_;
    std::string_view routing_key_;
    std::string_view block_;
};

/// What a quorum queue's consumers are told; nothing of other queues.
inline std::optional<std::uint32_t> returns_of(const core::queue& from, const core::entry& e) {
    return from.limits().type == core::queue_type::quorum ? std::optional(e.deliveries) : std::nullopt;
}
/// The same for basic.deliver, in which RabbitMQ says nothing the first time.
inline std::optional<std::uint32_t> returns_of_delivery(const core::queue& from, const core::entry& e) {
    return e.deliveries > 0 ? returns_of(from, e) : std::nullopt;
}

/// What a publisher's properties say about the message itself.
struct publish_facts {
    core::qos qos = core::qos::at_most_once;  // header x-mqtt-publish-qos, else delivery_mode 2 → 1, else 0
    bool durable = false;                     // delivery_mode 2
    bool retain = false;                      // header x-mqtt-retain: true
    std::optional<std::int64_t> ttl_ms;       // expiration
};

/// Refused with 406: an expiration that is not a number of milliseconds.
result<publish_facts, refusal> facts_of(const property_block& properties);

/// 406 for a delivery mode other than 1 and 2.
result<void, refusal> check_delivery_mode(const property_block& properties);

/// The topic that an AMQP client answers an MQTT requester on: "mqtt:<topic>" as the routing key of the default exchange.
std::optional<std::string_view> topic_of_reply_key(std::string_view routing_key);
/// May MQTT clients publish to it as it stands?
bool is_topic_name(std::string_view text);
/// Headers that `outgoing` writes itself for what has a topic's name.
bool told_of_each_message(std::string_view header);

}  // namespace causeway::amqp
