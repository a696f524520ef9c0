// Policies, applied to what is there.

#include "core/broker.hpp"
#include "core/queue_arguments.hpp"

namespace causeway::core {

void broker::set_policies(core::policies fresh) {
    policies_ = std::move(fresh);
    for (queue* q : queues_)
        if (!q->goes_by_qos()) q->apply(limits_of(q->definition()));
    for (exchange* x : exchanges_) x->set_alternate(alternate_of(x->definition()));
    topology_.add();
}

std::shared_ptr<const queue_limits> broker::limits_of(const queue_definition& definition) const {
    queue_limits limits = known_queue_arguments(definition);
    policies_.complete(limits, definition);
    return std::make_shared<const queue_limits>(std::move(limits));
}

std::string broker::alternate_of(const exchange_definition& definition) const {
    return definition.name.empty() ? std::string() : policies_.alternate_of(definition);
}

}  // namespace causeway::core
