#pragma once
// What to do: the command line, understood.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "bench/url.hpp"

namespace causeway::bench {

enum class work : std::uint8_t { pairs, fan_in, fan_out, publish, offline, connect, retained, subscribe };

struct work_info {
    bench::work work;
    std::string_view name;
    std::string_view help;
    std::uint32_t clients;  // unless the plan says otherwise
};

inline constexpr work_info works[] = {
    {work::pairs, "pairs", "each publisher has a receiver of its own", 50},
    {work::fan_in, "fan-in", "many publishers, one receiver", 100},
    {work::fan_out, "fan-out", "one publisher, many receivers", 100},
    {work::publish, "publish", "nobody receives; durable queues fill up", 1},
    {work::offline, "offline", "receivers are away meanwhile, then come and collect", 100},
    {work::connect, "connect", "log in as fast as possible, then hold the connections", 1000},
    {work::retained, "retained", "store retained messages, then one wildcard subscriber gets them all", 1},
    {work::subscribe, "subscribe", "clients subscribe to many filters each", 10},
};

constexpr const work_info& info_of(work w) { return works[static_cast<std::size_t>(w)]; }

struct plan {
    bench::work work = work::pairs;
    url from{};  // where publishers connect
    url to{};    // where receivers connect
    std::uint32_t clients = 50;
    std::size_t payload_bytes = 64;

    unsigned qos = 0;          // MQTT
    bool v5 = false;           // MQTT 5, else 3.1.1
    bool durable = false;      // persistent sessions; durable queues, delivery mode 2
    bool confirms = false;     // AMQP publishers
    bool manual_acks = false;  // AMQP receivers
    std::uint16_t prefetch = 1000;

    std::uint32_t window = 0;                 // 0: 1,000 shared by all publishers, but at least 20 each
    std::optional<double> rate{};             // messages a second of all publishers; else as fast as the windows allow
    std::optional<std::uint64_t> messages{};  // else for `seconds`
    double seconds = 5;
    std::optional<std::uint32_t> filters{};  // of each receiver, or subscriber; MQTT
    std::optional<std::uint32_t> topics{};   // that each publisher uses in turns; else as many as there are filters
    bool wildcards = false;                  // in these filters
    std::uint32_t lookups = 0;               // retained: subscriptions to a topic each
    std::uint32_t logins = 100;    // at the same time
    double hold_seconds = 0;       // connect
    double patience_seconds = 5;   // how long nothing has to come before what is missing counts as lost

    std::optional<pid_t> pid{};  // the server
    bool json = false;
};

/// Topics that end with a number, which each publisher uses in turns; 0: one without.
constexpr std::uint32_t topics_of(const plan& p) { return p.topics.value_or(p.filters.value_or(0)); }

/// Messages that a publisher may have under way.
constexpr std::uint32_t window_of(const plan& p) {
    if (p.window > 0) return p.window;
    const std::uint32_t publishers = p.work == work::fan_out || p.work == work::retained ? 1 : p.clients;
    return publishers >= 50 ? 20 : 1000 / publishers;
}

}  // namespace causeway::bench
