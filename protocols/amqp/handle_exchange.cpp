// The exchange class (AMQP 0-9-1, 1.6.2) with RabbitMQ's exchange-to-exchange bindings.

#include "protocols/amqp/handlers.hpp"
#include "protocols/amqp/lookup.hpp"

namespace causeway::amqp {

namespace {

verdict declare_passively(channel& c, const exchange_declare& m, std::string_view name) {
    TRY(not_default_exchange(name));
    TRY(find_exchange(c, name));
    if (!m.no_wait) c.say(exchange_declare_ok{});
    return success();
}

/// Names of both ends of a binding between exchanges.
struct ends {
    std::string source;
    std::string destination;
};

result<ends, refusal> bindable(channel& c, std::string_view source, std::string_view destination) {
    ends names{without_line_ends(source), without_line_ends(destination)};
    TRY(c.may(core::right::write, "exchange", names.destination));
    TRY(not_default_exchange(names.destination));
    TRY(not_default_exchange(names.source));
    TRY(c.may(core::right::read, "exchange", names.source));
    return names;
}

}  // namespace

verdict handle(channel& c, const exchange_declare& m) {
    const std::string name = without_line_ends(m.exchange);
    if (m.passive) return declare_passively(c, m, name);
    core::exchange_definition definition{.name = name,
                                         .type = {},
                                         .durable = m.durable,
                                         .auto_delete = m.auto_delete,
                                         .internal = m.internal,
                                         .arguments = m.arguments};
    if (!core::parse_exchange_type(m.type, definition.type))
        return refuse(reply_code::command_invalid, "unknown exchange type '" + std::string(m.type) + "'");
    TRY(not_default_exchange(name));
    TRY(c.may(core::right::configure, "exchange", name));
    if (c.broker().find_exchange(name) == nullptr) {
        TRY(may_forward(c, m.arguments, "alternate-exchange", "exchange", name));
    }
    TRY(const auto declared, checked(c.broker().declare_exchange(std::move(definition))));
    if (!m.no_wait) c.say_after(declared.commit, exchange_declare_ok{});
    return success();
}

verdict handle(channel& c, const exchange_delete& m) {
    const std::string name = without_line_ends(m.exchange);
    TRY(not_default_exchange(name));
    if (name.starts_with("amq."))
        return refuse(reply_code::access_refused,
                      "deletion of system exchange '" + name + "' in vhost '" + c.at.vhost + "' not allowed");
    TRY(c.may(core::right::configure, "exchange", name));
    TRY(const core::commit_number commit, checked(c.broker().delete_exchange(name, m.if_unused)));
    if (!m.no_wait) c.say_after(commit, exchange_delete_ok{});
    return success();
}

verdict handle(channel& c, const exchange_bind& m) {
    TRY(const ends names, bindable(c, m.source, m.destination));
    TRY(core::exchange* const source, find_exchange(c, names.source));
    TRY(core::exchange* const destination, find_exchange(c, names.destination));
    TRY(const auto bound, checked(c.broker().bind({.source = source,
                                                   .to_exchange = destination,
                                                   .from = c.broker().origins().amqp,
                                                   .key = m.routing_key,
                                                   .arguments = m.arguments,
                                                   .options = {}})));
    if (!m.no_wait) c.say_after(bound.commit, exchange_bind_ok{});
    return success();
}

/// Of what is not bound, or not there at all: ok all the same.
verdict handle(channel& c, const exchange_unbind& m) {
    TRY(const ends names, bindable(c, m.source, m.destination));
    const core::broker::binding_request wanted{.source = c.broker().find_exchange(names.source),
                                               .to_exchange = c.broker().find_exchange(names.destination),
                                               .from = c.broker().origins().amqp,
                                               .key = m.routing_key,
                                               .arguments = m.arguments,
                                               .options = {}};
    core::commit_number commit = 0;
    if (wanted.source != nullptr && wanted.to_exchange != nullptr) {
        TRY(const auto unbound, checked(c.broker().unbind(wanted)));
        commit = unbound.commit;
    }
    if (!m.no_wait) c.say_after(commit, exchange_unbind_ok{});
    return success();
}

}  // namespace causeway::amqp
