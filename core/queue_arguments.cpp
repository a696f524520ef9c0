#include "core/queue_arguments.hpp"

#include <algorithm>
#include <string>

#include "core/field_text.hpp"

namespace causeway::core {

namespace {

/// Beside another value, the value alone; beside none, its type too.
std::string described(const field_value* value, const field_value* other) {
    if (!value) return "none";
    if (other) return "'" + value_text(*value) + "'";
    return "the value '" + value_text(*value) + "' of type '" + type_name(*value) + "'";
}

/// Integers of different widths are the same value.
bool same_value(const field_value* a, const field_value* b) {
    if (!a || !b) return a == b;
    std::int64_t x = 0, y = 0;
    if (as_integer(*a, x) && as_integer(*b, y)) return x == y;
    return *a == *b;
}

std::string queue_named(std::string_view name, std::string_view vhost) {
    return "queue '" + std::string(name) + "' in vhost '" + std::string(vhost) + "'";
}

failure invalid(std::string_view argument, std::string_view queue, std::string_view vhost, const std::string& why) {
    return {error::precondition_failed, "invalid arg '" + std::string(argument) + "' for " + queue_named(queue, vhost) + why};
}

// --- readers: what an argument means. They return what is wrong with it, in RabbitMQ's words, or nothing ---

using fault = std::string;
using reader = fault (*)(const field_value& value, queue_limits& limits);

std::string unacceptable_type(const field_value& value) { return std::string("{unacceptable_type,") + type_name(value) + "}"; }

fault integer(const field_value& value, std::int64_t& number) {
    if (as_integer(value, number)) return {};
    return std::string("\"expected integer, got ") + type_name(value) + "\"";
}

fault not_negative(const field_value& value, std::int64_t& number) {
    if (fault why = integer(value, number); !why.empty()) return why;
    return number < 0 ? "{value_negative," + std::to_string(number) + "}" : fault();
}

fault positive(const field_value& value, std::int64_t& number) {
    if (fault why = not_negative(value, number); !why.empty()) return why;
    return number == 0 ? "{value_zero,0}" : fault();
}

/// RabbitMQ's limit for times (milliseconds): 10 years; far below where adding them to the clock would overflow.
constexpr std::int64_t time_ms_max = 10LL * 365 * 24 * 3600 * 1000;

fault time_ms(fault (*least)(const field_value&, std::int64_t&), const field_value& value, std::optional<std::int64_t>& out) {
    std::int64_t ms = 0;
    if (fault why = least(value, ms); !why.empty()) return why;
    if (ms > time_ms_max) return "{value_too_large," + std::to_string(ms) + "}";
    out = ms;
    return {};
}

fault count(const field_value& value, std::optional<std::uint64_t>& out) {
    std::int64_t number = 0;
    if (fault why = not_negative(value, number); !why.empty()) return why;
    out = static_cast<std::uint64_t>(number);
    return {};
}

/// One of a few words.
template <class... Words>
fault word(const field_value& value, std::string_view wrong, Words... known) {
    const std::string* text = as_text(value);
    if (!text) return unacceptable_type(value);
    return ((*text == known) || ...) ? fault() : fault(wrong);
}

fault read_overflow(const field_value& value, queue_limits& limits) {
    static constexpr std::pair<std::string_view, overflow> known[] = {{"drop-head", overflow::drop_head},
                                                                      {"reject-publish", overflow::reject_publish},
                                                                      {"reject-publish-dlx", overflow::reject_publish_dlx}};
    const std::string* text = as_text(value);
    if (!text) return unacceptable_type(value);
    const auto at = std::find_if(std::begin(known), std::end(known), [text](const auto& k) { return k.first == *text; });
    if (at == std::end(known)) return "invalid_overflow";
    limits.overflow = at->second;
    return {};
}

fault read_max_priority(const field_value& value, queue_limits& limits) {
    std::int64_t number = 0;
    if (fault why = not_negative(value, number); !why.empty()) return why;
    if (number > 255) return "{max_value_exceeded," + std::to_string(number) + "}";
    limits.priority_max = static_cast<std::uint8_t>(number);
    return {};
}

/// RabbitMQ takes anything here; what is no number of returns limits nothing.
fault read_delivery_limit(const field_value& value, queue_limits& limits) {
    std::int64_t number = 0;
    if (as_integer(value, number) && number >= 0) limits.delivery_limit = static_cast<std::uint64_t>(number);
    return {};
}

fault read_flag(const field_value& value, bool& flag) {
    const bool* given = std::get_if<bool>(&value.base());
    if (!given) return unacceptable_type(value);
    flag = *given;
    return {};
}

fault read_queue_version(const field_value& value, queue_limits&) {
    std::int64_t number = 0;
    if (fault why = integer(value, number); !why.empty()) return why;
    return number == 1 || number == 2 ? fault() : "\"unsupported queue version '" + std::to_string(number) + "'\"";
}

fault read_queue_mode(const field_value& value, queue_limits&) {
    const std::string* text = as_text(value);
    return word(value, text ? "\"unsupported queue mode '" + *text + "'\"" : "", "default", "lazy");
}

fault read_routing_key(const field_value& value, queue_limits& limits) {
    const std::string* text = as_text(value);
    if (!text) return unacceptable_type(value);
    if (!limits.dead_letter_exchange) return "routing_key_but_no_dlx_defined";
    limits.dead_letter_routing_key = *text;
    return {};
}

/// Taken and compared, but there is nothing here that it could change.
fault read_nothing(const field_value&, queue_limits&) { return {}; }

enum for_types : std::uint8_t { neither = 0, classic = 1, quorum = 2, both = 3 };

struct argument {
    std::string_view name;
    for_types types;  // others refuse it
    reader read;

    constexpr bool suits(queue_type type) const { return types & (type == queue_type::quorum ? quorum : classic); }
};

constexpr std::string_view dead_letter_exchange_argument = "x-dead-letter-exchange";
constexpr std::string_view type_argument = "x-queue-type";

/// In the order in which RabbitMQ judges and compares them. The dead-letter exchange and the type have been read before.
constexpr argument arguments[] = {
    {"x-expires", both, [](const field_value& v, queue_limits& l) { return time_ms(positive, v, l.expires_ms); }},
    {"x-message-ttl", both, [](const field_value& v, queue_limits& l) { return time_ms(not_negative, v, l.ttl_ms); }},
    {dead_letter_exchange_argument, both, read_nothing},
    {"x-dead-letter-routing-key", both, read_routing_key},
    {"x-max-length", both, [](const field_value& v, queue_limits& l) { return count(v, l.messages_max); }},
    {"x-max-length-bytes", both, [](const field_value& v, queue_limits& l) { return count(v, l.bytes_max); }},
    {"x-max-priority", classic, read_max_priority},
    {"x-overflow", both, read_overflow},
    {"x-queue-mode", classic, read_queue_mode},
    {"x-queue-version", classic, read_queue_version},
    {"x-single-active-consumer", both,
     [](const field_value& v, queue_limits& l) { return read_flag(v, l.single_active_consumer); }},
    {type_argument, both, read_nothing},
    {"x-queue-master-locator", classic, read_nothing},
    {"x-delivery-limit", quorum, read_delivery_limit},
    {"x-dead-letter-strategy", quorum,
     [](const field_value& v, queue_limits&) { return word(v, "invalid_dlx_strategy", "at-most-once", "at-least-once"); }},
    {"x-max-in-memory-length", quorum,
     [](const field_value& v, queue_limits&) { std::int64_t n = 0; return not_negative(v, n); }},
    {"x-max-in-memory-bytes", quorum,
     [](const field_value& v, queue_limits&) { std::int64_t n = 0; return not_negative(v, n); }},
    {"x-quorum-initial-group-size", quorum,
     [](const field_value& v, queue_limits&) { std::int64_t n = 0; return positive(v, n); }},
    {"x-queue-leader-locator", quorum,
     [](const field_value& v, queue_limits&) {
         return word(v, "invalid_queue_locator_arg", "client-local", "random", "least-leaders", "balanced");
     }},
    {"x-max-age", neither, read_nothing},
    {"x-stream-max-segment-size-bytes", neither, read_nothing},
    {"x-initial-cluster-size", neither, read_nothing},
};

outcome<queue_type> parse_type(const queue_definition& definition, std::string_view vhost) {
    const field_value* value = find(definition.arguments, type_argument);
    if (!value) return queue_type::classic;
    const auto wrong = [&](const std::string& why) { return invalid(type_argument, definition.name, vhost, ": " + why); };
    const std::string* text = as_text(*value);
    if (!text) return wrong(unacceptable_type(*value));
    if (*text == "classic") return queue_type::classic;
    if (*text != "quorum") return wrong("\"unsupported queue type '" + *text + "'\"");

    const char* property = definition.exclusive     ? "exclusive-owner"  // first: such a queue is never durable here
                           : !definition.durable    ? "non-durable"
                           : definition.auto_delete ? "auto-delete"
                                                    : nullptr;
    if (!property) return queue_type::quorum;
    return failure{error::precondition_failed,
                   std::string("invalid property '") + property + "' for " + queue_named(definition.name, vhost)};
}

/// Not saying it means classic.
bool same_type(const field_value* a, const field_value* b) {
    const auto plain = [](const field_value* v) { return !v || (as_text(*v) && *as_text(*v) == "classic"); };
    return same_value(a, b) || (plain(a) && plain(b));
}

failure differs(std::string_view argument, const field_value* received, const field_value* current, std::string_view kind,
                std::string_view name, std::string_view vhost) {
    return inequivalent(argument, kind, name, vhost, described(received, current), described(current, received));
}

}  // namespace

outcome<queue_limits> parse_queue_arguments(const queue_definition& definition, std::string_view vhost) {
    queue_limits limits;
    TRY(const std::string_view dead_letter_exchange,
        exchange_in(definition.arguments, dead_letter_exchange_argument, "queue", definition.name, vhost));
    if (find(definition.arguments, dead_letter_exchange_argument)) limits.dead_letter_exchange = dead_letter_exchange;
    TRY(limits.type, parse_type(definition, vhost));
    for (const argument& known : arguments) {
        const field_value* value = find(definition.arguments, known.name);
        if (!value) continue;
        if (!known.suits(limits.type))
            return invalid(known.name, definition.name, vhost, limits.type == queue_type::quorum
                                                                   ? " of queue type rabbit_quorum_queue"
                                                                   : " of queue type rabbit_classic_queue");
        if (const fault why = known.read(*value, limits); !why.empty())
            return invalid(known.name, definition.name, vhost, ": " + why);
    }
    return limits;
}

queue_limits known_queue_arguments(const queue_definition& definition) {
    queue_limits limits;
    if (const field_value* value = find(definition.arguments, dead_letter_exchange_argument); value && as_text(*value))
        limits.dead_letter_exchange = *as_text(*value);
    if (const auto type = parse_type(definition, "")) limits.type = type.assume_value();
    for (const argument& known : arguments)
        if (const field_value* value = find(definition.arguments, known.name); value && known.suits(limits.type))
            known.read(*value, limits);
    return limits;
}

outcome<void> compare_queue_arguments(const queue_definition& received, const queue_definition& current, std::string_view vhost) {
    const auto compare = [&](std::string_view argument, auto same) -> outcome<void> {
        const field_value* a = find(received.arguments, argument);
        const field_value* b = find(current.arguments, argument);
        if (same(a, b)) return success();
        return differs(argument, a, b, "queue", current.name, vhost);
    };
    for (const argument& known : arguments) {
        TRY(compare(known.name, known.name == type_argument ? same_type : same_value));
    }
    return success();
}

outcome<void> compare_exchange_arguments(const field_table& received, const field_table& current,
                                         std::initializer_list<std::string_view> names, std::string_view exchange,
                                         std::string_view vhost) {
    for (std::string_view argument : names) {
        const field_value* a = find(received, argument);
        const field_value* b = find(current, argument);
        if (!same_value(a, b)) return differs(argument, a, b, "exchange", exchange, vhost);
    }
    return success();
}

outcome<std::string_view> exchange_in(const field_table& table, std::string_view argument, std::string_view kind,
                                      std::string_view name, std::string_view vhost) {
    const field_value* value = find(table, argument);
    if (!value) return std::string_view();
    if (const std::string* text = as_text(*value)) return std::string_view(*text);
    std::string text = std::string("invalid type '") + type_name(*value) + "' for arg '";
    text.append(argument).append("' in ").append(kind).append(" '").append(name).append("' in vhost '").append(vhost).append("'");
    return failure{error::precondition_failed, std::move(text)};
}

outcome<std::int64_t> parse_consumer_priority(const field_table& table, std::string_view queue, std::string_view vhost) {
    const field_value* value = find(table, "x-priority");
    std::int64_t priority = 0;
    if (!value) return priority;
    if (const fault why = integer(*value, priority); !why.empty()) return invalid("x-priority", queue, vhost, ": " + why);
    return priority;
}

failure inequivalent(std::string_view argument, std::string_view kind, std::string_view name, std::string_view vhost,
                     std::string_view received, std::string_view current) {
    std::string text = "inequivalent arg '";
    text.append(argument).append("' for ").append(kind).append(" '").append(name).append("' in vhost '").append(vhost);
    text.append("': received ").append(received).append(" but current is ").append(current);
    return {error::precondition_failed, std::move(text)};
}

}  // namespace causeway::core
