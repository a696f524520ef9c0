#include "app/policies.hpp"

namespace causeway::app {

core::outcome<core::policy> policy_of(const policy_config& p, core::policy_kind kind) {
    return core::make_policy(kind, p.name, p.pattern, p.apply_to, p.priority, p.definition);
}

core::policies policies_of(const vhost_config& v) {
    core::policies all;
    for (const policy_config& p : v.policies) all.users.push_back(policy_of(p, core::policy_kind::user).value());
    for (const policy_config& p : v.operator_policies) all.operators.push_back(policy_of(p, core::policy_kind::of_operator).value());
    return all;
}

}  // namespace causeway::app
