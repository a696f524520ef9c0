// The commands that serve.

#include <signal.h>
#include <stdlib.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "app/bus_error.hpp"
#include "app/commands.hpp"
#include "app/config_file.hpp"
#include "app/exit_code.hpp"
#include "app/file_limit.hpp"
#include "app/log_sink.hpp"
#include "app/node.hpp"
#include "tls/password_hash.hpp"
#include "tls/scram_secret.hpp"

namespace causeway::app {

namespace {

int serve(const config& c, node::reread again) {
    ::signal(SIGPIPE, SIG_IGN);
    explain_bus_errors();
    log_sink log(c.log);
    log.info("starting",
             {{"node", c.node}, {"version", CAUSEWAY_VERSION}, {"data", c.data}, {"open_files_max", raise_file_limit()}});
    node n(c, log, std::move(again));
    std::puts(n.ready_line().c_str());
    std::fflush(stdout);
    n.run();
    return exit_code::ok;
}

int serve_or_explain(const config& c, node::reread again = {}) {
    try {
        return serve(c, std::move(again));
    } catch (const std::exception& wrong) {
        std::fprintf(stderr, "causeway: %s\n", wrong.what());
        return exit_code::cannot_start;
    }
}

std::string new_temporary_directory() {
    std::string path = (std::filesystem::temp_directory_path() / "causeway-dev-XXXXXX").string();
    if (!::mkdtemp(path.data())) throw std::system_error(errno, std::generic_category(), path);
    return path;
}

listener_config loopback_listener(const char* name, wire protocol, std::uint16_t port) {
    listener_config l;
    l.name = name;
    l.protocol = protocol;
    l.port = port;
    return l;
}

rights_config all_rights() {
    rights_config rights;
    rights.configure = rights.write = rights.read = {"*"};
    rights.publish = rights.subscribe = {"#", "$SYS/#"};
    return rights;
}

}  // namespace

config dev_config(const dev_command& dev, const std::string& data) {
    config c;
    c.data = data;
    c.storage.ballast_bytes = 1 << 20;  // many of these come and go
    if (dev.io_threads) c.io_threads = *dev.io_threads;
    c.listeners = {loopback_listener("mqtt", wire::mqtt, dev.mqtt_port),
                   loopback_listener("amqp", wire::amqp, dev.amqp_port)};
    if (dev.ws_port) c.listeners.push_back(loopback_listener("ws", wire::ws, *dev.ws_port));
    user_config& guest = c.users.emplace_back();
    guest.name = "guest";
    guest.password_hash = tls::hash_password("guest");
    guest.scram_sha_256 =
        text_of(tls::make_scram_secret("guest", tls::random_bytes(tls::scram_salt_bytes), tls::scram_iterations_min));
    guest.rights = {all_rights()};
    c.anonymous.mqtt = anonymous_from::loopback;
    c.anonymous.rights = {all_rights()};
    return c;
}

int perform(const run_command& run) {
    const auto c = read_config_file(run.config_file);
    return c ? serve_or_explain(*c, [file = run.config_file] { return load_config_file(file); }) : exit_code::wrong;
}

int perform(const dev_command& dev) {
    try {
        const std::string data = dev.data.empty() ? new_temporary_directory() : dev.data;
        if (dev.data.empty()) std::fprintf(stderr, "causeway: data goes to %s\n", data.c_str());
        return serve_or_explain(dev_config(dev, data));
    } catch (const std::exception& wrong) {
        std::fprintf(stderr, "causeway: %s\n", wrong.what());
        return exit_code::cannot_start;
    }
}

}  // namespace causeway::app
