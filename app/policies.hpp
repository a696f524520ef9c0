#pragma once
// The policies that the configuration describes, in the core's form.

#include "app/config.hpp"
#include "core/policy.hpp"

namespace causeway::app {

core::outcome<core::policy> policy_of(const policy_config& p, core::policy_kind kind);

/// Of a configuration that has been checked.
core::policies policies_of(const vhost_config& v);

}  // namespace causeway::app
