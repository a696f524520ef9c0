// What a queue gives up goes to its dead-letter exchange with RabbitMQ's x-death headers. A message that comes back to a
// queue without having been rejected on the way is dropped, so that cycles end.

#include "core/broker.hpp"

namespace causeway::core {

namespace {

bool is_text(const field_value* value, std::string_view text) {
    return value && as_text(*value) && *as_text(*value) == text;
}

field_array deaths_of(const field_table& headers) {
    const field_value* all = find(headers, "x-death");
    const field_array* array = all ? std::get_if<field_array>(&all->base()) : nullptr;
    return array ? *array : field_array();
}

void set(field_table& table, std::string_view name, field_value value) {
    std::erase_if(table, [name](const auto& header) { return header.first == name; });
    table.emplace_back(std::string(name), std::move(value));
}

/// Takes the record of an earlier death of this kind out of the list and returns how often it was.
std::int64_t take_count(field_array& deaths, std::string_view queue, std::string_view reason) {
    for (auto at = deaths.begin(); at != deaths.end(); ++at) {
        const auto* death = std::get_if<field_table>(&at->base());
        if (!death || !is_text(find(*death, "queue"), queue) || !is_text(find(*death, "reason"), reason)) continue;
        std::int64_t count = 0;
        if (const field_value* c = find(*death, "count")) as_integer(*c, count);
        deaths.erase(at);
        return count;
    }
    return 0;
}

void add_death(properties& p, const queue& from, const message& m, drop_reason reason, std::int64_t now_wall_ms) {
    field_array deaths = deaths_of(p.headers);
    field_table death;
    death.emplace_back("count", take_count(deaths, from.name(), name_of(reason)) + 1);
    death.emplace_back("reason", std::string(name_of(reason)));
    death.emplace_back("queue", from.name());
    death.emplace_back("time", timestamp{static_cast<std::uint64_t>(now_wall_ms / 1000)});
    death.emplace_back("exchange", std::string(m.exchange()));
    death.emplace_back("routing-keys", field_array{field_value(std::string(m.name()))});
    deaths.insert(deaths.begin(), field_value(std::move(death)));
    if (!find(p.headers, "x-first-death-reason")) {
        set(p.headers, "x-first-death-reason", std::string(name_of(reason)));
        set(p.headers, "x-first-death-queue", from.name());
        set(p.headers, "x-first-death-exchange", std::string(m.exchange()));
    }
    set(p.headers, "x-death", std::move(deaths));
}

/// Has it died in this queue before, with nobody having rejected it since? The latest deaths come first. What stands behind the
/// one in this queue counts for nothing: it is older, or a publisher has made it up.
bool is_cycle(const message& m, const queue& to) {
    for (const field_value& value : deaths_of(m.properties().headers)) {
        const auto* death = std::get_if<field_table>(&value.base());
        if (!death) continue;
        if (is_text(find(*death, "reason"), name_of(drop_reason::rejected))) return false;
        if (is_text(find(*death, "queue"), to.name())) return true;
    }
    return false;
}

}  // namespace

void broker::dead_letter(const queue& from, const entry& e, drop_reason reason) {
    message_parts parts = e.message->parts();
    parts.neutral = std::make_unique<properties>(e.message->properties());
    add_death(*parts.neutral, from, *e.message, reason, now_.wall_ms);
    parts.raw_properties = {};
    parts.expires_wall_ms = 0;
    parts.retain = false;
    parts.exchange = *from.limits().dead_letter_exchange;
    if (from.limits().dead_letter_routing_key) {
        parts.from = origins_.amqp;
        parts.name = *from.limits().dead_letter_routing_key;
    }
    dead_.push_back({message::make(std::move(parts)), *from.limits().dead_letter_exchange});
}

void broker::publish_dead_letters() {
    for (std::size_t i = 0; i < dead_.size(); ++i) {  // publishing may add more
        const dead letter = dead_[i];
        exchange* to = find_exchange(letter.exchange);
        if (!to) continue;
        targets where = route(*to, *letter.copy);
        std::erase_if(where, [&](const target& t) { return is_cycle(*letter.copy, *t.to); });
        deliver(where, letter.copy, 0);
    }
    dead_.clear();
}

}  // namespace causeway::core
