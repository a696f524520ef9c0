#include "core/exchange_arguments.hpp"

#include <optional>

#include "core/consistent_hash.hpp"
#include "core/field_text.hpp"

namespace causeway::core {

namespace {

failure precondition(std::string text) { return {error::precondition_failed, std::move(text)}; }

/// What a delaying exchange does with a message once its time has come.
outcome<void> parse_delayed(const exchange_definition& definition, exchange_rules& rules) {
    rules.delays = definition.type == exchange_type::delayed_message;
    if (!rules.delays) return success();
    const field_value* value = find(definition.arguments, "x-delayed-type");
    const std::string* name = value ? as_text(*value) : nullptr;
    if (!name) return precondition("Invalid argument, 'x-delayed-type' must be an existing exchange type");
    if (!parse_exchange_type(*name, rules.routing)) return failure{error::unknown_type, "unknown exchange type '" + *name + "'"};
    if (rules.routing == exchange_type::delayed_message)
        return precondition("Invalid argument, 'x-delayed-type' must be a type that routes");
    return success();
}

struct hashed_property {
    std::string_view name;
    hash_source what;
};
constexpr hashed_property hashed_properties[] = {{"correlation_id", hash_source::correlation_id},
                                                 {"message_id", hash_source::message_id},
                                                 {"timestamp", hash_source::timestamp}};

outcome<void> parse_hash_property(const std::string& name, exchange_rules& rules) {
    for (const hashed_property& known : hashed_properties) {
        if (name != known.name) continue;
        rules.hash = known.what;
        return success();
    }
    return precondition("Unsupported property: " + name);
}

outcome<void> parse_hash(const exchange_definition& definition, exchange_rules& rules) {
    if (rules.routing != exchange_type::consistent_hash) return success();
    const field_value* header = find(definition.arguments, "hash-header");
    const field_value* property = find(definition.arguments, "hash-property");
    if (header && property) return precondition("hash-header and hash-property are mutually exclusive");
    if (!header && !property) return success();
    const std::string* name = as_text(header ? *header : *property);
    if (!name) return precondition(std::string(header ? "hash-header" : "hash-property") + " must be a string");
    if (property) return parse_hash_property(*name, rules);
    rules.hash = hash_source::header;
    rules.hash_header = *name;
    return success();
}

outcome<void> check_headers_binding(const field_table& arguments) {
    const field_value* match = find(arguments, "x-match");
    if (!match) return success();
    const std::string* mode = as_text(*match);
    if (!mode)
        return precondition(std::string("Invalid x-match field type ") + type_name(*match) + " (value " + value_text(*match) +
                            "); expected longstr");
    for (const char* known : {"all", "any", "all-with-x", "any-with-x"})
        if (*mode == known) return success();
    return precondition("Invalid x-match field value <<\"" + *mode + "\">>; expected all, any, all-with-x, or any-with-x");
}

outcome<void> check_weight(std::string_view key) {
    const std::optional<std::int64_t> weight = parse_weight(key);
    if (!weight) return precondition("The binding key must be an integer: <<\"" + std::string(key) + "\">>");
    if (*weight < 1) return precondition("The binding key must be greater than 0");
    return success();
}

}  // namespace

outcome<exchange_rules> parse_exchange_arguments(const exchange_definition& definition) {
    exchange_rules rules{.routing = definition.type};
    TRY(parse_delayed(definition, rules));
    TRY(parse_hash(definition, rules));
    return rules;
}

outcome<void> check_binding(const exchange_rules& source, std::string_view key, const field_table& arguments) {
    switch (source.routing) {
        case exchange_type::headers: return check_headers_binding(arguments);
        case exchange_type::consistent_hash: return check_weight(key);
        case exchange_type::direct:
        case exchange_type::fanout:
        case exchange_type::topic:
        case exchange_type::delayed_message: break;
    }
    return success();
}

}  // namespace causeway::core
