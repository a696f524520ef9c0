#include "core/queue_arguments.hpp"

#include <string>

namespace causeway::core {

namespace {

/// RabbitMQ's names of the wire types.
const char* type_name(const field_value& value) {
    static constexpr const char* names[] = {"void",        "bool", "byte",  "unsignedbyte", "short",     "unsignedshort",
                                            "signedint",   "unsignedint", "long", "unsignedlong", "float", "double",
                                            "decimal",     "longstr", "binary", "timestamp",  "array",    "table"};
    return names[value.index()];
}

std::string value_text(const field_value& value) {
    std::int64_t number = 0;
    if (as_integer(value, number)) return std::to_string(number);
    if (const std::string* text = as_text(value)) return *text;
    if (const bool* flag = std::get_if<bool>(&value.base())) return *flag ? "true" : "false";
    return "…";
}

std::string described(const field_value* value) {
    if (!value) return "none";
    return "the value '" + value_text(*value) + "' of type '" + type_name(*value) + "'";
}

/// Integers of different widths are the same value.
bool same_value(const field_value* a, const field_value* b) {
    if (!a || !b) return a == b;
    std::int64_t x = 0, y = 0;
    if (as_integer(*a, x) && as_integer(*b, y)) return x == y;
    return *a == *b;
}

failure invalid(std::string_view argument, const queue_definition& definition, std::string_view vhost, const std::string& why) {
    return {error::precondition_failed, "invalid arg '" + std::string(argument) + "' for queue '" + definition.name +
                                            "' in vhost '" + std::string(vhost) + "': " + why};
}

/// RabbitMQ's limit for times (milliseconds); far below where adding them to the clock would overflow.
constexpr std::int64_t ttl_ms_max = 0xFFFF'FFFF;

/// One integer argument: its name, greatest value (the least is 0) and where it goes.
struct integer_argument {
    std::string_view name;
    std::int64_t most;
    void (*set)(queue_limits&, std::int64_t);
    std::string_view beyond = "value_too_large";  // RabbitMQ's word for too much
};
constexpr integer_argument integer_arguments[] = {
    {"x-message-ttl", ttl_ms_max, [](queue_limits& l, std::int64_t v) { l.ttl_ms = v; }},
    {"x-max-length", INT64_MAX, [](queue_limits& l, std::int64_t v) { l.messages_max = static_cast<std::uint64_t>(v); }},
    {"x-max-length-bytes", INT64_MAX, [](queue_limits& l, std::int64_t v) { l.bytes_max = static_cast<std::uint64_t>(v); }},
    {"x-max-priority", 255, [](queue_limits& l, std::int64_t v) { l.priority_max = static_cast<std::uint8_t>(v); },
     "max_value_exceeded"},
};

struct overflow_name {
    std::string_view name;
    overflow value;
};
constexpr overflow_name overflow_names[] = {{"drop-head", overflow::drop_head}, {"reject-publish", overflow::reject_publish}};

outcome<void> parse_overflow(const queue_definition& definition, std::string_view vhost, queue_limits& limits) {
    const field_value* value = find(definition.arguments, "x-overflow");
    if (!value) return success();
    const std::string* text = as_text(*value);
    for (const overflow_name& known : overflow_names)
        if (text && *text == known.name) {
            limits.overflow = known.value;
            return success();
        }
    return invalid("x-overflow", definition, vhost, "invalid_overflow");
}

}  // namespace

outcome<queue_limits> parse_queue_arguments(const queue_definition& definition, std::string_view vhost) {
    queue_limits limits;
    for (const integer_argument& known : integer_arguments) {
        const field_value* value = find(definition.arguments, known.name);
        if (!value) continue;
        std::int64_t number = 0;
        if (!as_integer(*value, number))
            return invalid(known.name, definition, vhost, std::string("\"expected integer, got ") + type_name(*value) + "\"");
        if (number < 0) return invalid(known.name, definition, vhost, "{value_negative," + std::to_string(number) + "}");
        if (number > known.most)
            return invalid(known.name, definition, vhost, "{" + std::string(known.beyond) + "," + std::to_string(number) + "}");
        known.set(limits, number);
    }
    TRY(parse_overflow(definition, vhost, limits));

    const field_value* exchange = find(definition.arguments, "x-dead-letter-exchange");
    const field_value* key = find(definition.arguments, "x-dead-letter-routing-key");
    if (exchange) {
        if (!as_text(*exchange)) return invalid("x-dead-letter-exchange", definition, vhost, "expected a string");
        limits.dead_letter_exchange = *as_text(*exchange);
    }
    if (key) {
        if (!as_text(*key)) return invalid("x-dead-letter-routing-key", definition, vhost, "expected a string");
        if (!exchange)
            return invalid("x-dead-letter-routing-key", definition, vhost, "routing_key_but_no_dlx_defined");
        limits.dead_letter_routing_key = *as_text(*key);
    }
    return limits;
}

failure inequivalent(std::string_view argument, std::string_view kind, std::string_view name, std::string_view vhost,
                     std::string_view received, std::string_view current) {
    std::string text = "inequivalent arg '";
    text.append(argument).append("' for ").append(kind).append(" '").append(name).append("' in vhost '").append(vhost);
    text.append("': received ").append(received).append(" but current is ").append(current);
    return {error::precondition_failed, std::move(text)};
}

outcome<void> compare_arguments(const field_table& received, const field_table& current,
                                std::initializer_list<std::string_view> names, std::string_view kind, std::string_view name,
                                std::string_view vhost) {
    for (std::string_view argument : names) {
        const field_value* a = find(received, argument);
        const field_value* b = find(current, argument);
        if (!same_value(a, b)) return inequivalent(argument, kind, name, vhost, described(a), described(b));
    }
    return success();
}

}  // namespace causeway::core
