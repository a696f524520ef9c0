// The way back from the store: definitions first, then what hangs on them. A record that cannot be read stops the start, with
// its table, key and reason; one that refers to something that is gone is erased.

#include <algorithm>
#include <stdexcept>

#include "base/check.hpp"
#include "core/broker.hpp"

namespace causeway::core {

namespace {

std::string hex(std::string_view key) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const char c : key) {
        text.push_back(digits[static_cast<std::uint8_t>(c) >> 4]);
        text.push_back(digits[static_cast<std::uint8_t>(c) & 15]);
    }
    return text;
}

[[noreturn]] void damaged(table where, std::string_view key, std::string_view why) {
    throw std::runtime_error("damaged record in table " + std::string(name_of(where)) + ", key " + hex(key) + ": " +
                             std::string(why));
}

/// The value of a decoder's result, or the end of the start.
template <class T>
T readable(record::decoded<T> decoded, table where, std::string_view key) {
    if (!decoded) damaged(where, key, decoded.error());
    return std::move(decoded.value());
}

template <class... Parts>
void parse(table where, std::string_view key, Parts&... parts) {
    if (!record::parse_key(key, parts...)) damaged(where, key, "key");
}

}  // namespace

void broker::recover(instant now) {
    now_ = now;
    check_format();
    recover_exchanges();
    recover_queues();
    recover_sessions();
    recover_bindings();
    recover_received();
    recover_entries();
    recover_retained();
    resume_sessions();
}

void broker::check_format() {
    bool found = false;
    store_.scan(table::meta, "format", [&](std::string_view key, std::string_view value) {
        if (key != "format") return false;
        found = true;
        if (const auto version = readable(record::decode_meta(value), table::meta, key); version > record::format_version)
            throw std::runtime_error("the data were written by a newer version (format " + std::to_string(version) + ")");
        return false;
    });
    if (found) return;
    scratch_.clear();
    record::encode_meta(scratch_);
    put(table::meta, "format", scratch_);
}

void broker::recover_exchanges() {
    store_.scan(table::exchanges, "", [this](std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        parse(table::exchanges, key, id);
        create_exchange(exchange_id{id}, readable(record::decode_exchange(value), table::exchanges, key));
        last_id_ = std::max(last_id_, id);
        return true;
    });
}

void broker::recover_queues() {
    store_.scan(table::queues, "", [this](std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        parse(table::queues, key, id);
        queue_definition definition = readable(record::decode_queue(value), table::queues, key);
        auto limits = limits_of(definition);
        recovering_[queue_id{id}] = &create_queue(queue_id{id}, std::move(definition), std::move(limits));
        last_id_ = std::max(last_id_, id);
        return true;
    });
}

void broker::recover_sessions() {
    store_.scan(table::sessions, "", [this](std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        parse(table::sessions, key, id);
        record::session_record r = readable(record::decode_session(value, origins_, &memory_), table::sessions, key);
        session& s = create_session(session_id{id}, r.inbox, r.client_id);
        s.user = r.user;
        s.expiry_s = r.expiry_s;
        s.last_will = std::move(r.last_will);
        s.disconnected_wall_ms = r.disconnected_wall_ms;
        s.will_due_wall_ms = r.will_due_wall_ms;
        s.stored = true;
        recovering_[r.inbox] = &s.inbox();
        last_id_ = std::max({last_id_, id, number(r.inbox)});
        return true;
    });
}

void broker::recover_bindings() {
    boost::unordered_flat_map<exchange_id, exchange*> by_id;
    for (exchange* x : exchanges_) by_id[x->id()] = x;
    const auto find = [](const auto& map, auto id) { const auto at = map.find(id); return at == map.end() ? nullptr : at->second; };
    store_.scan(table::bindings, "", [&](std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        parse(table::bindings, key, id);
        record::binding_record r = readable(record::decode_binding(value), table::bindings, key);
        last_id_ = std::max(last_id_, id);
        exchange* source = find(by_id, r.source);
        queue* to_queue = find(recovering_, r.to_queue);
        exchange* to_exchange = find(by_id, r.to_exchange);
        if (!source || (!to_queue && !to_exchange)) {
            erase(table::bindings, key);
            return true;
        }
        create_binding(binding_id{id}, {.source = source,
                                        .to_queue = to_queue,
                                        .to_exchange = to_exchange,
                                        .from = origins_.of(r.from),
                                        .key = r.key,
                                        .arguments = std::move(r.arguments),
                                        .options = r.options})
            .durable = true;
        return true;
    });
}

void broker::recover_received() {
    boost::unordered_flat_map<std::uint64_t, session*> by_id;
    for (session* s : sessions_) by_id[number(s->id())] = s;
    store_.scan(table::received, "", [&](std::string_view key, std::string_view) {
        std::uint64_t id = 0;
        std::uint16_t packet_id = 0;
        parse(table::received, key, id, packet_id);
        if (const auto at = by_id.find(id); at != by_id.end())
            at->second->received[packet_id] = 0;
        else
            erase(table::received, key);
        return true;
    });
}

void broker::recover_entries() {
    boost::unordered_flat_map<message_id, message_ptr> shared;
    store_.scan(table::messages, "", [&](std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        parse(table::messages, key, id);
        message_ptr m = readable(record::decode_message(value, origins_, &memory_), table::messages, key);
        m->stored.id = message_id{id};
        shared[message_id{id}] = std::move(m);
        last_id_ = std::max(last_id_, id);
        return true;
    });
    store_.scan(table::entries, "", [&](std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        std::uint64_t seq = 0;
        parse(table::entries, key, id, seq);
        record::entry_record r = readable(record::decode_entry(value, origins_, &memory_), table::entries, key);
        last_id_ = std::max({last_id_, id, number(r.shared)});
        const auto at = recovering_.find(queue_id{id});
        if (const auto m = shared.find(r.shared); m != shared.end()) r.e.message = m->second;
        if (at == recovering_.end() || (!r.e.message && !r.e.released)) {
            erase(table::entries, key);
            return true;
        }
        if (r.shared != message_id::none && r.e.message) ++r.e.message->stored.entries;
        r.e.seq = seq;
        r.e.stored = true;
        r.e.recovered = true;
        at->second->restore(std::move(r.e));
        return true;
    });
    for (const auto& [id, m] : shared)
        if (m->stored.entries == 0) erase(table::messages, record::key(number(id)));
}

void broker::recover_retained() {
    store_.scan(table::retained, "", [this](std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        parse(table::retained, key, id);
        retained_.set(readable(record::decode_message(value, origins_, &memory_), table::retained, key), id);
        last_id_ = std::max(last_id_, id);
        return true;
    });
}

/// Whoever was connected is disconnected now, without having said goodbye; what came due meanwhile happens at once.
void broker::resume_sessions() {
    recovering_.clear();
    const std::vector<session*> all(sessions_.begin(), sessions_.end());
    for (session* s : all) {
        if (s->disconnected_wall_ms == 0)
            close_session(*s, true, s->expiry_s);
        else
            arm_session_timers(*s);
    }
}

}  // namespace causeway::core
