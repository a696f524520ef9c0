// The exchange class (AMQP 0-9-1, 1.6.2) with RabbitMQ's exchange-to-exchange bindings.

#include "protocols/amqp/handlers.hpp"
#include "protocols/amqp/lookup.hpp"

namespace causeway::amqp {

namespace {

verdict declare_passively(channel& c, const exchange_declare& m) {
    TRY(find_exchange(c, m.exchange));
    if (!m.no_wait) c.say(exchange_declare_ok{});
    return success();
}

/// Both ends of a binding between exchanges.
struct ends {
    core::exchange* source;
    core::exchange* destination;
};

result<ends, refusal> ends_of(channel& c, std::string_view source, std::string_view destination) {
    TRY(c.may(core::right::write, "exchange", destination));
    TRY(c.may(core::right::read, "exchange", source));
    TRY(not_default_exchange(destination));
    TRY(not_default_exchange(source));
    TRY(core::exchange* const from, find_exchange(c, source));
    TRY(core::exchange* const to, find_exchange(c, destination));
    return ends{from, to};
}

}  // namespace

verdict handle(channel& c, const exchange_declare& m) {
    TRY(not_default_exchange(m.exchange));
    if (m.passive) return declare_passively(c, m);
    core::exchange_definition definition{.name = std::string(m.exchange),
                                         .type = {},
                                         .durable = m.durable,
                                         .auto_delete = m.auto_delete,
                                         .internal = m.internal,
                                         .arguments = m.arguments};
    if (!core::parse_exchange_type(m.type, definition.type))
        return refuse(reply_code::command_invalid, "unknown exchange type '" + std::string(m.type) + "'");
    TRY(c.may(core::right::configure, "exchange", m.exchange));
    TRY(may_forward(c, m.arguments, "alternate-exchange", "exchange", m.exchange));
    TRY(const auto declared, checked(c.broker().declare_exchange(std::move(definition))));
    if (!m.no_wait) c.say_after(declared.commit, exchange_declare_ok{});
    return success();
}

verdict handle(channel& c, const exchange_delete& m) {
    TRY(not_default_exchange(m.exchange));
    TRY(c.may(core::right::configure, "exchange", m.exchange));
    TRY(const core::commit_number commit, checked(c.broker().delete_exchange(m.exchange, m.if_unused)));
    if (!m.no_wait) c.say_after(commit, exchange_delete_ok{});
    return success();
}

verdict handle(channel& c, const exchange_bind& m) {
    TRY(const ends between, ends_of(c, m.source, m.destination));
    TRY(const auto bound, checked(c.broker().bind({.source = between.source,
                                                   .to_exchange = between.destination,
                                                   .from = c.broker().origins().amqp,
                                                   .key = m.routing_key,
                                                   .arguments = m.arguments,
                                                   .options = {}})));
    if (!m.no_wait) c.say_after(bound.commit, exchange_bind_ok{});
    return success();
}

verdict handle(channel& c, const exchange_unbind& m) {
    TRY(const ends between, ends_of(c, m.source, m.destination));
    TRY(const auto unbound, checked(c.broker().unbind({.source = between.source,
                                                       .to_exchange = between.destination,
                                                       .from = c.broker().origins().amqp,
                                                       .key = m.routing_key,
                                                       .arguments = m.arguments,
                                                       .options = {}})));
    if (!m.no_wait) c.say_after(unbound.commit, exchange_unbind_ok{});
    return success();
}

}  // namespace causeway::amqp
