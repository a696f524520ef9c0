// The queue class (AMQP 0-9-1, 1.7.2).

#include <string>

#include "core/exchange_arguments.hpp"
#include "protocols/amqp/direct_reply.hpp"
#include "protocols/amqp/handlers.hpp"
#include "protocols/amqp/lookup.hpp"

namespace causeway::amqp {

namespace {

queue_declare_ok declared_ok(const core::queue& q) {
    return {.queue = q.name(),
            .message_count = static_cast<std::uint32_t>(q.ready_count()),
            .consumer_count = static_cast<std::uint32_t>(q.consumer_count())};
}

verdict declare_passively(channel& c, const queue_declare& m, std::string_view name) {
    TRY(core::queue* const q, find_queue(c, name));
    q->renew_lease();
    c.last_queue = q->name();
    if (!m.no_wait) c.say(declared_ok(*q));
    return success();
}

/// What a bind or unbind names; an empty queue name is the last declared one, and then an empty key is its name too.
struct names_of {
    std::string queue;
    std::string exchange;
    std::string key;
};

result<names_of, refusal> bindable(channel& c, std::string_view queue, std::string_view exchange, std::string_view key) {
    TRY(const std::string_view name, c.queue_name(queue));
    names_of names{without_line_ends(name), without_line_ends(exchange), std::string(key)};
    if (queue.empty() && key.empty()) names.key = name;
    TRY(c.may(core::right::write, "queue", names.queue));
    TRY(not_default_exchange(names.exchange));
    TRY(c.may(core::right::read, "exchange", names.exchange));
    return names;
}

struct binding_of {
    core::queue* queue;
    core::exchange* exchange;
    std::string key;
};

result<binding_of, refusal> binding_named(channel& c, const queue_bind& m) {
    TRY(const names_of names, bindable(c, m.queue, m.exchange, m.routing_key));
    TRY(core::exchange* const x, find_exchange(c, names.exchange));
    // RabbitMQ judges the arguments before it asks whose queue it is.
    if (c.broker().find_queue(names.queue) != nullptr) {
        TRY(checked(core::check_binding(x->rules(), names.key, m.arguments)));
    }
    TRY(core::queue* const q, find_queue(c, names.queue));
    return binding_of{q, x, names.key};
}

/// Argument x-mqtt-retained: the retained messages that the key matches come first (docs/mapping.md, Meeting points).
void replay_retained(channel& c, const binding_of& b, const core::field_table& arguments) {
    const core::field_value* wanted = core::find(arguments, "x-mqtt-retained");
    if (wanted == nullptr || !(*wanted == core::field_value(true)) || b.exchange != &c.broker().mqtt_exchange()) return;
    const core::options_ptr defaults(new core::delivery_options);
    c.broker().replay_retained(*b.queue, c.broker().origins().amqp->pattern(b.key), *defaults);
}

}  // namespace

verdict handle(channel& c, const queue_declare& m) {
    std::string given = without_line_ends(m.queue);
    if (is_reply_name(given)) return declare_reply_queue(c, given, m.no_wait);
    if (m.passive) return declare_passively(c, m, given);
    // The name of a server-named queue is made later; rights are asked about its constant part.
    const std::string name = given.empty() ? "amq.gen-" : given;
    TRY(c.may(core::right::configure, "queue", name));
    if (given.empty() || c.broker().find_queue(given) == nullptr) {
        TRY(may_forward(c, m.arguments, "x-dead-letter-exchange", "queue", name));
    }
    // An exclusive queue goes with its connection: there is nothing to keep on disk.
    TRY(const auto declared, checked(c.broker().declare_queue({.name = std::move(given),
                                                               .durable = m.durable && !m.exclusive,
                                                               .exclusive = m.exclusive,
                                                               .auto_delete = m.auto_delete,
                                                               .arguments = m.arguments},
                                                              c.at.id())));
    c.last_queue = declared.it->name();
    if (!m.no_wait) c.say_after(declared.commit, declared_ok(*declared.it));
    return success();
}

verdict handle(channel& c, const queue_bind& m) {
    TRY(const binding_of b, binding_named(c, m));
    TRY(const auto bound, checked(c.broker().bind({.source = b.exchange,
                                                   .to_queue = b.queue,
                                                   .from = c.broker().origins().amqp,
                                                   .key = b.key,
                                                   .arguments = m.arguments,
                                                   .options = {}})));
    if (!bound.existed) replay_retained(c, b, m.arguments);
    if (!m.no_wait) c.say_after(bound.commit, queue_bind_ok{});
    return success();
}

/// Of what is not bound, or not there at all: ok all the same.
verdict handle(channel& c, const queue_unbind& m) {
    TRY(const names_of names, bindable(c, m.queue, m.exchange, m.routing_key));
    const core::broker::binding_request wanted{.source = c.broker().find_exchange(names.exchange),
                                               .to_queue = c.broker().find_queue(names.queue),
                                               .from = c.broker().origins().amqp,
                                               .key = names.key,
                                               .arguments = m.arguments,
                                               .options = {}};
    core::commit_number commit = 0;
    if (wanted.source != nullptr && wanted.to_queue != nullptr && c.broker().is_bound(wanted)) {
        TRY(find_queue(c, names.queue));  // not another connection's exclusive one
        TRY(const auto unbound, checked(c.broker().unbind(wanted)));
        commit = unbound.commit;
    }
    c.say_after(commit, queue_unbind_ok{});
    return success();
}

verdict handle(channel& c, const queue_purge& m) {
    TRY(core::queue* const q, readable_queue(c, m.queue));
    const auto count = static_cast<std::uint32_t>(q->purge());
    if (!m.no_wait) c.say(queue_purge_ok{.message_count = count});
    return success();
}

verdict handle(channel& c, const queue_delete& m) {
    TRY(const std::string_view given, c.queue_name(m.queue));
    const std::string name = without_line_ends(given);
    if (is_reply_name(name)) {
        if (!m.no_wait) c.say(queue_delete_ok{.message_count = 0});
        return success();
    }
    TRY(c.may(core::right::configure, "queue", name));
    TRY(const auto deleted, checked(c.broker().delete_queue(name, m.if_unused, m.if_empty, c.at.id())));
    if (!m.no_wait)
        c.say_after(deleted.commit, queue_delete_ok{.message_count = static_cast<std::uint32_t>(deleted.messages)});
    return success();
}

}  // namespace causeway::amqp
