// What a queue gives up goes to its dead-letter exchange with RabbitMQ's x-death headers. A message that comes back to a
// queue without having been rejected on the way is dropped, so that cycles end.

#include <cstdint>
#include <iterator>

#include "core/broker.hpp"

namespace causeway::core {

namespace {

/// Dead letters of dead letters, of one turn.
constexpr std::size_t caused_by_deaths_max = 10'000;
/// The queues that these may be given to.
constexpr std::size_t reached_by_caused_max = 100'000;
/// Where one goes that nobody else's have caused, when these have used that up: it is not to be lost for them.
constexpr std::size_t reached_even_so_max = 100;

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

/// The record of an earlier death of this kind, taken out of the list; empty if there is none.
field_table take_earlier(field_array& deaths, std::string_view queue, std::string_view reason) {
    for (auto at = deaths.begin(); at != deaths.end(); ++at) {
        auto* death = std::get_if<field_table>(&*at);
        if (!death || !is_text(find(*death, "queue"), queue) || !is_text(find(*death, "reason"), reason)) continue;
        field_table found = std::move(*death);
        deaths.erase(at);
        return found;
    }
    return {};
}

std::vector<std::string> keys_in(const field_table& headers, std::string_view header) {
    std::vector<std::string> keys;
    const field_value* value = find(headers, header);
    if (const auto* array = value ? std::get_if<field_array>(&value->base()) : nullptr)
        for (const field_value& key : *array)
            if (const std::string* text = as_text(key)) keys.push_back(*text);
    return keys;
}

field_table new_death(const queue& from, const message& m, drop_reason reason, std::int64_t now_wall_ms) {
    field_array keys{field_value(std::string(m.name()))};
    for (std::string& key : keys_in(m.properties().headers, "CC")) keys.emplace_back(std::move(key));
    field_table death;
    death.emplace_back("count", std::int64_t{1});
    death.emplace_back("reason", std::string(name_of(reason)));
    death.emplace_back("queue", from.name());
    death.emplace_back("time", timestamp{static_cast<std::uint64_t>(now_wall_ms / 1000)});
    death.emplace_back("exchange", std::string(m.exchange()));
    death.emplace_back("routing-keys", std::move(keys));
    if (m.origin())
        if (auto expiration = m.origin()->expiration_of(m.raw_properties()))
            death.emplace_back("original-expiration", std::move(*expiration));
    return death;
}

void name_death(field_table& headers, const std::string& prefix, const queue& from, const message& m, drop_reason reason) {
    set(headers, prefix + "exchange", std::string(m.exchange()));
    set(headers, prefix + "queue", from.name());
    set(headers, prefix + "reason", std::string(name_of(reason)));
}

/// The latest death stands first. One that has been before is counted, and says still when it was first.
void add_death(field_table& headers, const queue& from, const message& m, drop_reason reason, std::int64_t now_wall_ms) {
    field_array deaths = deaths_of(headers);
    field_table death = take_earlier(deaths, from.name(), name_of(reason));
    if (death.empty()) {
        death = new_death(from, m, reason, now_wall_ms);
    } else {
        std::int64_t count = 0;
        if (const field_value* c = find(death, "count")) as_integer(*c, count);
        set(death, "count", count + 1);
    }
    deaths.insert(deaths.begin(), field_value(std::move(death)));
    set(headers, "x-death", std::move(deaths));
    if (!find(headers, "x-first-death-reason")) name_death(headers, "x-first-death-", from, m, reason);
    name_death(headers, "x-last-death-", from, m, reason);
}

/// Has it died in this queue before, with nobody having rejected it since? The latest deaths come first. What stands behind the
/// one in this queue counts for nothing: it is older, or a publisher has made it up.
bool is_cycle(const field_array& deaths, const queue& to) {
    for (const field_value& value : deaths) {
        const auto* death = std::get_if<field_table>(&value.base());
        if (!death) continue;
        if (is_text(find(*death, "reason"), name_of(drop_reason::rejected))) return false;
        if (is_text(find(*death, "queue"), to.name())) return true;
    }
    return false;
}

}  // namespace

/// In the publisher's own block as far as it can say it: what was not said there, a dead letter does not say either.
void broker::dead_letter(const queue& from, const entry& e, drop_reason reason, const named_value* note) {
    if (dead_.size() >= dead_max_) return count_dropped(drop_reason::cycle);
    const queue_limits& limits = from.limits();
    const message& m = *e.message;
    field_table headers = m.properties().headers;
    add_death(headers, from, m, reason, now_.wall_ms);
    if (note) set(headers, note->first, note->second);
    dead letter{.copy = nullptr, .exchange = *limits.dead_letter_exchange, .further_keys = {}, .deaths = deaths_of(headers)};
    message_parts parts = m.parts();
    parts.expires_wall_ms = 0;
    parts.retain = false;
    parts.exchange = *limits.dead_letter_exchange;
    if (limits.dead_letter_routing_key) {
        parts.from = origins_.amqp;
        parts.name = *limits.dead_letter_routing_key;
        parts.hidden_names = {};
        std::erase_if(headers, [](const auto& header) { return header.first == "CC"; });
    } else {
        letter.further_keys = keys_in(headers, "CC");
        for (std::string& name : m.hidden_names()) letter.further_keys.push_back(std::move(name));
    }
    std::optional<std::string> block;
    if (!parts.neutral && parts.from && parts.from == m.origin()) block = parts.from->with_history(parts.raw_properties, headers);
    if (!block) {
        if (!parts.neutral) parts.neutral = std::make_unique<properties>(m.properties());
        parts.neutral->headers = std::move(headers);
    }
    parts.raw_properties = block ? std::string_view(*block) : std::string_view();
    letter.copy = message::make(std::move(parts));
    dead_.push_back(std::move(letter));
}

receipt broker::await_dead_letters(receipt r) {
    if (!store_.available()) return {receipt::fate::refused_by_storage, 0};
    promised_ = true;
    r.commit = next_commit_;
    return r;
}

/// Dead letters may die in turn at once, in queues that take nothing. Where each of these leads to all the others, there are more
/// ways than anybody can go: what comes of the deaths of one turn is bounded.
void broker::publish_dead_letters() {
    if (store_.available() && !dead_waiting_.empty()) {
        std::move(dead_waiting_.begin(), dead_waiting_.end(), std::back_inserter(dead_));
        dead_waiting_.clear();
    }
    if (dead_.empty()) return;
    const std::string into = dead_.front().exchange;
    const std::size_t first_caused = dead_.size();
    dead_max_ = first_caused + caused_by_deaths_max;
    std::size_t reached = 0;  // by those, and by all once there are too many of them
    for (std::size_t i = 0; i < dead_.size(); ++i) {  // publishing may add more
        const bool spent = reached > reached_by_caused_max;
        if (spent && i >= first_caused) {
            counters_.dropped[static_cast<std::size_t>(drop_reason::cycle)] += dead_.size() - i;
            break;
        }
        const dead letter = std::move(dead_[i]);
        core::exchange* const to = find_exchange(letter.exchange);
        if (!to) continue;
        if (spent && route(*to, *letter.copy, letter.further_keys).size() > reached_even_so_max) {
            count_dropped(drop_reason::cycle);
            continue;
        }
        const std::size_t queues = publish_dead_letter(*to, letter);
        if (i >= first_caused || dead_.size() >= dead_max_) reached += queues;
    }
    if (dead_.size() == dead_max_ || reached > reached_by_caused_max)
        log_.warning("queues dead-letter into each other without end, messages are dropped",
                     {{"vhost", options_.vhost}, {"exchange", into}});
    dead_max_ = SIZE_MAX;
    dead_.clear();
}

std::size_t broker::publish_dead_letter(exchange& to, const dead& letter) {
    targets where = route(to, *letter.copy, letter.further_keys);
    const std::size_t cycles = std::erase_if(where, [&](const target& t) { return is_cycle(letter.deaths, *t.to); });
    counters_.dropped[static_cast<std::size_t>(drop_reason::cycle)] += cycles;
    receipt r{.what = delaying_.empty() ? receipt::fate::routed : refused_delay(*letter.copy)};
    if (!r.refused()) r = deliver(where, letter.copy, 0);
    if (!r.refused() && !delaying_.empty()) r = hold_back(r, letter.copy, letter.further_keys);
    if (r.what == receipt::fate::refused_by_storage) dead_waiting_.push_back(letter);  // nobody could be told
    return where.size() + cycles;
}

}  // namespace causeway::core
