#include "app/cli_bench.hpp"

#include <map>

#include "bench/stamp.hpp"

namespace causeway::app {

namespace {

constexpr const char* examples = R"(Examples:
  causeway bench                                   50 pairs on an MQTT server on this machine
  causeway bench fan-out -c 1000 --qos 1 --mqtt 5  one publisher, 1,000 subscribers
  causeway bench --rate 5000 -c 100 --qos 1        5,000 messages a second: how long do they take?
  causeway bench -c 1 --url amqp://guest:guest@localhost --durable --confirms --manual-acks
  causeway bench --qos 1 --to amqp://localhost     MQTT publishers, AMQP queues
  causeway bench offline -n 50000 --qos 1          for sessions that are away, which then collect
  causeway bench connect -c 10000 --hold 10 --pid $(pidof causeway)

The exit status is 0 if every message arrived once and in order, 1 if not, 2 if the work could not be done.)";

using texts = std::vector<std::string>;

/// A URL is checked and understood where it is given.
CLI::Option* url_option(CLI::App& to, const std::string& name, bench::url& into, const std::string& what) {
    return to
        .add_option_function<std::string>(
            name, [&into](const std::string& text) { into = bench::parse_url(text).value(); }, what)
        ->check(
            [](const std::string& text) { return bench::parse_url(text) ? std::string() : bench::parse_url(text).error(); },
            "")
        ->type_name("URL");
}

void add_work(CLI::App& to, bench_command& bench) {
    std::map<std::string, bench::work> names;
    std::string help = "What to do (pairs):";
    for (const bench::work_info& one : bench::works) {
        names.emplace(one.name, one.work);
        help += "\n  " + std::string(one.name) + ": " + std::string(one.help);
    }
    to.add_option("work", bench.work, help)->transform(CLI::CheckedTransformer(names).description(""))->type_name("WORK");
}

void add_traffic(CLI::App& to, bench_command& bench) {
    to.add_option("-s,--payload", bench.payload_bytes, "Bytes of each payload (64)")
        ->check(CLI::Range(bench::payload_bytes_min, std::size_t{256} << 20))
        ->type_name("BYTES");
    to.add_option("-t,--seconds", bench.seconds, "How long to publish (5)")
        ->check(CLI::Range(0.001, 1e6))
        ->type_name("SECONDS");
    to.add_option("-n,--messages", bench.messages, "Publish so many instead")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 50))
        ->type_name("COUNT");
    to.add_option("--rate", bench.rate,
                  "Messages a second of all publishers, whatever the server does (as fast as it answers)")
        ->check(CLI::Range(0.001, 1e9))
        ->type_name("COUNT");
    to.add_option("--window", bench.window, "Messages of each publisher under way (1,000 between all, at least 20)")
        ->check(CLI::Range(1, 1'000'000))
        ->type_name("COUNT");
    to.add_flag("--durable", bench.durable, "Persistent sessions, durable queues and messages");
    to.add_option("--patience", bench.patience_seconds, "How long nothing comes before the rest counts as lost (5)")
        ->check(CLI::Range(0.1, 1e6))
        ->type_name("SECONDS");
}

void add_protocols(CLI::App& to, bench_command& bench) {
    to.add_option("--qos", bench.qos, "MQTT: quality of service (0)")->check(CLI::Range(0, 2));
    to.add_option("--mqtt", bench.v5, "MQTT: the version, 3.1.1 or 5 (3.1.1)")
        ->transform(CLI::CheckedTransformer(std::map<std::string, bool>{{"3.1.1", false}, {"5", true}, {"5.0", true}})
                        .description(""))
        ->type_name("VERSION");
    to.add_flag("--confirms", bench.confirms, "AMQP: the server confirms what is published");
    to.add_flag("--manual-acks", bench.manual_acks, "AMQP: each message is acknowledged");
    to.add_option("--prefetch", bench.prefetch, "AMQP: unacknowledged messages of a consumer (1000)")->type_name("COUNT");
}

void add_topics(CLI::App& to, bench_command& bench) {
    to.add_option("--filters", bench.filters, "MQTT: subscriptions of each receiver, each to a topic of its own (subscribe: 1000)")
        ->check(CLI::Range(1, 99'999'999))
        ->type_name("COUNT");
    to.add_option("--topics", bench.topics, "MQTT: topics that each publisher uses in turns (as many as --filters)")
        ->check(CLI::Range(1, 99'999'999))
        ->type_name("COUNT");
    to.add_flag("--wildcards", bench.wildcards, "These filters have + and #");
    to.add_option("--lookups", bench.lookups, "retained: then so many subscriptions to a topic each (0)")
        ->check(CLI::Range(1, 99'999'999))
        ->type_name("COUNT");
}

void add_server(CLI::App& to, bench_command& bench) {
    to.add_option("--pid", bench.pid, "Process of the server on this machine: what it costs is measured, too")
        ->check(CLI::PositiveNumber)
        ->type_name("PID");
    to.add_option("--hold", bench.hold_seconds, "connect: how long to keep the connections (0)")
        ->check(CLI::Range(0.0, 1e6))
        ->type_name("SECONDS");
    add_topics(to, bench);
    to.add_option("--logins", bench.logins, "Clients that log in at the same time (100)")
        ->check(CLI::Range(1, 100'000))
        ->type_name("COUNT");
    to.add_flag("--json", bench.json, "Print JSON");
}

}  // namespace

CLI::App* add_bench(CLI::App& to, bench_command& bench) {
    CLI::App* verb = to.add_subcommand("bench", "Put load on this or any other MQTT or AMQP server, and measure");
    verb->footer(examples);
    add_work(*verb, bench);
    url_option(*verb, "--url", bench.from, "The server (mqtt://127.0.0.1:1883, amqp://guest:guest@127.0.0.1:5672/vhost)");
    const CLI::Option* there =
        url_option(*verb, "--to", bench.to, "Where receivers connect, if not there: also of the other protocol");
    const CLI::Option* clients = verb->add_option("-c,--clients", bench.clients,
                                                  "Pairs, publishers, receivers or connections: what the work has many of")
                                     ->check(CLI::Range(1, 1'000'000))
                                     ->type_name("COUNT");
    add_traffic(*verb, bench);
    add_protocols(*verb, bench);
    add_server(*verb, bench);
    verb->callback([&bench, there, clients] {
        if (there->count() == 0) bench.to = bench.from;
        if (clients->count() == 0) bench.clients = info_of(bench.work).clients;
        if (bench.work == bench::work::retained && !bench.messages) bench.messages = 20'000;
        if (bench.work == bench::work::offline && !bench.messages) bench.messages = 50'000;
    });
    return verb;
}

}  // namespace causeway::app
