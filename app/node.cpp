#include "app/node.hpp"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "app/policies.hpp"
#include "protocols/amqp/factory.hpp"
#include "protocols/mqtt/factory.hpp"
#include "tls/password_hash.hpp"
#include "tls/server_context.hpp"
#include "tls/sha256.hpp"

namespace causeway::app {

namespace {

/// On a small machine a hand-over between threads costs more than it brings.
unsigned io_threads(std::uint32_t wanted) {
    if (wanted != io_threads_auto) return wanted;
    const unsigned cores = std::thread::hardware_concurrency();
    return cores <= 2 ? 0 : std::min(cores / 2, 4U);
}

net::loop_options loop_options(const config& c) {
    net::loop_options options = c.network;
    options.io_threads = io_threads(c.io_threads);
    return options;
}

instant now() {
    using std::chrono::duration_cast, std::chrono::milliseconds;
    return {.steady_ms = duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count(),
            .wall_ms = duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

net::transport_kind transport_of(wire w) {
    switch (w) {
        case wire::mqtt:
        case wire::amqp: return net::transport_kind::tcp;
        case wire::mqtts:
        case wire::amqps: return net::transport_kind::tls;
        case wire::ws:
        case wire::amqp_ws: return net::transport_kind::ws;
        case wire::wss:
        case wire::amqp_wss: return net::transport_kind::wss;
    }
    return net::transport_kind::tcp;
}

/// AMQP's is the one of LavinMQ and CloudAMQP.
std::string websocket_path_of(const listener_config& l) {
    if (!l.websocket_path.empty()) return l.websocket_path;
    return speaks_amqp(l.protocol) ? "/ws/amqp" : "/mqtt";
}

std::shared_ptr<tls::server_context> tls_of(const listener_config& l) {
    if (!l.tls) return nullptr;
    auto context = tls::server_context::make(*l.tls);
    if (!context) throw std::runtime_error("listener '" + l.name + "': " + context.error());
    return std::move(context).value();
}

net::listener_options options_of(const listener_config& l) {
    net::listener_options options;
    options.name = l.name;
    options.address = l.address;
    options.port = l.port;
    options.socket_mode = static_cast<unsigned>(std::stoul(l.socket_mode, nullptr, 8));
    options.proxy_protocol = l.proxy_protocol;
    options.proxies = l.proxies;
    options.kind = transport_of(l.protocol);
    options.tls = tls_of(l);
    options.vhost = l.vhost;
    options.connections_max = l.limits.connections_max;
    options.connections_per_address_max = l.limits.connections_per_address_max;
    options.handshake_timeout_ms = l.limits.connect_timeout_ms;
    options.websocket_path = websocket_path_of(l);
    options.websocket_origins = l.websocket_origins;
    options.websocket_compression = l.websocket_compression;
    return options;
}

std::string with_port(const std::string& address, std::uint16_t port) {
    if (port == 0) return address;  // of a Unix-domain socket
    const bool v6 = address.find(':') != std::string::npos;
    return (v6 ? "[" + address + "]" : address) + ":" + std::to_string(port);
}

}  // namespace

node::node(const config& c, logger& log, reread again)
    : log_(log),
      loop_(loop_options(c), *this, log),
      authenticator_(
          c, [this](std::function<void()> action) { loop_.post(std::move(action)); }, log, tls::verify_password,
          tls::random_bytes),
      again_(std::move(again)) {
    open_vhosts(c);
    for (const listener_config& l : c.listeners) open_listener(c, l);
    loop_.on_signal({SIGTERM, SIGINT}, [this](int number) { stop(number); });
    loop_.on_signal({SIGHUP}, [this](int) { reload(); });
}

node::~node() = default;

void node::run() {
    loop_.run();
    end();  // what the last connections left to be stored
    log_.info("stopped");
}

void node::open_vhosts(const config& c) {
    std::vector<vhost_config> all = c.vhosts;
    if (all.empty()) all.emplace_back().name = "/";
    for (const vhost_config& v : all) {
        vhosts_.emplace(v.name, std::make_unique<vhost>(c, v, log_, loop_.waker(), now()));
        log_.info("vhost is open", {{"vhost", v.name}});
    }
}

void node::open_listener(const config& c, const listener_config& l) {
    const auto port = loop_.listen(options_of(l), make_factory(c, l));
    if (!port) throw std::runtime_error("listener '" + l.name + "' cannot listen: " + port.error());
    const std::string where = with_port(l.address, port.value());
    log_.info("listening", {{"listener", l.name}, {"address", where}});
    ready_line_ += " " + l.name + "=" + where;
}

protocols::endpoint_factory& node::make_factory(const config& c, const listener_config& l) {
    if (speaks_amqp(l.protocol)) {
        amqp::options options = c.amqp;
        options.cluster_name = c.node;
        options.handshake_timeout_ms = l.limits.connect_timeout_ms;
        if (l.limits.packet_bytes_max != 0) options.message_bytes_max = l.limits.packet_bytes_max;
        return *factories_.emplace_back(std::make_unique<amqp::factory>(*this, authenticator_, options, log_));
    }
    mqtt::options options = c.mqtt;
    options.connect_timeout_ms = l.limits.connect_timeout_ms;
    if (l.limits.packet_bytes_max != 0) options.packet_bytes_max = l.limits.packet_bytes_max;
    return *factories_.emplace_back(std::make_unique<mqtt::factory>(*this, authenticator_, options, log_));
}

void node::stop(int number) {
    ::signal(SIGTERM, SIG_DFL);  // from now on the system itself ends the process, even if this thread should hang
    ::signal(SIGINT, SIG_DFL);
    log_.info("stopping", {{"signal", number}, {"connections", loop_.connections()}});
    loop_.stop();
}

/// The file is read beside the broker's turns, which never wait for a disk.
void node::reload() {
    if (!again_) return log_.info("there is no configuration file to read again");
    if (!reader_) reader_ = std::make_unique<worker>(1);
    reader_->add([this] {
        auto found = again_();
        if (!found) return refuse(found.error());
        loop_.post([this, fresh = std::make_shared<const config>(std::move(found).value())] { apply(*fresh); });
    });
}

/// In the log, as everything that a running server says: writing to standard error could take as long as its reader likes.
void node::refuse(const config_failure& why) {
    for (const std::string& problem : why.problems) log_.error("the configuration file is wrong", {{"problem", problem}});
    log_.error("the configuration file cannot be used: everything stays as it is");
}

/// Of all that can be configured, policies are what changes without a restart.
void node::apply(const config& fresh) {
    for (const vhost_config& v : fresh.vhosts)
        if (core::broker* known = find(v.name)) known->set_policies(policies_of(v));
    log_.info("policies are read again");
}

// --- the turn ---

void node::begin(instant now) {
    for (auto& [name, v] : vhosts_) v->broker().begin_turn(now);
}

void node::end() {
    for (auto& [name, v] : vhosts_) v->broker().end_turn();
}

std::int64_t node::next_turn_steady_ms() const {
    std::int64_t next = INT64_MAX;
    for (const auto& [name, v] : vhosts_) next = std::min(next, v->broker().next_turn_steady_ms());
    return next;
}

core::broker* node::find(std::string_view name) {
    const auto at = vhosts_.find(name);
    return at == vhosts_.end() ? nullptr : &at->second->broker();
}

}  // namespace causeway::app
