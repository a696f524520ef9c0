#include "bench/report.hpp"

#include <algorithm>

#include "bench/numbers.hpp"

namespace causeway::bench {

namespace {

constexpr struct {
    std::string_view name;
    double percent;
} percentiles[] = {{"p50", 50}, {"p90", 90}, {"p99", 99}, {"p99.9", 99.9}};

std::string words_of(const url& where, const plan& p) {
    if (where.protocol == protocol::mqtt)
        return std::string(p.v5 ? "MQTT 5" : "MQTT 3.1.1") + " QoS " + std::to_string(p.qos);
    return "AMQP";
}

double per_second(const phase& p) { return p.seconds > 0 ? static_cast<double>(p.count) / p.seconds : 0; }

double micros_each(double cpu_seconds, const phase& p) {
    return p.count > 0 ? cpu_seconds * 1e6 / static_cast<double>(p.count) : 0;
}

// --- for people ---

void line(std::string& out, std::string_view name, const std::string& value) {
    out += "  " + std::string(name) + std::string(name.size() < 14 ? 14 - name.size() : 1, ' ') + value + "\n";
}

std::string durations(const histogram& h) {
    std::string out;
    for (const auto& [name, percent] : percentiles)
        out += std::string(name) + " " + as_duration(h.percentile(percent)) + "   ";
    return out + "max " + as_duration(h.max());
}

std::string costs(const phase& p) {
    std::string out;
    if (p.server_cpu_seconds) out += fixed(micros_each(*p.server_cpu_seconds, p), 3) + " us CPU each";
    if (p.server_resident_bytes) out += ", " + as_bytes(static_cast<double>(*p.server_resident_bytes)) + " resident";
    if (p.server_bytes_each) out += ", " + fixed(*p.server_bytes_each, 0) + " bytes more for each";
    return out;
}

std::string troubles(const phase& p) {
    const std::pair<std::string_view, std::uint64_t> counts[] = {{"lost", p.lost},
                                                                 {"doubled", p.counts.doubled},
                                                                 {"out of order", p.order_matters ? p.counts.misordered : 0},
                                                                 {"refused", p.counts.refused},
                                                                 {"unconfirmed", p.unconfirmed},
                                                                 {"foreign", p.counts.foreign}};
    std::string out;
    for (const auto& [name, count] : counts)
        if (count > 0) out += (out.empty() ? "" : ", ") + with_commas(count) + " " + std::string(name);
    return out.empty() ? "none" : out;
}

void describe(std::string& out, const phase& p) {
    const bool messages = p.unit == "messages";
    line(out, p.name,
         with_commas(p.count) + " " + std::string(p.unit) + " in " + fixed(p.seconds, 2) +
             " s: " + with_commas(static_cast<std::uint64_t>(per_second(p))) + " a second");
    if (p.times_deliveries && p.counts.delivery.count() > 0) line(out, "delivery", durations(p.counts.delivery));
    if (p.counts.confirmation.count() > 0) line(out, messages ? "confirmation" : "login", durations(p.counts.confirmation));
    if (messages) line(out, "trouble", troubles(p));
    if (p.server_cpu_seconds) line(out, "server", costs(p));
    line(out, "generator", fixed(micros_each(p.own_cpu_seconds, p), 3) + " us CPU each");
}

// --- for programs ---

void member(std::string& out, std::string_view name, const std::string& json) {
    if (!out.ends_with('{')) out += ", ";
    out += "\"" + std::string(name) + "\": " + json;
}

std::string quoted(std::string_view plain) { return "\"" + std::string(plain) + "\""; }

std::string json_of(const histogram& h) {
    std::string out = "{";
    for (const auto& [name, percent] : percentiles) member(out, name, std::to_string(h.percentile(percent)));
    member(out, "max", std::to_string(h.max()));
    return out + "}";
}

std::string json_of(const phase& p) {
    std::string out = "{";
    member(out, "name", quoted(p.name));
    member(out, "unit", quoted(p.unit));
    member(out, "count", std::to_string(p.count));
    member(out, "seconds", fixed(p.seconds, 6));
    member(out, "per_second", fixed(per_second(p), 1));
    const std::pair<std::string_view, std::uint64_t> counts[] = {{"published", p.counts.published},
                                                                 {"confirmed", p.counts.confirmed},
                                                                 {"refused", p.counts.refused},
                                                                 {"received", p.counts.received},
                                                                 {"lost", p.lost},
                                                                 {"doubled", p.counts.doubled},
                                                                 {"misordered", p.counts.misordered},
                                                                 {"unconfirmed", p.unconfirmed},
                                                                 {"foreign", p.counts.foreign}};
    for (const auto& [name, count] : counts) member(out, name, std::to_string(count));
    if (p.times_deliveries) member(out, "delivery_ns", json_of(p.counts.delivery));
    if (p.counts.confirmation.count() > 0) member(out, "confirmation_ns", json_of(p.counts.confirmation));
    member(out, "generator_cpu_us_each", fixed(micros_each(p.own_cpu_seconds, p), 4));
    if (p.server_cpu_seconds) member(out, "server_cpu_us_each", fixed(micros_each(*p.server_cpu_seconds, p), 4));
    if (p.server_resident_bytes) member(out, "server_resident_bytes", std::to_string(*p.server_resident_bytes));
    if (p.server_bytes_each) member(out, "server_bytes_each", fixed(*p.server_bytes_each, 1));
    return out + "}";
}

}  // namespace

bool may_double(const plan& p) { return p.to.protocol == protocol::mqtt ? p.qos == 1 : p.manual_acks; }

std::string title(const plan& p) {
    std::string out = std::string(info_of(p.work).name) + ": " + with_commas(p.clients) +
                      (p.clients == 1 ? " client, " : " clients, ") + words_of(p.from, p);
    if (p.to.protocol != p.from.protocol) out += " to " + words_of(p.to, p);
    if (p.durable) out += ", durable";
    if (p.confirms) out += ", confirms";
    if (p.manual_acks) out += ", manual acks";
    if (p.work == work::connect || p.work == work::subscribe) return out;
    out += ", " + with_commas(p.payload_bytes) + " bytes";
    return out + (p.rate ? ", " + fixed(*p.rate, 0) + " a second" : ", " + with_commas(window_of(p)) + " under way each");
}

std::string as_table(const plan& p, const std::vector<phase>& done) {
    std::string out = title(p) + "\n";
    for (const phase& one : done) describe(out, one);
    return out;
}

std::string as_json(const plan& p, const std::vector<phase>& done) {
    std::string out = "{";
    member(out, "work", quoted(info_of(p.work).name));
    member(out, "title", quoted(title(p)));
    std::string phases;
    for (const phase& one : done) phases += (phases.empty() ? "" : ", ") + json_of(one);
    member(out, "phases", "[" + phases + "]");
    return out + "}\n";
}

}  // namespace causeway::bench
