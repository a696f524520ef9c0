#include "app/config_keys.hpp"

namespace causeway::app {

namespace {

// Words of enums, in the order of their values.
const std::vector<std::string_view> wires{"mqtt", "mqtts", "ws", "wss", "amqp", "amqps", "amqp-ws", "amqp-wss"};
const std::vector<std::string_view> tls_versions{"1.2", "1.3"};
const std::vector<std::string_view> certificate_users{"none", "common_name", "subject"};
const std::vector<std::string_view> anonymous_places{"nowhere", "loopback", "anywhere"};
const std::vector<std::string_view> topic_mappings{"levels", "rabbitmq", "slash"};
const std::vector<std::string_view> exchange_types{"direct", "fanout", "topic", "headers", "x-consistent-hash", "x-delayed-message"};
const std::vector<std::string_view> policy_targets{"all", "queues", "exchanges", "classic_queues", "quorum_queues"};
const std::vector<std::string_view> rate_excesses{"hold_back", "disconnect"};
const std::vector<std::string_view> overflow_policies{"drop_newest", "drop_oldest", "refuse"};
const std::vector<std::string_view> log_levels{"trace", "debug", "info", "warning", "error"};
const std::vector<std::string_view> log_formats{"text", "json"};

}  // namespace

template <>
const section& section_of<tls::server_options>() {
    using t = tls::server_options;
    static const section it = describe_section<t>(
        "Needed by the protocols mqtts, wss, amqps and amqp-wss, and by no other. Files are PEM.",
        {
            describe<&t::certificate_chain_file>("certificate", "File with the server's certificate, followed by its chain.",
                                                 {.required = true, .example = "/etc/causeway/server.pem"}),
            describe<&t::private_key_file>("key", "File with the certificate's private key, without pass phrase.",
                                           {.required = true, .example = "/etc/causeway/server.key"}),
            describe<&t::client_ca_file>(
                "client_ca",
                "File with the authorities that sign clients' certificates. Empty: clients are not asked for one.",
                {.example = "/etc/causeway/client-ca.pem"}),
            describe<&t::require_client_certificate>("require_client_certificate",
                                                     "Refuse clients without a certificate of `client_ca`."),
            describe<&t::user_from>("certificate_user",
                                    "What of a client's certificate is the name of its user, who then needs no password: "
                                    "nothing, its common name, or its subject as RFC 2253 writes it (`CN=sensor-17,O=Example`). "
                                    "MQTT clients whose certificate has no such name, or two, are refused; AMQP clients are offered the "
                                    "mechanism EXTERNAL if theirs has just one.",
                                    {.choices = certificate_users}),
            describe<&t::version_min>("min_version", "Oldest TLS version that is spoken.", {.choices = tls_versions}),
        });
    return it;
}

template <>
const section& section_of<limits_config>() {
    using t = limits_config;
    static const section it = describe_section<t>(
        "What one listener and each of its connections may use.",
        {
            describe<&t::connections_max>("connections_max", "Connections at a time; more are closed as they come.",
                                          {.least = 1}),
            describe<&t::connections_per_address_max>(
                "connections_per_address_max",
                "Connections at a time of one client address: an IPv4 address, an IPv6 network of 64 bits, or, of a Unix-domain "
                "socket, a user. More are closed as they come. 0: no limit."),
            describe<&t::connect_timeout_ms>(
                "connect_timeout",
                "How long a client may take for the PROXY header and the TLS and WebSocket handshakes, and then to log in.",
                {.unit = unit::milliseconds, .least = 1}),
            describe<&t::packet_bytes_max>(
                "packet_bytes_max",
                "Largest MQTT packet or AMQP message. `default`: what the sections `mqtt` and `amqp` say.",
                {.unit = unit::bytes, .least = 1024, .word = "default", .word_value = 0}),
        });
    return it;
}

template <>
const section& section_of<listener_config>() {
    using t = listener_config;
    static const section it = describe_section<t>(
        "Where clients connect. Each listener speaks one protocol on one port or Unix-domain socket.",
        {
            describe<&t::name>("name", "Appears in logs and in the ready line; unique. Letters, digits, `.`, `_` and `-`.",
                               {.required = true, .example = "devices"}),
            describe<&t::protocol>("protocol", "`ws` is MQTT over WebSocket, `amqp-ws` AMQP; `mqtts`, `wss`, `amqps` and `amqp-wss` are inside TLS.",
                                   {.choices = wires, .required = true, .example = "mqtts"}),
            describe<&t::address>("address",
                                  "Numeric address to listen on; `0.0.0.0` and `::` mean all. Or `unix:` and the absolute path "
                                  "of a Unix-domain socket, such as `unix:/run/causeway/mqtt.sock`, which counts as loopback. "
                                  "Anything but loopback needs `users`, or `anonymous.mqtt: anywhere`."),
            describe<&t::port>("port", "TCP port; 0 lets the system choose one. Required, but not for a Unix-domain socket.",
                               {.example = "8883"}),
            describe<&t::socket_mode>("socket_mode", "Permissions of a Unix-domain socket's file, as an octal number."),
            describe<&t::vhost>("vhost", "Where MQTT clients of this listener meet. AMQP clients name theirs."),
            describe<&t::proxy_protocol>(
                "proxy_protocol",
                "Every connection comes from a proxy and begins with a PROXY header, version 1 or 2, which names the client: its "
                "address is what counts for logs, rights and limits."),
            describe<&t::proxies>("proxies",
                                  "Addresses and networks of these proxies; others may not connect. Empty: any, so that whoever "
                                  "reaches the listener may claim any address."),
            describe<&t::websocket_path>("websocket_path", "Path that WebSocket clients ask for. Empty: `/mqtt`, and `/ws/amqp` for AMQP."),
            describe<&t::websocket_origins>("websocket_origins",
                                            "Origins of web pages that may connect, such as `https://example.org`. Empty: any.",
                                            {.example = "https://example.org"}),
            describe<&t::websocket_compression>("websocket_compression",
                                                "Compress messages (permessage-deflate) for WebSocket clients that ask for it."),
            describe<&t::tls>("tls", ""),
            describe<&t::limits>("limits", ""),
        });
    return it;
}

template <>
const section& section_of<rights_config>() {
    using t = rights_config;
    static const section it = describe_section<t>(
        "What may be done in one vhost. AMQP names are globs: `*` stands for any characters, `?` for one. MQTT patterns are "
        "topic filters, in which "
        "`%u` stands for the user name and `%c` for the client identifier. A list that is missing grants nothing.",
        {
            describe<&t::vhost>("vhost", "Which vhost."),
            describe<&t::configure>("configure", "AMQP exchanges and queues that may be declared and deleted.",
                                    {.example = "app.*"}),
            describe<&t::write>("write", "AMQP exchanges that may be published to, and queues that may be bound.",
                                {.example = "*"}),
            describe<&t::read>("read", "AMQP queues that may be consumed, and exchanges that may be bound from.",
                               {.example = "*"}),
            describe<&t::publish>("publish", "MQTT topics that may be published to.", {.example = "devices/%c/#"}),
            describe<&t::subscribe>(
                "subscribe",
                "MQTT topics that may be subscribed to: every topic that a filter matches must be covered by one of these.",
                {.example = "commands/%c/+"}),
        });
    return it;
}

template <>
const section& section_of<user_config>() {
    using t = user_config;
    static const section it = describe_section<t>(
        "Who may log in, with either protocol.",
        {
            describe<&t::name>("name", "User name; unique. The user `guest` may log in from loopback only.",
                               {.required = true, .example = "app"}),
            describe<&t::password_hash>(
                "password_hash",
                "Argon2id hash as printed by `causeway passwd`. Empty: the user cannot log in with a password.",
                {.example =
                     "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}),
            describe<&t::scram_sha_256>(
                "scram_sha_256",
                "Secret as printed by `causeway passwd --scram`, for MQTT 5 clients with the authentication method "
                "`SCRAM-SHA-256`. Empty: not for this user.",
                {.example = "SCRAM-SHA-256$4096:AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"
                            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}),
            describe<&t::loopback_only>("loopback_only", "Refuse this user from other machines."),
            describe<&t::rights>("rights", ""),
        });
    return it;
}

template <>
const section& section_of<anonymous_config>() {
    using t = anonymous_config;
    static const section it =
        describe_section<t>("Clients without a user name.",
                            {
                                describe<&t::mqtt>("mqtt", "From where MQTT clients may connect without a user name.",
                                                   {.choices = anonymous_places}),
                                describe<&t::rights>("rights", ""),
                            });
    return it;
}

template <>
const section& section_of<exchange_config>() {
    using t = exchange_config;
    static const section it = describe_section<t>(
        "Exchanges to declare at start.",
        {
            describe<&t::name>("name", "Name of the exchange.", {.required = true, .example = "app.events"}),
            describe<&t::type>("type", "How it routes.", {.choices = exchange_types}),
            describe<&t::durable>("durable", "Survives a restart."),
            describe<&t::auto_delete>("auto_delete", "Goes with its last binding."),
            describe<&t::internal>("internal", "Takes messages from other exchanges only."),
            describe<&t::arguments>("arguments", "Arguments of `exchange.declare`, such as `alternate-exchange`."),
        });
    return it;
}

template <>
const section& section_of<queue_config>() {
    using t = queue_config;
    static const section it = describe_section<t>(
        "Queues to declare at start.",
        {
            describe<&t::name>("name", "Name of the queue.", {.required = true, .example = "app.temperatures"}),
            describe<&t::durable>("durable", "Survives a restart."),
            describe<&t::auto_delete>("auto_delete", "Goes with its last consumer."),
            describe<&t::arguments>(
                "arguments", "Arguments of `queue.declare`, such as `x-max-length` or `x-message-ttl` (in milliseconds)."),
        });
    return it;
}

template <>
const section& section_of<binding_config>() {
    using t = binding_config;
    static const section it = describe_section<t>(
        "Bindings to make at start.",
        {
            describe<&t::exchange>("exchange",
                                   "The exchange that messages come from: one of `exchanges`, or a predeclared one.",
                                   {.required = true, .example = "amq.topic"}),
            describe<&t::to_queue>("queue", "The queue that they go to, one of `queues`. Either this or `to_exchange`.",
                                   {.example = "app.temperatures"}),
            describe<&t::to_exchange>("to_exchange", "The exchange that they go to."),
            describe<&t::key>("key", "Binding key, in AMQP's syntax.", {.example = "sensors.*.temperature"}),
            describe<&t::arguments>("arguments", "Arguments of `queue.bind`, such as `x-match` of a headers exchange."),
        });
    return it;
}

template <>
const section& section_of<policy_config>() {
    using t = policy_config;
    static const section it = describe_section<t>(
        "Settings for all queues and exchanges whose name matches, as RabbitMQ's policies: for those that are there, and those that "
        "come. Of the policies that match a name, only the one with the highest priority applies. Arguments go before policies, but of "
        "two limits the smaller one holds. Operator policies hold besides, and have limits only.",
        {
            describe<&t::name>("name", "Name of the policy; unique.", {.required = true, .example = "bounded"}),
            describe<&t::pattern>("pattern", "Regular expression that is looked for in names.", {.required = true, .example = "^jobs"}),
            describe<&t::apply_to>("apply_to", "What it is for.", {.choices = policy_targets}),
            describe<&t::priority>("priority", "The highest one of those that match applies."),
            describe<&t::definition>(
                "definition",
                "The settings: `message-ttl`, `expires`, `max-length`, `max-length-bytes`, `delivery-limit`; not in operator policies: "
                "`overflow`, `dead-letter-exchange`, `dead-letter-routing-key`, `alternate-exchange`. Times are in milliseconds. At "
                "least one.",
                {.required = true, .example = "{max-length: 100000}"}),
        });
    return it;
}

template <>
const section& section_of<vhost_config>() {
    using t = vhost_config;
    static const section it = describe_section<t>(
        "Separate worlds of exchanges, queues and sessions. Without any, there is one called `/`. In each, MQTT clients "
        "publish and subscribe to one exchange.",
        {
            describe<&t::name>("name", "Name of the vhost; unique.", {.required = true, .example = "/"}),
            describe<&t::topic_mapping>("topic_mapping",
                                        "How MQTT topics and AMQP routing keys translate: `levels` loses nothing, "
                                        "`rabbitmq` is plain replacement, with `slash` the "
                                        "topic is the key. Do not change it once there is data.",
                                        {.choices = topic_mappings}),
            describe<&t::mqtt_exchange>("mqtt_exchange",
                                        "The exchange where MQTT clients publish and subscribe: a durable topic exchange, made if it is "
                                        "not there. If it changes, the subscriptions of sessions come along, bindings of AMQP do not."),
            describe<&t::amqp_properties_to_mqtt>("amqp_properties_to_mqtt",
                                                  "MQTT 5 subscribers get the message id, timestamp and other basic properties of AMQP "
                                                  "as User Properties `amqp-message-id`, …"),
            describe<&t::amqp_properties_from_mqtt>("amqp_properties_from_mqtt",
                                                    "User Properties of these names become the basic properties; otherwise they are "
                                                    "headers like all others."),
            describe<&t::publisher_to_amqp>("publisher_to_amqp",
                                            "AMQP consumers are told who published in MQTT: header `x-mqtt-client-id`, and property "
                                            "`user_id`."),
            describe<&t::session_dead_letter_exchange>(
                "session_dead_letter_exchange",
                "Where messages go that an MQTT 5 subscriber refuses (PUBACK or PUBREC with a reason of 0x80 or more), that expire in a "
                "session or shared subscription, or are dropped when it is full. None: they are dropped and counted."),
            describe<&t::session_dead_letter_routing_key>(
                "session_dead_letter_routing_key",
                "Their routing key there; without one, that of the message. Without an exchange, the name of the queue they go to."),
            describe<&t::exchanges>("exchanges", ""),
            describe<&t::queues>("queues", ""),
            describe<&t::bindings>("bindings", ""),
            describe<&t::policies>("policies", ""),
            describe<&t::operator_policies>("operator_policies", ""),
        });
    return it;
}

template <>
const section& section_of<persistence::database_options>() {
    using t = persistence::database_options;
    static const section it = describe_section<t>(
        "What is durable, of each vhost. A message that was acknowledged has been synced to disk.",
        {
            describe<&t::map_bytes>("map_bytes", "The most that the data can ever be; costs address space only.",
                                    {.unit = unit::bytes, .least = 16 << 20}),
            describe<&t::ballast_bytes>(
                "ballast_bytes",
                "Disk space kept in reserve, so that acknowledgements can be written when the disk is full. 0: none.",
                {.unit = unit::bytes}),
            describe<&t::preallocate_bytes>("preallocate_bytes", "Largest step in which the data file grows: it doubles until then. 0: as needed.",
                                            {.unit = unit::bytes}),
        });
    return it;
}

template <>
const section& section_of<memory_config>() {
    using t = memory_config;
    static const section it = describe_section<t>(
        "Memory of each vhost.",
        {
            describe<&t::messages_bytes_max>("messages_bytes_max",
                                             "Messages in memory; with more, publishers are held back until there is room.",
                                             {.unit = unit::bytes, .least = 1 << 20}),
            describe<&t::queue_messages_max>("queue_messages_max",
                                             "Of what waits in a durable AMQP queue, so many messages are kept in memory (and half "
                                             "as many of the newest); the rest is in the store only, and read ahead.",
                                             {.least = 4}),
            describe<&t::queue_bytes_max>("queue_bytes_max",
                                          "The same in bytes. Less when the queues with a backlog are many: together they take about "
                                          "a quarter of `messages_bytes_max`.",
                                          {.unit = unit::bytes, .least = 16 << 10}),
            describe<&t::delayed_bytes_max>("delayed_bytes_max",
                                            "Messages that wait in `x-delayed-message` exchanges; what goes beyond is refused. They "
                                            "count as messages in memory, too.",
                                            {.unit = unit::bytes, .least = 1024}),
        });
    return it;
}

template <>
const section& section_of<sessions_config>() {
    using t = sessions_config;
    static const section it = describe_section<t>(
        "MQTT sessions.",
        {
            describe<&t::expiry_s_max>("expiry_max",
                                       "Longest time that a session outlives its connection, whatever the client asks for.",
                                       {.unit = unit::seconds, .word = "never", .word_value = core::no_expiry}),
            describe<&t::messages_max>(
                "messages_max", "Messages that wait in one session, or in one shared subscription. 0: no limit."),
            describe<&t::bytes_max>("bytes_max", "Bytes that wait there. 0: no limit.", {.unit = unit::bytes}),
            describe<&t::overflow>(
                "overflow",
                "What happens beyond: the new message is dropped, or the oldest that was not sent yet, or the publisher is refused "
                "(MQTT 5: reason 0x97; AMQP: `basic.nack`; MQTT 3 has no word for it: the connection is closed). All are counted.",
                {.choices = overflow_policies}),
            describe<&t::queue_qos0>("queue_qos0", "Keep QoS 0 messages for sessions whose client is away."),
        });
    return it;
}

template <>
const section& section_of<retained_config>() {
    using t = retained_config;
    static const section it = describe_section<t>(
        "Retained messages of each vhost.",
        {
            describe<&t::messages_max>("messages_max", "Topics with a retained message; further ones are refused.",
                                       {.least = 1}),
            describe<&t::bytes_max>("bytes_max",
                                    "Bytes of all retained messages; what goes beyond is refused. They count as messages in "
                                    "memory, too.",
                                    {.unit = unit::bytes, .least = 1024}),
        });
    return it;
}

template <>
const section& section_of<mqtt::options>() {
    using t = mqtt::options;
    static const section it = describe_section<t>(
        "MQTT connections.",
        {
            describe<&t::connect_bytes_max>("connect_bytes_max",
                                            "Largest CONNECT packet, the only one that is taken from strangers.",
                                            {.unit = unit::bytes, .least = 128}),
            describe<&t::packet_bytes_max>("packet_bytes_max",
                                           "Largest packet that a client may send; a larger one ends its connection.",
                                           {.unit = unit::bytes, .least = 1024}),
            describe<&t::output_bytes_max>(
                "output_bytes_max", "Bytes that wait for one slow client; with more, its messages stay in its session.",
                {.unit = unit::bytes, .least = 1024}),
            describe<&t::receive_max>(
                "receive_max", "QoS 1 and 2 messages that a client may send ahead of their acknowledgement.", {.least = 1}),
            describe<&t::inflight_max>("inflight_max",
                                       "QoS 1 and 2 messages that are sent to a client ahead of its acknowledgement.",
                                       {.least = 1}),
            describe<&t::topic_alias_max>("topic_alias_max", "Topic aliases of a connection, in each direction. 0: none."),
            describe<&t::keep_alive_s_max>("keep_alive_max",
                                           "Longest keep alive; MQTT 5 clients that ask for more are told this one.",
                                           {.unit = unit::seconds, .least = 1}),
            describe<&t::qos_max>("qos_max", "Highest QoS of what clients publish, and of what they are sent.", {.most = 2}),
            describe<&t::retain_available>("retain_available", "Whether messages can be retained."),
            describe<&t::publish_rate_max>("publish_rate_max",
                                           "Messages a second that one client may publish, after as many at once. 0: no limit."),
            describe<&t::publish_bytes_rate_max>("publish_bytes_rate_max",
                                                 "Bytes a second of the packets that one client publishes, likewise. 0: no limit.",
                                                 {.unit = unit::bytes, .most = std::uint64_t{1} << 40}),
            describe<&t::on_rate_exceeded>(
                "on_rate_exceeded",
                "What becomes of a client that publishes faster: it is read only as fast as it may, or disconnected (MQTT 5: 0x96).",
                {.choices = rate_excesses}),
            describe<&t::topic_levels_max>("topic_levels_max", "Levels of a topic name or filter.",
                                           {.least = 1, .most = core::topic_levels_max}),
            describe<&t::topic_bytes_max>("topic_bytes_max", "Length of a topic name or filter.",
                                          {.unit = unit::bytes, .least = 1}),
            describe<&t::subscriptions_max>("subscriptions_max", "Subscriptions of one session; further ones are refused.",
                                            {.least = 1}),
            describe<&t::validate_payload_format>(
                "validate_payload_format", "Refuse payloads that are said to be UTF-8 text (Payload Format Indicator) and are not."),
            describe<&t::sys_interval_s>("sys_interval", "How often the `$SYS` topics tell what has changed. 0: there are none.",
                                         {.unit = unit::seconds}),
            describe<&t::response_information>(
                "response_information",
                "What MQTT 5 clients that ask for it are told to begin their response topics with; `%c` stands for the client "
                "identifier, `%u` for the user name. Empty: nothing.",
                {.example = "responses/%c"}),
            describe<&t::server_reference>(
                "server_reference",
                "Where MQTT 5 clients are sent when this server stops: `host:port`, several with a space between. Empty: nowhere.",
                {.example = "other.example.com:1883"}),
        });
    return it;
}

template <>
const section& section_of<amqp::options>() {
    using t = amqp::options;
    static const section it = describe_section<t>(
        "AMQP connections.",
        {
            describe<&t::channel_max>("channel_max", "Channels of one connection.", {.least = 1}),
            describe<&t::frame_bytes_max>("frame_bytes_max", "Largest frame.",
                                          {.unit = unit::bytes, .least = 4096, .most = 64U << 20}),
            describe<&t::heartbeat_s>("heartbeat", "Heartbeat that is offered to clients. 0: none.",
                                      {.unit = unit::seconds}),
            describe<&t::close_timeout_ms>("close_timeout", "How long `connection.close` waits for its answer.",
                                           {.unit = unit::milliseconds, .least = 1}),
            describe<&t::message_bytes_max>("message_bytes_max", "Largest message body; a larger one closes its channel.",
                                            {.unit = unit::bytes, .least = 1024}),
            describe<&t::output_bytes_max>(
                "output_bytes_max", "Bytes that wait for one slow client; with more, its consumers take no more messages.",
                {.unit = unit::bytes, .least = 1024}),
            describe<&t::consumers_max>("consumers_max", "Consumers of one channel.", {.least = 1}),
            describe<&t::consumer_timeout_ms>(
                "consumer_timeout",
                "How long a client may leave a message unacknowledged; then its channel is closed, and what it was given goes back to "
                "the queues. A queue's `x-consumer-timeout` and the policies' `consumer-timeout` go before it. `never`: there is no "
                "limit.",
                {.unit = unit::milliseconds, .word = "never", .word_value = 0}),
            describe<&t::unacknowledged_messages_max>(
                "unacknowledged_messages_max",
                "Messages that one connection may leave unacknowledged; with more, its consumers are given none, and `basic.get` "
                "closes its channel.",
                {.least = 1}),
            describe<&t::unacknowledged_bytes_max>("unacknowledged_bytes_max", "Bytes of these messages, likewise.",
                                                   {.unit = unit::bytes, .least = 1024}),
        });
    return it;
}

template <>
const section& section_of<net::loop_options>() {
    using t = net::loop_options;
    static const section it = describe_section<t>(
        "How connections are served and ended.",
        {
            describe<&t::read_bytes_per_turn>("read_bytes_per_turn",
                                              "What one connection may bring before the others have their turn.",
                                              {.unit = unit::bytes, .least = 4096}),
            describe<&t::drain_ms>("drain_timeout", "How long clients may take to say goodbye when the server stops.",
                                   {.unit = unit::milliseconds}),
            describe<&t::stalled_close_ms>("stalled_close_timeout",
                                           "How long a client that is being disconnected may refuse to take its last bytes.",
                                           {.unit = unit::milliseconds}),
            describe<&t::linger_ms>("linger_timeout", "How long the server then waits for the client to close its side.",
                                    {.unit = unit::milliseconds}),
            describe<&t::accept_pause_ms>(
                "accept_pause", "Pause after a connection could not be accepted, for want of file descriptors for instance.",
                {.unit = unit::milliseconds, .least = 1}),
        });
    return it;
}

template <>
const section& section_of<log_config>() {
    using t = log_config;
    static const section it = describe_section<t>(
        "What is written about what happens.",
        {
            describe<&t::level>("level", "The least important lines that are written.", {.choices = log_levels}),
            describe<&t::format>("format", "`text` for people, `json` (one object a line) for machines.",
                                 {.choices = log_formats}),
            describe<&t::file>("file",
                               "File to append to, or `stderr`. Clients never wait for it: lines that it takes too slowly are lost, "
                               "and the next one says how many. When the server stops, it has one second for those that are left."),
        });
    return it;
}

template <>
const section& section_of<config>() {
    using t = config;
    static const section it = describe_section<t>(
        "", {
                describe<&t::node>("node", "Name of this node, as clients and logs see it."),
                describe<&t::data>("data", "Directory of everything durable; made if it is missing. One process at a time.",
                                   {.required = true, .example = "/var/lib/causeway"}),
                describe<&t::io_threads>("io_threads",
                                         "Threads for sockets and TLS beside the broker's own; 0: the broker's thread does "
                                         "it all, `auto`: as suits the machine.",
                                         {.most = 64, .word = "auto", .word_value = io_threads_auto}),
                describe<&t::listeners>("listeners", "", {.required = true}),
                describe<&t::users>("users", ""),
                describe<&t::anonymous>("anonymous", ""),
                describe<&t::vhosts>("vhosts", ""),
                describe<&t::storage>("storage", ""),
                describe<&t::memory>("memory", ""),
                describe<&t::sessions>("sessions", ""),
                describe<&t::retained>("retained", ""),
                describe<&t::mqtt>("mqtt", ""),
                describe<&t::amqp>("amqp", ""),
                describe<&t::network>("network", ""),
                describe<&t::log>("log", ""),
            });
    return it;
}

}  // namespace causeway::app
