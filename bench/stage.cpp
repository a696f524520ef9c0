#include "bench/stage.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "bench/clock.hpp"

namespace causeway::bench {

namespace {

constexpr std::uint64_t tick_ns = second_ns / 10;
constexpr std::size_t header_bytes_max = 4096;  // of a packet, beside its payload

std::string hexadecimal(std::uint32_t number) {
    char text[9];
    std::snprintf(text, sizeof text, "%08x", number);
    return text;
}

}  // namespace

stage::stage(const plan& p, remote from_there, remote to_there, std::uint32_t number)
    : how(p),
      from(std::move(from_there)),
      to(std::move(to_there)),
      run(number),
      run_text(hexadecimal(number)),
      loop(p.payload_bytes + header_bytes_max) {}

bool stage::over() const { return loop.failed(); }

void stage::turn(std::uint64_t until_ns) {
    loop.flush();
    if (!over()) loop.wait(woken.empty() ? until_ns : 0);
}

bool stage::wait_until(const std::function<bool()>& done) {
    const auto patience_ns = static_cast<std::uint64_t>(how.patience_seconds * static_cast<double>(second_ns));
    std::uint64_t reads = loop.reads(), quiet_since = now_ns();
    while (!done()) {
        if (over()) return false;
        loop.flush();
        loop.wait(now_ns() + tick_ns);
        const std::uint64_t now = now_ns();
        if (std::exchange(reads, loop.reads()) != loop.reads()) quiet_since = now;
        if (now - quiet_since > patience_ns) return done();
    }
    return !over();
}

bool stage::admit(clients& into, const remote& where, std::uint32_t count, const std::function<duty(std::uint32_t)>& make) {
    const std::uint64_t before = all.ready;
    into.reserve(into.size() + count);
    std::uint32_t made = 0;
    const auto all_in = [&] {
        while (made < count && before + made - all.ready < how.logins && !over()) {
            into.push_back(make_client(where.where.protocol, loop, where, how, all, make(made)));
            ++made;
        }
        progress.show("logging in", static_cast<double>(all.ready - before) / count, all.ready - before, "clients",
                      now_ns());
        return all.ready == before + count;
    };
    const bool in = wait_until(all_in);
    if (!in && !over()) loop.give_up(where.place + " does not answer a login");
    return in;
}

bool stage::settle(clients& who) {
    const std::uint64_t wanted = all.answered + who.size();
    for (const auto& c : who) c->fence();
    return wait_until([&] { return all.answered >= wanted; });
}

void stage::dismiss(clients& who) {
    for (const auto& c : who) c->say_goodbye();
    wait_until([&] { return std::all_of(who.begin(), who.end(), [](const auto& c) { return c->closed(); }); });
    who.clear();
}

route stage::route_of(std::uint32_t topic, std::uint32_t queue) const {
    const std::string name = std::to_string(topic);
    const bool both_amqp = from.where.protocol == protocol::amqp && to.where.protocol == protocol::amqp;
    route r;
    r.topic = "bench/" + run_text + "/" + name;
    r.queue = "bench-" + run_text + "-" + std::to_string(queue);
    if (both_amqp && how.work != work::fan_out) {
        r.key = r.queue;  // the default exchange
    } else {
        r.exchange = "amq.topic";
        r.key = "bench." + run_text + "." + name;
    }
    return r;
}

std::string stage::id(std::string_view role, std::uint32_t number) const {
    return "bench-" + run_text + "-" + std::string(role) + std::to_string(number);
}

}  // namespace causeway::bench
