#include "app/config_rules.hpp"

#include <algorithm>
#include <array>
#include <regex>
#include <set>
#include <utility>

#include "app/policies.hpp"
#include "app/suggestion.hpp"
#include "base/utf8.hpp"
#include "net/ip_address.hpp"
#include "net/socket_file.hpp"
#include "tls/scram_secret.hpp"

namespace causeway::app {

namespace {

constexpr std::array predeclared_exchanges{"amq.direct", "amq.fanout", "amq.topic", "amq.headers", "amq.match"};

std::string item(const std::string& path, std::size_t index) { return path + "[" + std::to_string(index) + "]"; }

std::string quoted(const std::string& text) { return "'" + text + "'"; }

/// Each of the items has a name of its own.
template <class Item>
void check_unique_names(const std::vector<Item>& items, const std::string& path, const char* what, problems& found) {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < items.size(); ++i)
        if (!items[i].name.empty() && !seen.insert(items[i].name).second)
            found.add(item(path, i) + ".name", "there is already " + std::string(what) + " called " + quoted(items[i].name));
}

bool plain_octal(const std::string& mode) {
    const bool octal = std::all_of(mode.begin(), mode.end(), [](char c) { return c >= '0' && c <= '7'; });
    return octal && (mode.size() == 3 || (mode.size() == 4 && mode.front() == '0'));
}

bool plain_name(const std::string& name) {
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
    });
}

// --- listeners ---

void check_tls(const listener_config& l, const std::string& path, problems& found) {
    if (secure(l.protocol) && !l.tls) found.add(path, "a listener with TLS needs a 'tls' section");
    if (!l.tls) return;
    if (!secure(l.protocol)) found.add(path + ".tls", "'tls' is for the protocols mqtts, wss, amqps and amqp-wss");
    if (!l.tls->client_ca_file.empty()) return;
    if (l.tls->require_client_certificate)
        found.add(path + ".tls.require_client_certificate", "'require_client_certificate' needs 'client_ca'");
    if (l.tls->user_from != tls::certificate_user::none)
        found.add(path + ".tls.certificate_user", "'certificate_user' needs 'client_ca'");
}

void check_port(const listener_config& l, const std::string& path, problems& found) {
    const auto ip = net::ip_address::parse(l.address);
    if (!ip) return found.add(path + ".address", quoted(l.address) + " is neither a numeric IPv4 or IPv6 address nor 'unix:' and a path");
    if (found.noted(path) && !found.noted(path + ".port")) found.add(path, "required key 'port' is missing");
}

void check_socket_file(const listener_config& l, const std::string& path, problems& found) {
    const std::string_view file = net::socket_path_of(l.address);
    if (!file.starts_with('/') || file.size() > net::socket_path_bytes_max)
        found.add(path + ".address", "a Unix-domain socket needs an absolute path of at most " +
                                         std::to_string(net::socket_path_bytes_max) + " bytes");
    if (found.noted(path + ".port")) found.add(path + ".port", "a Unix-domain socket has no port");
    if (!plain_octal(l.socket_mode))
        found.add(path + ".socket_mode", quoted(l.socket_mode) + " is not an octal number such as 0660");
}

bool on_socket_file(const listener_config& l) { return l.address.starts_with("unix:"); }

bool loopback(const listener_config& l) {
    const auto ip = net::ip_address::parse(l.address);
    return on_socket_file(l) || !ip || ip->is_loopback();
}

void check_open_to_strangers(const config& c, const listener_config& l, const std::string& path, problems& found) {
    const bool open_to_all = c.anonymous.mqtt == anonymous_from::anywhere && !speaks_amqp(l.protocol);
    if (loopback(l) || !c.users.empty() || open_to_all) return;
    found.add(path + ".address",
              "listening on " + quoted(l.address) +
                  " needs 'users' to log in, or 'anonymous.mqtt: anywhere' if MQTT shall be open to everybody");
}

void check_proxies(const listener_config& l, const std::string& path, problems& found) {
    if (!l.proxies.empty() && !l.proxy_protocol)
        found.add(path + ".proxies", "'proxies' are believed only with 'proxy_protocol: true'");
    for (std::size_t i = 0; i < l.proxies.size(); ++i)
        if (!net::ip_network::parse(l.proxies[i]))
            found.add(item(path + ".proxies", i), quoted(l.proxies[i]) + " is neither an address nor a network such as 10.0.0.0/8");
}

/// What the system would refuse at the start. Port 0 is another one each time.
void check_unique_ports(const config& c, problems& found) {
    std::set<std::pair<std::string, std::uint16_t>> seen;
    for (std::size_t i = 0; i < c.listeners.size(); ++i) {
        const listener_config& l = c.listeners[i];
        const bool fixed = on_socket_file(l) || l.port != 0;
        if (fixed && !seen.emplace(l.address, l.port).second)
            found.add(item("listeners", i) + (on_socket_file(l) ? ".address" : ".port"),
                      "there is already a listener on this address" + std::string(on_socket_file(l) ? "" : " and port"));
    }
}

void check_listeners(const config& c, problems& found) {
    check_unique_names(c.listeners, "listeners", "a listener", found);
    check_unique_ports(c, found);
    if (c.listeners.empty() && found.noted("listeners"))
        found.add("listeners", "'listeners' must have at least one listener");
    for (std::size_t i = 0; i < c.listeners.size(); ++i) {
        const std::string path = item("listeners", i);
        if (!plain_name(c.listeners[i].name))
            found.add(path + ".name", "'name' must consist of letters, digits, '.', '_' and '-'");
        check_tls(c.listeners[i], path, found);
        on_socket_file(c.listeners[i]) ? check_socket_file(c.listeners[i], path, found) : check_port(c.listeners[i], path, found);
        check_open_to_strangers(c, c.listeners[i], path, found);
        check_proxies(c.listeners[i], path, found);
    }
}

// --- vhosts ---

/// The names of the vhosts; without any there is "/".
std::vector<std::string_view> vhost_names(const config& c) {
    std::vector<std::string_view> names;
    for (const vhost_config& v : c.vhosts) names.push_back(v.name);
    if (names.empty()) names.push_back("/");
    return names;
}

void check_vhost_exists(const config& c, const std::string& name, const std::string& path, problems& found) {
    const auto known = vhost_names(c);
    if (std::find(known.begin(), known.end(), name) == known.end())
        found.add(path, "there is no vhost " + quoted(name) + did_you_mean(name, known));
}

/// Where every binding's ends are looked up.
struct topology {
    explicit topology(const vhost_config& v) : exchanges(predeclared_exchanges.begin(), predeclared_exchanges.end()) {
        for (const exchange_config& x : v.exchanges) exchanges.push_back(x.name);
        exchanges.push_back(v.mqtt_exchange);
        for (const queue_config& q : v.queues) queues.push_back(q.name);
    }
    std::vector<std::string_view> exchanges;
    std::vector<std::string_view> queues;
};

void check_declared(const std::vector<std::string_view>& known, const char* what, const std::string& name,
                    const std::string& path, problems& found) {
    if (!name.empty() && std::find(known.begin(), known.end(), name) == known.end())
        found.add(path,
                  "there is no " + std::string(what) + " " + quoted(name) + " in this vhost" + did_you_mean(name, known));
}

void check_bindings(const vhost_config& v, const std::string& path, problems& found) {
    const topology known(v);
    for (std::size_t i = 0; i < v.bindings.size(); ++i) {
        const binding_config& b = v.bindings[i];
        const std::string at = item(path + ".bindings", i);
        check_declared(known.exchanges, "exchange", b.exchange, at + ".exchange", found);
        check_declared(known.queues, "queue", b.to_queue, at + ".queue", found);
        check_declared(known.exchanges, "exchange", b.to_exchange, at + ".to_exchange", found);
        if (b.to_queue.empty() == b.to_exchange.empty()) found.add(at, "a binding needs either 'queue' or 'to_exchange'");
    }
}

/// Names that clients could not declare either.
template <class Item>
void check_not_reserved(const std::vector<Item>& items, const std::string& path, problems& found) {
    for (std::size_t i = 0; i < items.size(); ++i)
        if (items[i].name.starts_with("amq."))
            found.add(item(path, i) + ".name", "names that begin with 'amq.' are reserved");
}

/// It can be none of the predeclared ones but amq.topic, and nothing can be declared in its place that is not like it.
void check_mqtt_exchange(const vhost_config& v, const std::string& path, problems& found) {
    const std::string& name = v.mqtt_exchange;
    const std::string at = path + ".mqtt_exchange";
    if (name.empty()) found.add(at, "MQTT needs an exchange");
    if (name.size() > 255) found.add(at, "longer than 255 bytes");
    if (name.starts_with("amq.") && name != "amq.topic") found.add(at, "of the exchanges that begin with 'amq.', only amq.topic can be it");
    for (const exchange_config& x : v.exchanges)
        if (x.name == name && (x.type != core::exchange_type::topic || !x.durable || x.auto_delete || x.internal))
            found.add(at, "exchange " + quoted(name) + " would have to be a durable topic exchange, not auto_delete or internal");
}

void check_policies(const std::vector<policy_config>& all, core::policy_kind kind, const std::string& path, problems& found) {
    check_unique_names(all, path, "a policy", found);
    for (std::size_t i = 0; i < all.size(); ++i)
        if (const auto made = policy_of(all[i], kind); !made) found.add(item(path, i), made.error().text);
}

void check_vhosts(const config& c, problems& found) {
    check_unique_names(c.vhosts, "vhosts", "a vhost", found);
    for (std::size_t i = 0; i < c.vhosts.size(); ++i) {
        const vhost_config& v = c.vhosts[i];
        const std::string path = item("vhosts", i);
        check_unique_names(v.exchanges, path + ".exchanges", "an exchange", found);
        check_unique_names(v.queues, path + ".queues", "a queue", found);
        check_not_reserved(v.exchanges, path + ".exchanges", found);
        check_not_reserved(v.queues, path + ".queues", found);
        check_bindings(v, path, found);
        check_mqtt_exchange(v, path, found);
        check_policies(v.policies, core::policy_kind::user, path + ".policies", found);
        check_policies(v.operator_policies, core::policy_kind::of_operator, path + ".operator_policies", found);
    }
    for (std::size_t i = 0; i < c.listeners.size(); ++i)
        check_vhost_exists(c, c.listeners[i].vhost, item("listeners", i) + ".vhost", found);
}

// --- users ---

/// The text form of an Argon2id hash: "$argon2id$v=19$m=…,t=…,p=…$salt$hash".
bool is_password_hash(const std::string& text) {
    static const std::regex form(R"(\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,})");
    return text.size() < 128 && std::regex_match(text, form);
}

/// Wildcards stand for whole levels, '#' only at the end [MQTT-4.7.1-1, MQTT-4.7.1-2].
bool topic_filter(std::string_view text) {
    for (std::size_t at = 0; at <= text.size();) {
        const std::string_view level = text.substr(at, text.find('/', at) - at);
        at += level.size() + 1;
        if (level.size() > 1 && level.find_first_of("+#") != std::string_view::npos) return false;
        if (level == "#" && at <= text.size()) return false;
    }
    return !text.empty();
}

void check_topic_filters(const std::vector<std::string>& filters, const std::string& path, problems& found) {
    for (std::size_t i = 0; i < filters.size(); ++i)
        if (!topic_filter(filters[i])) found.add(item(path, i), quoted(filters[i]) + " is not an MQTT topic filter");
}

void check_rights(const config& c, const std::vector<rights_config>& rights, const std::string& path, problems& found) {
    for (std::size_t i = 0; i < rights.size(); ++i) {
        const std::string at = item(path, i);
        check_vhost_exists(c, rights[i].vhost, at + ".vhost", found);
        check_topic_filters(rights[i].publish, at + ".publish", found);
        check_topic_filters(rights[i].subscribe, at + ".subscribe", found);
    }
}

/// Some client's certificate may stand for a user.
bool certificates_count(const config& c) {
    return std::any_of(c.listeners.begin(), c.listeners.end(),
                       [](const listener_config& l) { return l.tls && l.tls->user_from != tls::certificate_user::none; });
}

void check_secrets(const config& c, const user_config& user, const std::string& path, problems& found) {
    if (!user.password_hash.empty() && !is_password_hash(user.password_hash))
        found.add(path + ".password_hash", "'password_hash' is not an Argon2id hash; make one with 'causeway passwd'");
    if (!user.scram_sha_256.empty() && !tls::parse_scram_secret(user.scram_sha_256))
        found.add(path + ".scram_sha_256", "'scram_sha_256' is not a SCRAM secret; make one with 'causeway passwd --scram'");
    if (user.password_hash.empty() && user.scram_sha_256.empty() && !certificates_count(c))
        found.add(path, "a user needs 'password_hash' or 'scram_sha_256', or a listener with 'certificate_user'");
}

void check_users(const config& c, problems& found) {
    check_unique_names(c.users, "users", "a user", found);
    for (std::size_t i = 0; i < c.users.size(); ++i) {
        const std::string path = item("users", i);
        check_secrets(c, c.users[i], path, found);
        check_rights(c, c.users[i].rights, path + ".rights", found);
    }
    check_rights(c, c.anonymous.rights, "anonymous.rights", found);
}

// --- MQTT ---

/// What goes into packets as it is.
void check_mqtt_text(const std::string& text, const std::string& path, problems& found) {
    if (text.size() > 0xFFFF || !valid_mqtt_text(text))
        found.add(path, quoted(path) + " must be UTF-8 without U+0000, and no longer than 65535 bytes");
}

}  // namespace

void check_rules(const config& c, problems& found) {
    check_listeners(c, found);
    check_vhosts(c, found);
    check_users(c, found);
    check_mqtt_text(c.mqtt.response_information, "mqtt.response_information", found);
    check_mqtt_text(c.mqtt.server_reference, "mqtt.server_reference", found);
}

}  // namespace causeway::app
