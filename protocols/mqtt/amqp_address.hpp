#pragma once
// How MQTT clients publish anywhere in AMQP (docs/mapping.md, Meeting points): the topic "$amqp/queue/<queue>" is that
// queue, "$amqp/exchange/<exchange>/<routing key>" that exchange. The text after the prefix is AMQP's, byte for byte.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/access.hpp"
#include "core/broker.hpp"
#include "core/message.hpp"
#include "protocols/mqtt/reason.hpp"

namespace causeway::mqtt {

struct amqp_address {
    std::string_view exchange;  // empty: the default exchange
    std::string_view routing_key;
    bool operator==(const amqp_address&) const = default;

    /// The name that rights are written for.
    std::string_view resource() const { return exchange.empty() ? std::string_view("amq.default") : exchange; }
};

inline bool is_amqp_address(std::string_view topic) { return topic.starts_with("$amqp/"); }

/// nullopt: neither of the two forms, or a name longer than AMQP's 255 bytes.
std::optional<amqp_address> parse_amqp_address(std::string_view topic);

/// The exchange there, if this user may publish to it. Errors: not_authorized; topic_name_invalid if clients find none there.
result<core::exchange*, reason> exchange_at(const amqp_address& address, const core::identity& who, core::broker& where);

/// The topic that reaches a queue.
std::string address_of_queue(std::string_view queue);

/// The message as an AMQP client would have published it there; its properties cross. The views in `address` must live
/// until the message is made.
core::message_parts readdressed(core::message_parts parts, const amqp_address& address, const core::origin& amqp);

}  // namespace causeway::mqtt
