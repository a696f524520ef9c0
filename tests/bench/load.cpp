// load SCENARIO PORT [SECONDS] [QOS] [CLIENTS]: the load generator. SCENARIO is mqtt, amqp or idle. It logs in, prints
// "ready", and waits for a line on standard input; then it publishes for that long, waits until everything has arrived, and
// prints "delivered N in S s". It goes on holding its connections until standard input ends.

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "tests/bench/scenario.hpp"

namespace {

using namespace causeway::bench;
using steady = std::chrono::steady_clock;

double seconds_since(steady::time_point start) { return std::chrono::duration<double>(steady::now() - start).count(); }

std::unique_ptr<scenario> make(const std::string& name, const options& o, loop& on) {
    if (name == "mqtt") return mqtt_pairs(o, on);
    if (name == "amqp") return amqp_queue(o, on);
    if (name == "idle") return mqtt_idle(o, on);
    std::fprintf(stderr, "load: there is no scenario '%s'\n", name.c_str());
    std::exit(1);
}

void allow_many_files() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

void perform(scenario& s, loop& l, double seconds) {
    const auto start = steady::now();
    s.start();
    while (seconds_since(start) < seconds) l.turn(10);
    s.stop();
    while (!s.drained() && seconds_since(start) < seconds + 10) l.turn(10);
    std::printf("delivered %llu in %.3f s%s\n", static_cast<unsigned long long>(s.delivered()), seconds_since(start),
                s.drained() ? "" : " and lost some");
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fputs("usage: load mqtt|amqp|idle PORT [SECONDS] [QOS] [CLIENTS]\n", stderr);
        return 1;
    }
    options o;
    o.port = static_cast<std::uint16_t>(std::atoi(argv[2]));
    if (argc > 4) o.qos = static_cast<unsigned>(std::atoi(argv[4]));
    if (argc > 5) o.clients = static_cast<unsigned>(std::atoi(argv[5]));
    allow_many_files();
    loop l;
    const auto s = make(argv[1], o, l);
    std::puts("ready");
    std::fflush(stdout);
    std::string line;
    if (std::getline(std::cin, line)) perform(*s, l, argc > 3 ? std::atof(argv[3]) : 1);
    while (std::getline(std::cin, line)) continue;
}
