#include "core/policy.hpp"

#include <algorithm>

namespace causeway::core {

namespace {

bool is_text(const field_value& value) { return as_text(value) != nullptr; }

bool is_at_least(const field_value& value, std::int64_t least) {
    std::int64_t number = 0;
    return as_integer(value, number) && number >= least;
}

bool is_count(const field_value& value) { return is_at_least(value, 0); }
bool is_overflow(const field_value& value) {
    const std::string* text = as_text(value);
    return text && (*text == "drop-head" || *text == "reject-publish" || *text == "reject-publish-dlx");
}
bool is_queue_mode(const field_value& value) {
    const std::string* text = as_text(value);
    return text && (*text == "default" || *text == "lazy");
}

/// The smaller of both, if there are two.
template <class T>
void tighten(std::optional<T>& limit, const field_value& value) {
    std::int64_t number = 0;
    as_integer(value, number);
    const T other = static_cast<T>(number);
    limit = limit ? std::min(*limit, other) : other;
}

void set_overflow(queue_limits& limits, const field_value& value) {
    const std::string& text = *as_text(value);
    limits.overflow = text == "reject-publish"       ? overflow::reject_publish
                      : text == "reject-publish-dlx" ? overflow::reject_publish_dlx
                                                     : overflow::drop_head;
}

void set_delivery_limit(queue_limits& limits, const field_value& value) {
    if (limits.type == queue_type::quorum) tighten(limits.delivery_limit, value);
}

void set_nothing(queue_limits&, const field_value&) {}

/// One key of definitions.
struct setting {
    std::string_view key;
    std::string_view what;      // for "… is not a valid …"
    bool for_operators;         // and then it is a limit, of which the smaller one holds
    std::string_view argument;  // that goes before it; empty for limits
    bool (*valid)(const field_value&);
    void (*set)(queue_limits&, const field_value&);
};

constexpr setting settings[] = {
    {"message-ttl", "message TTL", true, "", is_count, [](queue_limits& l, const field_value& v) { tighten(l.ttl_ms, v); }},
    {"expires", "queue expiry", true, "", [](const field_value& v) { return is_at_least(v, 1); },
     [](queue_limits& l, const field_value& v) { tighten(l.expires_ms, v); }},
    {"max-length", "maximum length", true, "", is_count,
     [](queue_limits& l, const field_value& v) { tighten(l.messages_max, v); }},
    {"max-length-bytes", "maximum length in bytes", true, "", is_count,
     [](queue_limits& l, const field_value& v) { tighten(l.bytes_max, v); }},
    {"delivery-limit", "delivery limit", true, "", is_count, set_delivery_limit},
    {"consumer-timeout", "consumer timeout", true, "", [](const field_value& v) { return is_at_least(v, 1); },
     set_nothing},  // consumer_timeout.hpp
    {"max-in-memory-length", "maximum memory in bytes", true, "", is_count, set_nothing},
    {"max-in-memory-bytes", "maximum memory in bytes", true, "", is_count, set_nothing},
    {"overflow", "overflow value", false, "x-overflow", is_overflow, set_overflow},
    {"dead-letter-exchange", "dead letter exchange name", false, "x-dead-letter-exchange", is_text,
     [](queue_limits& l, const field_value& v) { l.dead_letter_exchange = *as_text(v); }},
    {"dead-letter-routing-key", "dead letter routing key", false, "x-dead-letter-routing-key", is_text,
     [](queue_limits& l, const field_value& v) { l.dead_letter_routing_key = *as_text(v); }},
    {"alternate-exchange", "alternate exchange name", false, "alternate-exchange", is_text, set_nothing},
    {"queue-mode", "queue-mode value", false, "", is_queue_mode, set_nothing},
    {"queue-version", "queue version", false, "", is_count, set_nothing},
    {"dead-letter-strategy", "dead letter strategy", false, "", is_text, set_nothing},
    {"queue-leader-locator", "queue leader locator value", false, "", is_text, set_nothing},
    {"queue-master-locator", "queue leader locator value", false, "", is_text, set_nothing},
    {"ha-mode", "ha-mode", false, "", is_text, set_nothing},
    {"ha-params", "ha-params", false, "", [](const field_value&) { return true; }, set_nothing},
    {"ha-sync-mode", "ha-sync-mode", false, "", is_text, set_nothing},
};

const setting* find_setting(std::string_view key, policy_kind kind) {
    for (const setting& s : settings)
        if (s.key == key) return kind == policy_kind::user || s.for_operators ? &s : nullptr;
    return nullptr;
}

std::string text_of(const field_value& value) {
    std::int64_t number = 0;
    if (as_integer(value, number)) return std::to_string(number);
    return as_text(value) ? "'" + *as_text(value) + "'" : "this";
}

outcome<void> check(const field_table& definition, policy_kind kind) {
    if (definition.empty()) return failure{error::invalid, "no policy provided"};
    for (const auto& [key, value] : definition) {
        const setting* known = find_setting(key, kind);
        if (!known) return failure{error::invalid, "'" + key + "' is not a recognised policy setting"};
        if (!known->valid(value))
            return failure{error::invalid, text_of(value) + " is not a valid " + std::string(known->what)};
    }
    return success();
}

bool is_for_queues(policy_target target, queue_type type) {
    switch (target) {
        case policy_target::all:
        case policy_target::queues: return true;
        case policy_target::classic_queues: return type == queue_type::classic;
        case policy_target::quorum_queues: return type == queue_type::quorum;
        case policy_target::exchanges: break;
    }
    return false;
}

template <class Wanted>
const policy* best_of(const std::vector<policy>& all, const std::string& name, Wanted wanted) {
    const policy* best = nullptr;
    for (const policy& p : all)
        if (wanted(p.apply_to) && (!best || p.priority > best->priority) && p.pattern.found_in(name)) best = &p;
    return best;
}

}  // namespace

outcome<policy> make_policy(policy_kind kind, std::string_view name, std::string_view pattern, policy_target apply_to,
                            std::int64_t priority, field_table definition) {
    auto compiled = name_pattern::compile(pattern);
    if (!compiled)
        return failure{error::invalid, "pattern should be regular expression but is invalid: " + compiled.assume_error()};
    TRY(check(definition, kind));
    return policy{.name = std::string(name),
                  .pattern = std::move(compiled).assume_value(),
                  .apply_to = apply_to,
                  .priority = priority,
                  .definition = std::move(definition)};
}

const policy* policies::of_queue(const std::string& name, queue_type type, policy_kind kind) const {
    return best_of(kind == policy_kind::user ? users : operators, name,
                   [type](policy_target target) { return is_for_queues(target, type); });
}

const policy* policies::of_exchange(const std::string& name) const {
    return best_of(users, name,
                   [](policy_target target) { return target == policy_target::all || target == policy_target::exchanges; });
}

void policies::complete(queue_limits& limits, const queue_definition& definition) const {
    for (const policy_kind kind : {policy_kind::user, policy_kind::of_operator}) {
        const policy* applying = of_queue(definition.name, limits.type, kind);
        if (!applying) continue;
        for (const auto& [key, value] : applying->definition) {
            const setting* known = find_setting(key, kind);
            if (known->argument.empty() || !find(definition.arguments, known->argument)) known->set(limits, value);
        }
    }
}

std::string policies::alternate_of(const exchange_definition& definition) const {
    const field_value* named = find(definition.arguments, "alternate-exchange");
    if (!named)
        if (const policy* applying = of_exchange(definition.name)) named = find(applying->definition, "alternate-exchange");
    return named && as_text(*named) ? *as_text(*named) : std::string();
}

}  // namespace causeway::core
