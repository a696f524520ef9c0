#pragma once
// The configuration as the program uses it. Which key fills which member, and what it means, is said in config_keys.cpp;
// what a member is initialized with here is the key's default.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/broker.hpp"
#include "core/field.hpp"
#include "core/crossing.hpp"
#include "net/loop.hpp"
#include "persistence/database.hpp"
#include "protocols/amqp/options.hpp"
#include "protocols/mqtt/options.hpp"
#include "tls/server_context.hpp"

namespace causeway::app {

enum class wire : std::uint8_t { mqtt, mqtts, ws, wss, amqp, amqps, amqp_ws, amqp_wss };
constexpr bool secure(wire w) { return w == wire::mqtts || w == wire::wss || w == wire::amqps || w == wire::amqp_wss; }
constexpr bool speaks_amqp(wire w) { return w >= wire::amqp; }

struct limits_config {
    std::uint32_t connections_max = 100'000;
    std::uint32_t connections_per_address_max = net::listener_options{}.connections_per_address_max;
    std::uint32_t connect_timeout_ms = 10'000;
    std::uint64_t packet_bytes_max = 0;  // 0: what the protocol's own options say
};

struct listener_config {
    std::string name;
    wire protocol = wire::mqtt;
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    std::string socket_mode = "0660";  // octal
    std::string vhost = "/";
    bool proxy_protocol = false;
    std::vector<std::string> proxies;
    std::string websocket_path;  // empty: the one that clients of the protocol ask for
    std::vector<std::string> websocket_origins;
    bool websocket_compression = net::listener_options{}.websocket_compression;
    std::optional<tls::server_options> tls;
    limits_config limits;
};

/// What a user may do in one vhost.
struct rights_config {
    std::string vhost = "/";
    std::vector<std::string> configure;
    std::vector<std::string> write;
    std::vector<std::string> read;
    std::vector<std::string> publish;
    std::vector<std::string> subscribe;
};

struct user_config {
    std::string name;
    std::string password_hash;  // empty: none
    std::string scram_sha_256;  // likewise
    bool loopback_only = false;
    std::vector<rights_config> rights;
};

enum class anonymous_from : std::uint8_t { nowhere, loopback, anywhere };

struct anonymous_config {
    anonymous_from mqtt = anonymous_from::nowhere;
    std::vector<rights_config> rights;
};

struct exchange_config {
    std::string name;
    core::exchange_type type = core::exchange_type::topic;
    bool durable = true;
    bool auto_delete = false;
    bool internal = false;
    core::field_table arguments;
};

struct queue_config {
    std::string name;
    bool durable = true;
    bool auto_delete = false;
    core::field_table arguments;
};

struct binding_config {
    std::string exchange;
    std::string to_queue;  // exactly one of the two
    std::string to_exchange;
    std::string key;
    core::field_table arguments;
};

struct policy_config {
    std::string name;
    std::string pattern;
    core::policy_target apply_to = core::policy_target::all;
    std::uint32_t priority = 0;
    core::field_table definition;
};

struct vhost_config {
    std::string name;
    core::topic_mapping topic_mapping = core::topic_mapping::levels;
    std::string mqtt_exchange = core::broker_options{}.mqtt_exchange;
    bool amqp_properties_to_mqtt = core::crossing_rules{}.amqp_properties_to_mqtt;
    bool amqp_properties_from_mqtt = core::crossing_rules{}.amqp_properties_from_mqtt;
    bool publisher_to_amqp = core::crossing_rules{}.publisher_to_amqp;
    std::string session_dead_letter_exchange;
    std::string session_dead_letter_routing_key;  // without an exchange: a queue
    std::vector<exchange_config> exchanges;
    std::vector<queue_config> queues;
    std::vector<binding_config> bindings;
    std::vector<policy_config> policies;
    std::vector<policy_config> operator_policies;
};

struct memory_config {
    std::uint64_t messages_bytes_max = core::broker_options{}.memory_bytes_max;
    std::uint64_t queue_messages_max = core::broker_options{}.queue_window_messages;
    std::uint64_t queue_bytes_max = core::broker_options{}.queue_window_bytes;
    std::uint64_t delayed_bytes_max = core::broker_options{}.delayed_bytes_max;
};

/// What happens to a message for a session that is full.
enum class overflow_policy : std::uint8_t { drop_newest, drop_oldest, refuse };

struct sessions_config {
    std::uint32_t expiry_s_max = core::broker_options{}.session_expiry_s_max;
    std::uint64_t messages_max = core::broker_options{}.session_messages_max;
    std::uint64_t bytes_max = core::broker_options{}.session_bytes_max;
    overflow_policy overflow = overflow_policy::drop_newest;
    bool queue_qos0 = core::broker_options{}.queue_qos0;
};

struct retained_config {
    std::uint64_t messages_max = core::broker_options{}.retained_messages_max;
    std::uint64_t bytes_max = core::broker_options{}.retained_bytes_max;
};

enum class log_format : std::uint8_t { text, json };

struct log_config {
    log_level level = log_level::info;
    log_format format = log_format::text;
    std::string file = "stderr";
};

/// io_threads: as many as suit the machine.
inline constexpr std::uint32_t io_threads_auto = 0xFFFF'FFFF;

struct config {
    std::string node = "causeway";
    std::string data;
    std::uint32_t io_threads = io_threads_auto;
    std::vector<listener_config> listeners;
    std::vector<user_config> users;
    anonymous_config anonymous;
    std::vector<vhost_config> vhosts;
    persistence::database_options storage;  // without its directory
    memory_config memory;
    sessions_config sessions;
    retained_config retained;
    causeway::mqtt::options mqtt;
    causeway::amqp::options amqp;
    net::loop_options network;
    log_config log;
};

}  // namespace causeway::app
