#include "app/topology.hpp"

#include <stdexcept>

namespace causeway::app {

namespace {

[[noreturn]] void refuse(const core::broker& in, const std::string& what, const std::string& why) {
    throw std::runtime_error("vhost '" + in.options().vhost + "': " + what + ": " + why);
}

void declare(core::broker& in, const exchange_config& x) {
    const auto declared = in.declare_exchange({.name = x.name,
                                               .type = x.type,
                                               .durable = x.durable,
                                               .auto_delete = x.auto_delete,
                                               .internal = x.internal,
                                               .arguments = x.arguments});
    if (!declared) refuse(in, "exchange '" + x.name + "'", declared.error().text);
}

void declare(core::broker& in, const queue_config& q) {
    const core::queue_definition definition{
        .name = q.name, .durable = q.durable, .exclusive = false, .auto_delete = q.auto_delete, .arguments = q.arguments};
    const auto declared = in.declare_queue(definition, connection_id::none);
    if (!declared) refuse(in, "queue '" + q.name + "'", declared.error().text);
}

void declare(core::broker& in, const binding_config& b, const core::origin& keys) {
    const std::string& destination = b.to_queue.empty() ? b.to_exchange : b.to_queue;
    const std::string what = "binding from '" + b.exchange + "' to '" + destination + "'";
    core::broker::binding_request request;
    request.source = in.find_exchange(b.exchange);
    if (b.to_queue.empty())
        request.to_exchange = in.find_exchange(b.to_exchange);
    else
        request.to_queue = in.find_queue(b.to_queue);
    if (!request.source || (!request.to_queue && !request.to_exchange)) refuse(in, what, "one of them does not exist");
    request.from = &keys;
    request.key = b.key;
    request.arguments = b.arguments;
    if (const auto bound = in.bind(std::move(request)); !bound) refuse(in, what, bound.error().text);
}

}  // namespace

void declare_topology(core::broker& in, const vhost_config& v, const core::origin& keys) {
    for (const exchange_config& x : v.exchanges) declare(in, x);
    for (const queue_config& q : v.queues) declare(in, q);
    for (const binding_config& b : v.bindings) declare(in, b, keys);
}

}  // namespace causeway::app
