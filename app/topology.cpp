#include "app/topology.hpp"

namespace causeway::app {

namespace {

std::string quoted(const char* kind, const std::string& name) { return std::string(kind) + " '" + name + "'"; }

std::string title(const exchange_config& x) { return quoted("exchange", x.name); }
std::string title(const queue_config& q) { return quoted("queue", q.name); }
std::string title(const binding_config& b) {
    return "binding from '" + b.exchange + "' to '" + (b.to_queue.empty() ? b.to_exchange : b.to_queue) + "'";
}

/// Why it cannot be; empty if it is there now.
std::string declare(core::broker& in, const exchange_config& x) {
    const auto declared = in.declare_exchange({.name = x.name,
                                               .type = x.type,
                                               .durable = x.durable,
                                               .auto_delete = x.auto_delete,
                                               .internal = x.internal,
                                               .arguments = x.arguments});
    return declared ? "" : declared.error().text;
}

std::string declare(core::broker& in, const queue_config& q) {
    const core::queue_definition definition{
        .name = q.name, .durable = q.durable, .exclusive = false, .auto_delete = q.auto_delete, .arguments = q.arguments};
    const auto declared = in.declare_queue(definition, connection_id::none);
    return declared ? "" : declared.error().text;
}

std::string declare(core::broker& in, const binding_config& b, const core::origin& keys) {
    core::broker::binding_request request;
    request.source = in.find_exchange(b.exchange);
    if (b.to_queue.empty())
        request.to_exchange = in.find_exchange(b.to_exchange);
    else
        request.to_queue = in.find_queue(b.to_queue);
    if (!request.source || (!request.to_queue && !request.to_exchange)) return "one of them does not exist";
    request.from = &keys;
    request.key = b.key;
    request.arguments = b.arguments;
    const auto bound = in.bind(std::move(request));
    return bound ? "" : bound.error().text;
}

}  // namespace

void declare_topology(core::broker& in, const vhost_config& v, const core::origin& keys,
                      const std::function<void(const undeclarable&)>& tell) {
    const auto declare_all = [&tell](const char* section, const auto& items, auto declare_one) {
        for (std::size_t i = 0; i < items.size(); ++i)
            if (std::string why = declare_one(items[i]); !why.empty())
                tell({std::string(section) + "[" + std::to_string(i) + "]", title(items[i]), items[i].arguments, std::move(why)});
    };
    declare_all("exchanges", v.exchanges, [&in](const exchange_config& x) { return declare(in, x); });
    declare_all("queues", v.queues, [&in](const queue_config& q) { return declare(in, q); });
    declare_all("bindings", v.bindings, [&in, &keys](const binding_config& b) { return declare(in, b, keys); });
}

}  // namespace causeway::app
