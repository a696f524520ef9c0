#include "app/map_command.hpp"

#include <CLI/CLI.hpp>

namespace causeway::app {

namespace {

struct property_option {
    const char* name;
    const char* value;
    const char* about;
};
constexpr property_option in_both[] = {{"content-type", "TEXT", "Content Type, content_type"}};
constexpr property_option of_mqtt[] = {{"property", "NAME=VALUE", "User Property; may be repeated"},
                                       {"response-topic", "TOPIC", "Response Topic"},
                                       {"correlation-data", "TEXT", "Correlation Data"},
                                       {"payload-format", "0|1", "Payload Format Indicator"},
                                       {"message-expiry", "SECONDS", "Message Expiry Interval"},
                                       {"qos", "0|1|2", "QoS (0)"},
                                       {"retain", "true|false", "The retain flag"}};
constexpr property_option of_amqp[] = {{"header", "NAME=VALUE", "Header: a string, or NAME:=JSON for a value with a type; may be repeated"},
                                       {"correlation-id", "TEXT", "correlation_id"},
                                       {"reply-to", "TEXT", "reply_to"},
                                       {"expiration", "MILLISECONDS", "expiration"},
                                       {"message-id", "TEXT", "message_id"},
                                       {"timestamp", "SECONDS", "timestamp"},
                                       {"type", "TEXT", "type"},
                                       {"user-id", "TEXT", "user_id"},
                                       {"app-id", "TEXT", "app_id"},
                                       {"cluster-id", "TEXT", "cluster_id"},
                                       {"content-encoding", "TEXT", "content_encoding"},
                                       {"priority", "0-255", "priority"},
                                       {"delivery-mode", "1|2", "delivery_mode"}};

template <std::size_t Count>
void add_properties(CLI::App& verb, map_command& map, const property_option (&all)[Count], const char* group) {
    for (const property_option& each : all) {
        const std::string name = each.name;
        const auto keep = [&map, name](const std::vector<std::string>& values) {
            for (const std::string& value : values) map.properties.emplace_back(name, value);
        };
        verb.add_option_function<std::vector<std::string>>("--" + name, keep, each.about)
            ->type_name(each.value)
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
            ->group(group);
    }
}

}  // namespace

CLI::App* add_map(CLI::App& to, map_command& map) {
    CLI::App* verb = to.add_subcommand("map", "Tell what a name, a pattern or properties become in the other protocol");
    verb->add_option("NAME", map.name, "A topic, or with --from amqp a routing key")->type_name("");
    const auto set_from = [&map](const std::string& protocol) { map.from_amqp = protocol == "amqp"; };
    verb->add_option_function<std::string>("--from", set_from, "Whose words these are (mqtt)")
        ->check(CLI::IsMember({"mqtt", "amqp"}))
        ->type_name("mqtt|amqp");
    verb->add_flag("--pattern", map.pattern, "NAME is a topic filter or a binding key (with + or # a name of MQTT always is)");
    const std::vector<std::pair<std::string, core::topic_mapping>> mappings = {
        {"levels", core::topic_mapping::levels}, {"rabbitmq", core::topic_mapping::rabbitmq}, {"slash", core::topic_mapping::slash}};
    const auto set_mapping = [&map, mappings](const std::string& word) {
        for (const auto& [name, mapping] : mappings)
            if (name == word) map.mapping = mapping;
    };
    verb->add_option_function<std::string>("--mapping", set_mapping, "With this topic_mapping only (all; of properties: levels)")
        ->check(CLI::IsMember({"levels", "rabbitmq", "slash"}))
        ->type_name("levels|rabbitmq|slash");
    verb->add_flag("--json", map.json, "Tell it as JSON");
    add_properties(*verb, map, in_both, "Properties");
    add_properties(*verb, map, of_mqtt, "Properties of MQTT");
    add_properties(*verb, map, of_amqp, "Properties of AMQP (--from amqp)");
    return verb;
}

}  // namespace causeway::app
