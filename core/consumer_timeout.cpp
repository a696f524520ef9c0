#include "core/consumer_timeout.hpp"

#include <algorithm>

namespace causeway::core {

namespace {

void tighten(std::optional<std::int64_t>& limit, const field_value* value) {
    std::int64_t ms = 0;
    if (!value || !as_integer(*value, ms) || ms <= 0) return;
    limit = limit ? std::min(*limit, ms) : ms;
}

}  // namespace

std::optional<std::int64_t> consumer_timeout_ms(const queue& of, const policies& all) {
    std::optional<std::int64_t> limit;
    tighten(limit, find(of.definition().arguments, "x-consumer-timeout"));
    for (const policy_kind kind : {policy_kind::user, policy_kind::of_operator})
        if (const policy* applying = all.of_queue(of.name(), of.limits().type, kind))
            tighten(limit, find(applying->definition, "consumer-timeout"));
    return limit;
}

}  // namespace causeway::core
