#include "protocols/mqtt/sys_topics.hpp"

#include <charconv>
#include <cmath>
#include <iterator>

#include "base/check.hpp"

namespace causeway::mqtt {

namespace {

const core::traffic& traffic_of(const core::broker& b) { return b.traffic(core::protocol::mqtt); }

/// Lost for want of room somewhere, or of a way to be written; not by anybody's wish or age.
std::uint64_t dropped(const core::broker& b) {
    std::uint64_t sum = 0;
    for (const core::drop_reason why : {core::drop_reason::maxlen, core::drop_reason::too_large, core::drop_reason::unmappable,
                                        core::drop_reason::commit_failed})
        sum += b.counted().dropped[static_cast<std::size_t>(why)];
    return sum;
}

std::uint64_t away(const core::broker& b) { return b.session_count() - std::min<std::uint64_t>(b.session_count(), traffic_of(b).connected); }

struct number {
    std::string_view name;
    std::uint64_t (*value)(const core::broker&);
};

using broker = const core::broker&;

constexpr number numbers[] = {
    {"bytes/received", [](broker b) { return traffic_of(b).in.bytes; }},
    {"bytes/sent", [](broker b) { return traffic_of(b).out.bytes; }},
    {"clients/active", [](broker b) { return traffic_of(b).connected; }},
    {"clients/connected", [](broker b) { return traffic_of(b).connected; }},
    {"clients/disconnected", away},
    {"clients/expired", [](broker b) { return b.counted().expired_sessions; }},
    {"clients/inactive", away},
    {"clients/maximum", [](broker b) { return traffic_of(b).connected_max; }},
    {"clients/total", [](broker b) { return std::uint64_t{b.session_count()}; }},
    {"messages/inflight", [](broker b) { return traffic_of(b).in_flight; }},
    {"messages/received", [](broker b) { return traffic_of(b).in.packets; }},
    {"messages/sent", [](broker b) { return traffic_of(b).out.packets; }},
    {"messages/stored", [](broker b) { return std::uint64_t{b.memory().messages}; }},
    {"publish/bytes/received", [](broker b) { return traffic_of(b).in.message_bytes; }},
    {"publish/bytes/sent", [](broker b) { return traffic_of(b).out.message_bytes; }},
    {"publish/messages/dropped", dropped},
    {"publish/messages/received", [](broker b) { return traffic_of(b).in.messages; }},
    {"publish/messages/sent", [](broker b) { return traffic_of(b).out.messages; }},
    {"retained messages/count", [](broker b) { return std::uint64_t{b.retained_messages().size()}; }},
    {"shared_subscriptions/count", [](broker b) { return std::uint64_t{b.shared_subscription_count()}; }},
    {"store/messages/bytes", [](broker b) { return std::uint64_t{b.memory().bytes}; }},
    {"store/messages/count", [](broker b) { return std::uint64_t{b.memory().messages}; }},
    {"subscriptions/count", [](broker b) { return std::uint64_t{b.subscription_count()}; }},
};

/// Totals whose growth per minute is averaged.
constexpr number loads[] = {
    {"bytes/received", [](broker b) { return traffic_of(b).in.bytes; }},
    {"bytes/sent", [](broker b) { return traffic_of(b).out.bytes; }},
    {"connections", [](broker b) { return traffic_of(b).logins; }},
    {"messages/received", [](broker b) { return traffic_of(b).in.packets; }},
    {"messages/sent", [](broker b) { return traffic_of(b).out.packets; }},
    {"publish/dropped", dropped},
    {"publish/received", [](broker b) { return traffic_of(b).in.messages; }},
    {"publish/sent", [](broker b) { return traffic_of(b).out.messages; }},
    {"sockets", [](broker b) { return traffic_of(b).sockets; }},
};

struct period {
    std::string_view name;
    double ms;
};
constexpr period periods[] = {{"/1min", 60'000}, {"/5min", 300'000}, {"/15min", 900'000}};

std::string with_two_decimals(double value) {
    char text[400];  // the largest double has 309 digits
    const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, 2);
    ENSURE(end.ec == std::errc());
    return {text, end.ptr};
}

std::string topic_name(std::string_view end) { return std::string(core::own_level) + "/broker/" + std::string(end); }

}  // namespace

sys_topics::sys_topics(core::broker& about, std::uint32_t interval_s, std::string version)
    : broker_(about),
      timer_(about.timers(), [this] { say_all(); }),
      interval_ms_(std::int64_t{interval_s} * 1000),
      started_ms_(about.now().steady_ms),
      last_ms_(started_ms_),
      version_{topic_name("version"), {}},
      uptime_{topic_name("uptime"), {}},
      loads_(std::size(loads)) {
    if (interval_s == 0) return;
    for (const number& each : numbers) numbers_.push_back({topic_name(each.name), {}});
    for (const number& each : loads)
        for (const period& p : periods)
            averages_.push_back({topic_name("load/" + std::string(each.name) + std::string(p.name)), {}});
    for (std::size_t i = 0; i < loads_.size(); ++i) loads_[i].total = loads[i].value(broker_);
    say(version_, std::move(version));
    say_all();
}

void sys_topics::say_all() {
    const std::int64_t now = broker_.now().steady_ms;
    say(uptime_, std::to_string((now - started_ms_) / 1000) + " seconds");
    for (std::size_t i = 0; i < numbers_.size(); ++i) say(numbers_[i], std::to_string(numbers[i].value(broker_)));
    say_loads(now - last_ms_);
    last_ms_ = now;
    timer_.arm_in(interval_ms_);
}

/// Each average moves from where it was towards what happened since, the further the longer that was: the weight of a past
/// value falls by e in each period.
void sys_topics::say_loads(std::int64_t elapsed_ms) {
    const auto elapsed = static_cast<double>(elapsed_ms);
    for (std::size_t i = 0; i < loads_.size(); ++i) {
        const std::uint64_t total = loads[i].value(broker_);
        const double fresh = elapsed_ms == 0 ? 0 : static_cast<double>(total - loads_[i].total) * 60'000 / elapsed;
        loads_[i].total = total;
        for (std::size_t p = 0; p < std::size(periods); ++p) {
            double& average = loads_[i].per_minute[p];
            average = fresh + std::exp(-elapsed / periods[p].ms) * (average - fresh);
            say(averages_[std::size(periods) * i + p], with_two_decimals(average));
        }
    }
}

void sys_topics::say(topic& what, std::string value) {
    if (value == what.said) return;
    what.said = std::move(value);
    broker_.announce(core::message::make({.from = broker_.origins().mqtt,
                                          .exchange = broker_.mqtt_exchange().name(),
                                          .name = what.name,
                                          .raw_properties = {},
                                          .payload = what.said,
                                          .qos = core::qos::exactly_once,
                                          .durable = false,
                                          .retain = true,
                                          .expires_wall_ms = 0,
                                          .by = nullptr,
                                          .neutral = nullptr,
                                          .account = nullptr}));
}

}  // namespace causeway::mqtt
