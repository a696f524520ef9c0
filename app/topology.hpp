#pragma once
// Declares what the configuration wants to be there: exchanges, then queues, then bindings. What is there already is left
// alone; what is there in another form is an error.

#include "app/config.hpp"
#include "core/broker.hpp"

namespace causeway::app {

/// Inside a turn. Binding keys are read by `keys`. Throws std::runtime_error that names the thing and the reason.
void declare_topology(core::broker& in, const vhost_config& v, const core::origin& keys);

}  // namespace causeway::app
