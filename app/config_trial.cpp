#include "app/config_trial.hpp"

#include <string>

#include "app/topology.hpp"
#include "base/log.hpp"
#include "core/broker.hpp"
#include "persistence/memory_store.hpp"
#include "protocols/amqp/origin.hpp"
#include "protocols/mqtt/origin.hpp"
#include "tls/server_context.hpp"

namespace causeway::app {

namespace {

/// The key whose file an error is about: it begins with the file's name.
std::string key_of(const tls::server_options& files, const std::string& error) {
    const std::pair<const char*, const std::string&> keys[] = {
        {".certificate", files.certificate_chain_file}, {".key", files.private_key_file}, {".client_ca", files.client_ca_file}};
    for (const auto& [key, file] : keys)
        if (!file.empty() && error.starts_with(file + ":")) return key;
    return "";
}

void try_certificates(const listener_config& l, const std::string& path, problems& found) {
    if (!l.tls) return;
    const auto made = tls::server_context::make(*l.tls);
    if (!made) found.add(path + key_of(*l.tls, made.error()), made.error());
}

/// The argument that the reason names, if it names one.
std::string argument_in(const undeclarable& wrong) {
    for (const auto& [name, value] : wrong.arguments)
        if (wrong.why.find("'" + name + "'") != std::string::npos) return ".arguments." + name;
    return "";
}

/// Declares it all in a vhost that nobody sees.
void try_topology(const vhost_config& v, const std::string& path, problems& found) {
    const mqtt::origin topics(v.topic_mapping);
    const amqp::origin keys(v.topic_mapping);
    silent_logger log;
    persistence::memory_store store;
    core::broker_options options;
    options.vhost = v.name;
    options.mqtt_exchange = v.mqtt_exchange;
    core::broker scratch(options, store, log, [] { return std::uint64_t{0}; }, {.mqtt = &topics, .amqp = &keys});
    scratch.recover({});
    scratch.begin_turn({});
    declare_topology(scratch, v, keys, [&](const undeclarable& wrong) {
        found.add(path + "." + wrong.path + argument_in(wrong), wrong.what + ": " + wrong.why);
    });
}

}  // namespace

void try_out(const config& c, problems& found) {
    for (std::size_t i = 0; i < c.listeners.size(); ++i)
        try_certificates(c.listeners[i], "listeners[" + std::to_string(i) + "].tls", found);
    for (std::size_t i = 0; i < c.vhosts.size(); ++i)
        try_topology(c.vhosts[i], "vhosts[" + std::to_string(i) + "]", found);
}

}  // namespace causeway::app
