#include "protocols/mqtt/amqp_address.hpp"

namespace causeway::mqtt {

namespace {

constexpr std::string_view queue_prefix = "$amqp/queue/";
constexpr std::string_view exchange_prefix = "$amqp/exchange/";
constexpr std::size_t name_bytes_max = 255;

}  // namespace

std::optional<amqp_address> parse_amqp_address(std::string_view topic) {
    amqp_address found;
    if (topic.starts_with(queue_prefix)) {
        found.routing_key = topic.substr(queue_prefix.size());
        if (found.routing_key.empty()) return std::nullopt;
    } else if (topic.starts_with(exchange_prefix)) {
        const std::string_view rest = topic.substr(exchange_prefix.size());
        const std::size_t slash = rest.find('/');
        if (slash == std::string_view::npos || slash == 0) return std::nullopt;
        found = {rest.substr(0, slash), rest.substr(slash + 1)};
    } else {
        return std::nullopt;
    }
    if (found.exchange.size() > name_bytes_max || found.routing_key.size() > name_bytes_max) return std::nullopt;
    return found;
}

result<core::exchange*, reason> exchange_at(const amqp_address& address, const core::identity& who, core::broker& where) {
    if (!who.may(core::right::write, where.options().vhost, address.resource())) return reason::not_authorized;
    core::exchange* to = where.find_exchange(address.exchange);
    if (!to || to->definition().internal) return reason::topic_name_invalid;
    return to;
}

std::string address_of_queue(std::string_view queue) { return std::string(queue_prefix).append(queue); }

core::message_parts readdressed(core::message_parts parts, const amqp_address& address, const core::origin& amqp) {
    parts.neutral = std::make_unique<core::properties>(parts.from->parse_properties(parts.raw_properties));
    parts.from = &amqp;
    parts.exchange = address.exchange;
    parts.name = address.routing_key;
    parts.raw_properties = {};
    parts.retain = false;
    return parts;
}

}  // namespace causeway::mqtt
