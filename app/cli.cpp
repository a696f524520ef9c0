#include "app/cli.hpp"

#include <CLI/CLI.hpp>

#include "app/cli_bench.hpp"
#include "app/exit_code.hpp"
#include "tls/scram_secret.hpp"

namespace causeway::app {

namespace {

template <class T>
void port_option(CLI::App& to, const std::string& name, T& port, const std::string& what) {
    to.add_option(name, port, what + "; 0 lets the system choose")->check(CLI::Range(0, 65'535))->type_name("PORT");
}

CLI::App* add_run(CLI::App& to, run_command& run) {
    CLI::App* verb = to.add_subcommand("run", "Serve with a configuration file");
    verb->add_option("--config", run.config_file, "The configuration")->required()->type_name("FILE");
    return verb;
}

/// Whoever asks for the management API must not believe that it is there.
std::string refuse_http(const std::string&) { return "this version has no management API"; }

CLI::App* add_dev(CLI::App& to, dev_command& dev) {
    CLI::App* verb = to.add_subcommand("dev", "Serve on loopback without a configuration: MQTT anonymous, AMQP guest/guest");
    port_option(*verb, "--mqtt-port", dev.mqtt_port, "MQTT port (1883)");
    port_option(*verb, "--amqp-port", dev.amqp_port, "AMQP port (5672)");
    port_option(*verb, "--ws-port", dev.ws_port, "Also MQTT over WebSocket on this port");
    verb->add_option_function<std::string>("--http-port", [](const std::string&) {})->check(refuse_http)->group("");
    verb->add_option("--data", dev.data, "Data directory (a temporary one)")->type_name("DIR");
    verb->add_option("--io-threads", dev.io_threads, "Threads for sockets beside the broker's own")
        ->check(CLI::Range(0, 64));
    return verb;
}

CLI::App* add_check(CLI::App& to, check_command& check) {
    CLI::App* verb =
        to.add_subcommand("check", "Check a configuration or a data directory, or print what a configuration may hold");
    CLI::Option_group* one = verb->add_option_group("what");
    one->add_option("--config", check.config_file, "Say what is wrong with a configuration")->type_name("FILE");
    one->add_option("--data", check.data, "Read everything in a data directory that no server uses")->type_name("DIR");
    one->add_flag_callback(
        "--schema", [&check] { check.print = printed::schema; }, "Print the JSON Schema of configurations");
    one->add_flag_callback(
        "--docs", [&check] { check.print = printed::docs; }, "Print all keys as a page");
    one->add_flag_callback(
        "--sample", [&check] { check.print = printed::sample; }, "Print a configuration with every key");
    one->require_option(1);
    return verb;
}

CLI::App* add_passwd(CLI::App& to, passwd_command& passwd) {
    CLI::App* verb = to.add_subcommand("passwd", "Read a password and print its hash for the configuration");
    const auto iterations = [&passwd](std::uint32_t count) { passwd.scram_iterations = count; };
    CLI::Option* scram = verb->add_flag_callback(
        "--scram", [&passwd] { passwd.scram_iterations = passwd.scram_iterations.value_or(tls::scram_iterations_min); },
        "Print a secret for SCRAM-SHA-256 instead (scram_sha_256)");
    verb->add_option_function<std::uint32_t>("--iterations", iterations, "Work of the secret (4096): each login of a client costs it as much")
        ->check(CLI::Range(tls::scram_iterations_min, tls::scram_iterations_max))
        ->needs(scram);
    return verb;
}

}  // namespace

command parse_command_line(int argc, const char* const* argv) {
    CLI::App app("Causeway: MQTT and AMQP 0-9-1 to one broker", "causeway");
    app.set_version_flag("--version", "causeway " CAUSEWAY_VERSION);
    app.require_subcommand(1);
    run_command run;
    dev_command dev;
    check_command check;
    const CLI::App* run_verb = add_run(app, run);
    const CLI::App* dev_verb = add_dev(app, dev);
    const CLI::App* check_verb = add_check(app, check);
    passwd_command passwd;
    const CLI::App* passwd_verb = add_passwd(app, passwd);
    bench_command bench;
    add_bench(app, bench);
    map_command map;
    const CLI::App* map_verb = add_map(app, map);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& stop) {
        return answered{app.exit(stop) == 0 ? exit_code::ok : exit_code::wrong};
    }
    if (run_verb->parsed()) return run;
    if (dev_verb->parsed()) return dev;
    if (check_verb->parsed()) return check;
    if (passwd_verb->parsed()) return passwd;
    if (map_verb->parsed()) return map;
    return bench;
}

}  // namespace causeway::app
