#include "core/exchange.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "core/headers_match.hpp"
#include "core/queue.hpp"
#include "core/record.hpp"

namespace causeway::core {

namespace {

constexpr const char* type_names[] = {"direct", "fanout", "topic", "headers", "x-consistent-hash", "x-delayed-message"};

/// Equal arguments hash equally. Integers and texts are enough to tell apart the many bindings of one queue to a headers exchange.
std::size_t hash_of(const field_table& arguments) {
    std::size_t hash = 0;
    for (const auto& [name, value] : arguments) {
        std::int64_t number = 0;
        as_integer(value, number);
        const std::string* text = as_text(value);
        hash = hash * 31 + std::hash<std::string_view>()(name);
        hash = hash * 31 + (text ? std::hash<std::string>()(*text) : std::hash<std::int64_t>()(number));
    }
    return hash;
}

std::size_t index_hash(const binding& b) {
    const void* destination = b.to_queue ? static_cast<const void*>(b.to_queue) : b.to_exchange;
    const std::size_t hash = std::hash<const void*>()(destination) * 31 + std::hash<std::string_view>()(b.key);
    return hash * 31 + hash_of(b.arguments);
}

std::string_view destination_of(const binding& b) { return b.to_queue ? b.to_queue->name() : b.to_exchange->name(); }

std::uint64_t hash_of_header(const field_table& headers, std::string_view name) {
    const field_value* value = find(headers, name);
    if (!value) return 0;
    std::string bytes;
    record::encode(bytes, field_table{{"", *value}});
    return stable_hash(bytes);
}

/// Messages without the property all go the same way.
std::uint64_t hash_of(const message& m, const exchange_rules& rules) {
    if (rules.hash == hash_source::name) return stable_hash(m.levels());
    const properties& p = m.properties();
    switch (rules.hash) {
        case hash_source::header: return hash_of_header(p.headers, rules.hash_header);
        case hash_source::correlation_id: return p.correlation_id ? stable_hash(*p.correlation_id) : 0;
        case hash_source::message_id: return stable_hash(p.message_id);
        case hash_source::timestamp: return p.timestamp_s ? stable_hash(std::to_string(*p.timestamp_s)) : 0;
        case hash_source::name: break;
    }
    return 0;
}

}  // namespace

const char* name_of(exchange_type type) { return type_names[static_cast<std::size_t>(type)]; }

bool parse_exchange_type(std::string_view name, exchange_type& out) {
    for (std::size_t i = 0; i < std::size(type_names); ++i) {
        if (name != type_names[i]) continue;
        out = static_cast<exchange_type>(i);
        return true;
    }
    return false;
}

bool binding::same_as(const binding& other) const {
    return to_queue == other.to_queue && to_exchange == other.to_exchange && key == other.key &&
           (from ? from->id() : protocol::broker) == (other.from ? other.from->id() : protocol::broker) &&
           arguments == other.arguments;
}

exchange::exchange(exchange_id id, exchange_definition definition, exchange_rules rules)
    : id_(id), definition_(std::move(definition)), rules_(std::move(rules)) {}

binding& exchange::add(std::unique_ptr<binding> added) {
    binding& b = *added;
    b.place = static_cast<std::uint32_t>(bindings_.size());
    index_.emplace(index_hash(b), &b);
    switch (rules_.routing) {
        case exchange_type::direct: direct_.add(b); break;
        case exchange_type::topic: topics_.insert(b.from->pattern(b.key), &b); break;
        case exchange_type::consistent_hash: weighted_.add(b, destination_of(b), parse_weight(b.key).value_or(1)); break;
        case exchange_type::fanout:
        case exchange_type::headers:
        case exchange_type::delayed_message: break;
    }
    bindings_.push_back(std::move(added));
    return b;
}

std::unique_ptr<binding> exchange::remove(binding& b) {
    const auto [first, last] = index_.equal_range(index_hash(b));
    index_.erase(std::find_if(first, last, [&b](const auto& slot) { return slot.second == &b; }));
    if (rules_.routing == exchange_type::direct) direct_.remove(b);
    if (rules_.routing == exchange_type::topic) topics_.erase(b.from->pattern(b.key), &b);
    if (rules_.routing == exchange_type::consistent_hash) weighted_.remove(b);

    std::unique_ptr<binding> removed = std::move(bindings_[b.place]);
    if (b.place + 1 != bindings_.size()) {
        bindings_[b.place] = std::move(bindings_.back());
        bindings_[b.place]->place = b.place;
    }
    bindings_.pop_back();
    return removed;
}

binding* exchange::find(const binding& like) const {
    const auto [first, last] = index_.equal_range(index_hash(like));
    for (auto at = first; at != last; ++at)
        if (at->second->same_as(like)) return at->second;
    return nullptr;
}

void exchange::match(const message& m, std::vector<const binding*>& out) const {
    switch (rules_.routing) {
        case exchange_type::fanout:
            for (const auto& b : bindings_) out.push_back(b.get());
            return;
        case exchange_type::direct: return direct_.match(m, out);
        case exchange_type::headers: {
            const header_index headers(m.properties().headers);
            for (const auto& b : bindings_)
                if (headers_match(b->arguments, headers)) out.push_back(b.get());
            return;
        }
        case exchange_type::consistent_hash:
            if (const binding* chosen = weighted_.choose(hash_of(m, rules_))) out.push_back(chosen);
            return;
        case exchange_type::delayed_message: return;  // never what a message is routed by
        case exchange_type::topic: break;
    }
    const std::size_t before = out.size();
    const bool dollar = m.levels().dollar();
    topics_.match(m.levels(), [&](const binding* b, bool leading_wildcard) {
        if (!dollar || !leading_wildcard || b->match_dollar) out.push_back(b);
    });
    std::sort(out.begin() + static_cast<std::ptrdiff_t>(before), out.end(),
              [](const binding* a, const binding* b) { return a->id < b->id; });
}

}  // namespace causeway::core
