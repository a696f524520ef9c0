#include "bench/cast.hpp"

#include <algorithm>

#include "bench/interrupt.hpp"

namespace causeway::bench {

namespace {

constexpr std::uint32_t open_loop_window = 4096;
constexpr std::uint64_t topic_step = 1'000'003;  // a prime: topics take turns, but neighbours do not follow each other

}  // namespace

cast::cast(stage& on) : on_(on), sender_count_(on.how.clients), receiver_count_(on.how.clients) {
    if (on.how.work == work::fan_out) sender_count_ = 1;
    if (on.how.work == work::fan_in) receiver_count_ = 1;
    if (on.how.work == work::publish && on.to.where.protocol == protocol::mqtt) receiver_count_ = 0;
}

bool cast::confirms() const { return on_.from.where.protocol == protocol::mqtt ? on_.how.qos > 0 : on_.how.confirms; }

bool cast::received_at_once() const { return on_.how.work != work::publish && on_.how.work != work::offline; }

std::uint64_t cast::copies() const {
    if (on_.how.work == work::publish) return 0;
    return on_.how.work == work::fan_out ? receiver_count_ : 1;
}

void cast::make_senders(meter& counts) {
    sender::terms t;
    t.run = on_.run;
    t.window = on_.how.rate && on_.how.window == 0 ? open_loop_window : window_of(on_.how);
    t.copies = received_at_once() && !on_.how.rate ? static_cast<std::uint32_t>(copies()) : 0;
    t.confirms = confirms();
    if (const std::uint32_t topics = topics_of(on_.how)) {
        t.topics = topics;
        t.topic_step = topic_step;
    }
    for (; t.index < sender_count_; ++t.index) senders_.push_back(std::make_unique<sender>(t, counts, on_.woken));
}

duty cast::receiving_duty(std::uint32_t number, visit v) {
    duty d;
    d.id = on_.id("receiver", number);
    d.route = on_.route_of(receiver_count_ == sender_count_ ? number : 0, number);
    d.receiver = receivers_[number].get();
    d.visit = v;
    d.filters = on_.how.filters.value_or(0);
    d.wildcards = on_.how.wildcards;
    if (d.filters > 0) d.route.topic += "/";
    return d;
}

bool cast::bring_receivers(visit v, phase& p) {
    if (senders_.empty()) make_senders(p.counts);
    const std::uint32_t each = on_.how.work == work::fan_in ? sender_count_ : 1;
    for (auto i = static_cast<std::uint32_t>(receivers_.size()); i < receiver_count_; ++i)
        receivers_.push_back(
            std::make_unique<receiver>(on_.run, senders_, sender_count_ == receiver_count_ ? i : 0, each, p.counts));
    for (const auto& r : receivers_) r->count_into(p.counts);
    return on_.admit(receiving_, on_.to, receiver_count_, [&](std::uint32_t i) { return receiving_duty(i, v); });
}

bool cast::bring_senders() {
    return on_.admit(sending_, on_.from, sender_count_, [&](std::uint32_t i) {
        duty d;
        d.id = on_.id("sender", i);
        d.route = on_.route_of(on_.how.work == work::fan_in ? 0 : i, on_.how.work == work::fan_in ? 0 : i);
        d.sender = senders_[i].get();
        d.numbered_topic = topics_of(on_.how) > 0;
        if (d.numbered_topic) d.route.topic += "/";
        return d;
    });
}

std::uint64_t cast::unconfirmed(const phase& p) const {
    return confirms() ? p.counts.published - p.counts.confirmed - p.counts.refused : 0;
}

void cast::publish(phase& p) {
    const stopwatch watch(on_.how.pid);
    pump(on_, senders_).run();
    const auto expected = [&] { return received_at_once() ? (p.counts.published - p.counts.refused) * copies() : 0; };
    on_.wait_until([&] { return unconfirmed(p) == 0 && p.counts.received >= expected(); });
    if (!received_at_once() && !confirms()) on_.settle(sending_);
    watch.stop(p);
    p.unconfirmed = unconfirmed(p);
    p.lost = expected() - std::min(expected(), p.counts.received);
    p.count = received_at_once() ? p.counts.received : p.counts.published;
    p.times_deliveries = received_at_once();
}

void cast::collect(phase& p, std::uint64_t expected) {
    on_.wait_until([&] {
        on_.progress.show("collecting", static_cast<double>(p.counts.received) / static_cast<double>(expected),
                          p.counts.received, "messages", on_.loop.now());
        return p.counts.received >= expected || interrupted();
    });
    p.lost = expected - std::min(expected, p.counts.received);
    p.count = p.counts.received;
}

void cast::remove_what_stays() {
    const bool stays = on_.how.durable || !received_at_once();
    on_.dismiss(receiving_);
    if (!stays || receiver_count_ == 0) return;
    for (const auto& r : receivers_) r->count_into(nobodys_);
    if (on_.admit(receiving_, on_.to, receiver_count_, [&](std::uint32_t i) { return receiving_duty(i, visit::remove); }))
        on_.dismiss(receiving_);
}

void cast::close() {
    on_.dismiss(sending_);
    remove_what_stays();
}

}  // namespace causeway::bench
