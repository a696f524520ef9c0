// The works that are about what clients cost, not messages: logging in and staying, and subscribing.

#include <algorithm>

#include "bench/clock.hpp"
#include "bench/interrupt.hpp"
#include "bench/works.hpp"

namespace causeway::bench {

namespace {

constexpr std::uint32_t filters_unless_told = 1000;
constexpr std::uint32_t first_clients_max = 200;  // they make the server allocate what all connections share

std::uint64_t resident(const stage& on) {
    const auto now = on.how.pid ? usage_of(*on.how.pid) : std::nullopt;
    return now ? now->resident_bytes : 0;
}

void note_growth(phase& p, std::uint64_t before) {
    if (!p.server_resident_bytes) return;
    const double grown = static_cast<double>(*p.server_resident_bytes) - static_cast<double>(before);
    p.server_bytes_each = grown / static_cast<double>(std::max<std::uint64_t>(1, p.count));
}

void hold(stage& on) {
    const std::uint64_t from = now_ns();
    const std::uint64_t until = from + static_cast<std::uint64_t>(on.how.hold_seconds * static_cast<double>(second_ns));
    for (std::uint64_t now = from; now < until && !on.over() && !interrupted(); now = now_ns()) {
        on.progress.show("holding", static_cast<double>(now - from) / static_cast<double>(until - from), on.all.ready,
                         "connections", now);
        on.turn(std::min(until, now + second_ns / 5));
    }
}

/// Logs in and measures how that went.
void ramp(stage& on, clients& who, std::uint32_t count, const std::function<duty(std::uint32_t)>& make, phase& p) {
    const std::uint64_t memory_before = resident(on);
    on.all.logins = {};
    const stopwatch watch(on.how.pid);
    if (!on.admit(who, on.from, count, make)) return;
    watch.stop(p);
    p.counts.confirmation = on.all.logins;
    note_growth(p, memory_before);
}

}  // namespace

std::vector<phase> connect(stage& on) {
    std::vector<phase> done(1);
    phase& p = done.front();
    p.name = "connect";
    p.unit = "connections";
    const std::uint32_t first = std::min(first_clients_max, on.how.clients / 10);
    const auto somebody = [&](std::uint32_t number) { return duty{.id = on.id("idle", number)}; };
    clients who;
    if (first > 0 && !on.admit(who, on.from, first, somebody)) return done;
    p.count = on.how.clients - first;
    ramp(
        on, who, on.how.clients - first, [&](std::uint32_t i) { return somebody(first + i); }, p);
    if (on.over()) return done;
    hold(on);
    on.dismiss(who);
    return done;
}

std::vector<phase> subscribe(stage& on) {
    std::vector<phase> done(1);
    phase& p = done.front();
    p.name = "subscribe";
    p.unit = "subscriptions";
    const std::uint32_t filters = on.how.filters.value_or(filters_unless_told);
    p.count = std::uint64_t{on.how.clients} * filters;
    const auto subscriber = [&](std::uint32_t number) {
        duty d{.id = on.id("subscriber", number)};
        d.route.topic = on.route_of(number, number).topic + "/";
        d.filters = filters;
        d.wildcards = on.how.wildcards;
        return d;
    };
    clients who;
    ramp(on, who, on.how.clients, subscriber, p);
    if (!on.over()) on.dismiss(who);
    return done;
}

}  // namespace causeway::bench
