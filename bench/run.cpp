#include "bench/run.hpp"

#include <algorithm>
#include <cstdio>
#include <random>

#include "bench/interrupt.hpp"
#include "bench/report.hpp"
#include "bench/topics.hpp"
#include "bench/works.hpp"

namespace causeway::bench {

namespace {

std::vector<phase> perform(stage& on) {
    switch (on.how.work) {
        case work::pairs:
        case work::fan_in:
        case work::fan_out:
        case work::publish: return traffic(on);
        case work::offline: return offline(on);
        case work::connect: return connect(on);
        case work::retained: return retained(on);
        case work::subscribe: return subscribe(on);
    }
    return {};
}

outcome complain(const std::string& why) {
    std::fprintf(stderr, "causeway: %s\n", why.c_str());
    return outcome::failed;
}

bool amqp_takes_part(const plan& p) { return p.from.protocol == protocol::amqp || p.to.protocol == protocol::amqp; }

}  // namespace

std::optional<std::string> objection(const plan& p) {
    const bool mqtt_only = p.work == work::retained || p.work == work::subscribe;
    if (mqtt_only && amqp_takes_part(p)) return std::string(info_of(p.work).name) + " is for MQTT alone";
    if (p.work == work::offline && p.to.protocol == protocol::mqtt && p.qos == 0)
        return "sessions that are away get messages of --qos 1 and 2 only";
    if (p.work == work::offline && p.to.protocol == protocol::mqtt && p.from.protocol == protocol::amqp && !p.durable)
        return "sessions that are away get durable messages only: --durable";
    if ((p.filters || p.topics) && amqp_takes_part(p)) return "--filters and --topics are for MQTT alone";
    if (p.work != work::publish && p.topics && *p.topics > p.filters.value_or(0))
        return "nobody would subscribe to more --topics than --filters";
    if (p.wildcards && !p.filters && p.work != work::retained && p.work != work::subscribe)
        return "--wildcards are for --filters";
    if (p.payload_bytes < payload_bytes_min)
        return "a payload holds its number and time: at least " + std::to_string(payload_bytes_min) + " bytes";
    if (p.work == work::retained && p.messages.value_or(0) >= topics_max)
        return "retained takes fewer than 100,000,000 messages";
    if (p.work == work::retained && p.lookups > p.messages.value_or(0)) return "there are no more --lookups than --messages";
    if (p.pid && !usage_of(*p.pid)) return "there is no process " + std::to_string(*p.pid);
    return std::nullopt;
}

outcome run(const plan& p) {
    if (const auto why = objection(p)) return complain(*why);
    auto from = resolve(p.from);
    if (!from) return complain(from.error());
    auto to = resolve(p.to);
    if (!to) return complain(to.error());
    watch_for_interrupts();
    std::vector<phase> done;
    {
        stage on(p, from.value(), to.value(), std::random_device{}());
        done = perform(on);
        if (on.loop.failed()) return complain(on.loop.why());
    }
    std::fputs((p.json ? as_json(p, done) : as_table(p, done)).c_str(), stdout);
    std::fflush(stdout);
    const bool fine = std::all_of(done.begin(), done.end(), [&](const phase& one) { return all_well(one, may_double(p)); });
    return fine ? outcome::all_well : outcome::messages_wrong;
}

}  // namespace causeway::bench
