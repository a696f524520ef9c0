#pragma once
// RabbitMQ's policies: settings for all queues and exchanges whose name matches a pattern. At most one policy and one operator
// policy apply to each: those of the highest priority. Operator policies only tighten limits. Pure; broker::set_policies applies
// them.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/exchange.hpp"
#include "core/failure.hpp"
#include "core/field.hpp"
#include "core/name_pattern.hpp"
#include "core/queue.hpp"

namespace causeway::core {

enum class policy_target : std::uint8_t { all, queues, exchanges, classic_queues, quorum_queues };

enum class policy_kind : std::uint8_t { user, of_operator };

struct policy {
    std::string name;
    name_pattern pattern;
    policy_target apply_to = policy_target::all;
    std::int64_t priority = 0;
    field_table definition;  // RabbitMQ's keys: message-ttl, max-length, …
};

/// Refuses (invalid) a pattern that is none, keys that policies of this kind do not have, and values that make no sense.
outcome<policy> make_policy(policy_kind kind, std::string_view name, std::string_view pattern, policy_target apply_to,
                            std::int64_t priority, field_table definition);

struct policies {
    std::vector<policy> users;
    std::vector<policy> operators;

    /// The ones that apply, or nullptr. Of several with the highest priority, the first.
    const policy* of_queue(const std::string& name, queue_type type, policy_kind kind) const;
    const policy* of_exchange(const std::string& name) const;

    /// Completes what the arguments say. Of two limits the smaller one holds; of other settings that of the arguments.
    void complete(queue_limits& limits, const queue_definition& definition) const;
    /// The alternate exchange, empty if there is none.
    std::string alternate_of(const exchange_definition& definition) const;
};

}  // namespace causeway::core
