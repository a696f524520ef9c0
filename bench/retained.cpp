// Retained messages: each on a topic of its own, then all of them to one wildcard subscriber.

#include <algorithm>

#include "bench/clock.hpp"
#include "bench/mqtt_client.hpp"
#include "bench/pump.hpp"
#include "bench/works.hpp"

namespace causeway::bench {

namespace {

void store(stage& on, const std::string& topic, senders& one, clients& publisher, phase& p) {
    sender::terms t;
    t.run = on.run;
    t.window = window_of(on.how);
    t.confirms = on.how.qos > 0;
    one.push_back(std::make_unique<sender>(t, p.counts, on.woken));
    const auto storing = [&](std::uint32_t) {
        duty d{.id = on.id("sender", 0), .route = {.topic = topic}, .sender = one.front().get()};
        d.retain = d.numbered_topic = true;
        return d;
    };
    if (!on.admit(publisher, on.from, 1, storing)) return;
    const stopwatch watch(on.how.pid);
    pump(on, one).run();
    on.wait_until([&] { return one.front()->all_confirmed(); });
    on.settle(publisher);
    watch.stop(p);
    p.count = p.counts.published;
    p.unconfirmed = t.confirms ? p.count - p.counts.confirmed - p.counts.refused : 0;
}

/// A subscriber with these filters gets so many.
void fetch(stage& on, const duty& filters, senders& one, phase& p, std::uint64_t expected) {
    p.order_matters = false;
    receiver got(on.run, one, 0, 1, p.counts);
    const auto watching = [&](std::uint32_t) {
        duty d = filters;
        d.id = on.id("receiver", 0);
        d.receiver = &got;
        return d;
    };
    clients subscriber;
    const stopwatch watch(on.how.pid);
    if (!on.admit(subscriber, on.to, 1, watching)) return;
    on.wait_until([&] { return p.counts.received >= expected; });
    watch.stop(p);
    p.count = p.counts.received;
    p.lost = expected - std::min(expected, p.counts.received);
    on.dismiss(subscriber);
}

/// An empty retained message takes away the one of its topic (MQTT 3.3.1.3).
void clear(stage& on, const std::string& topic, clients& publisher, std::uint64_t count) {
    plan empty = on.how;
    empty.qos = 0;
    empty.payload_bytes = 0;
    const message_template m = mqtt_message(empty, topic, true, true);
    client& by = *publisher.front();
    for (std::uint64_t number = 0; number < count && !on.over();) {
        for (; number < count && by.pending() < connection::pending_bytes_max; ++number)
            write_topic_digits(by.send(m.bytes) + m.digits_at, number);
        on.loop.flush();
        on.loop.wait(by.pending() > 0 ? now_ns() + second_ns : 0);
    }
    on.settle(publisher);
    on.dismiss(publisher);
}

/// One for one, spread evenly over all topics.
void look_up(stage& on, const std::string& topic, senders& one, phase& p, std::uint64_t stored) {
    duty d{.route = {.topic = topic}};
    d.filters = on.how.lookups;
    d.filter_step = stored / on.how.lookups;
    d.wildcards = p.name == "wildcard";
    fetch(on, d, one, p, on.how.lookups);
}

std::vector<phase> named(std::initializer_list<std::string_view> names) {
    std::vector<phase> made;
    for (const std::string_view name : names) made.push_back({.name = name});
    return made;
}

std::vector<phase> phases_of(const plan& p) {
    if (p.lookups == 0) return named({"store", "fetch"});
    return p.wildcards ? named({"store", "fetch", "exact", "wildcard"}) : named({"store", "fetch", "exact"});
}

}  // namespace

std::vector<phase> retained(stage& on) {
    std::vector<phase> done = phases_of(on.how);
    phase& in = done[0];
    const std::string topic = "bench/" + on.run_text + "/retained/";
    senders one;
    clients publisher;
    store(on, topic, one, publisher, in);
    if (!on.over())
        fetch(on, {.route = {.topic = topic + "#"}}, one, done[1], in.counts.published - in.counts.refused);
    for (std::size_t i = 2; i < done.size() && !on.over(); ++i) look_up(on, topic, one, done[i], in.counts.published);
    if (!on.over()) clear(on, topic, publisher, in.counts.published);
    return done;
}

}  // namespace causeway::bench
