#pragma once
// Declares what the configuration wants to be there: exchanges, then queues, then bindings. What is there already is left
// alone; what is there in another form is an error.

#include <functional>
#include <string>

#include "app/config.hpp"
#include "core/broker.hpp"

namespace causeway::app {

/// Something that cannot be declared: where in the vhost's section ("queues[2]"), what it is ("queue 'q'"), its arguments, and why.
struct undeclarable {
    std::string path;
    std::string what;
    const core::field_table& arguments;
    std::string why;
};

/// Inside a turn. Binding keys are read by `keys`. Tells what cannot be declared, and goes on.
void declare_topology(core::broker& in, const vhost_config& v, const core::origin& keys,
                      const std::function<void(const undeclarable&)>& tell);

}  // namespace causeway::app
