// The way back from the store: definitions first, then what hangs on them. A record that cannot be read stops the start, with
// its table, key and reason; one that refers to something that is gone is erased.

#include <algorithm>
#include <stdexcept>

#include "base/check.hpp"
#include "core/broker.hpp"
#include "core/damage.hpp"

namespace causeway::core {

void broker::recover(instant now) {
    now_ = now;
    check_format();
    recover_exchanges();
    recover_queues();
    recover_sessions();
    recover_shares();
    recover_members();
    recover_bindings();
    recover_received();
    recover_entries();
    recover_retained();
    recover_delayed();
    settle_mqtt_exchange();
    resume_sessions();
}

void broker::check_format() {
    bool found = false;
    store_.scan(table::meta, "format", [&](std::string_view key, std::string_view value) {
        if (key != "format") return false;
        const auto version = readable(record::decode_meta(value), table::meta, key);
        if (version > record::format_version)
            throw std::runtime_error("the data were written by a newer version (format " + std::to_string(version) + ")");
        found = version == record::format_version;
        return false;
    });
    if (found) return;  // older ones have no record that this one does not know
    std::string format;
    record::encode_meta(format);
    put(table::meta, "format", format);
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
        session& s = create_session(session_id{id}, r.client_id);
        s.user = compact_text(r.user);
        s.expiry_s = r.expiry_s;
        if (r.last_will) s.last_will = std::make_unique<will>(std::move(*r.last_will));
        if (r.disconnected_wall_ms != 0)
            s.away = std::make_unique<absence>(absence{.since_wall_ms = r.disconnected_wall_ms, .will_due_wall_ms = r.will_due_wall_ms});
        s.stored = true;
        recovering_[r.inbox] = &create_inbox(s, r.inbox);
        last_id_ = std::max({last_id_, id, number(r.inbox)});
        return true;
    });
}

void broker::recover_shares() {
    store_.scan(table::shares, "", [this](std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        parse(table::shares, key, id);
        share& s = create_share(queue_id{id}, readable(record::decode_share(value), table::shares, key).name);
        s.stored = true;
        recovering_[s.id()] = &s.queue();
        last_id_ = std::max(last_id_, id);
        return true;
    });
}

void broker::recover_members() {
    boost::unordered_flat_map<std::uint64_t, session*> by_id;
    for (session* s : sessions_) by_id[number(s->id())] = s;
    store_.scan(table::members, "", [&](std::string_view key, std::string_view value) {
        std::uint64_t share_id = 0;
        std::uint64_t session_id = 0;
        parse(table::members, key, share_id, session_id);
        record::member_record r = readable(record::decode_member(value), table::members, key);
        const auto s = shares_by_queue_.find(queue_id{share_id});
        const auto who = by_id.find(session_id);
        if (s == shares_by_queue_.end() || who == by_id.end()) {
            erase(table::members, key);
            return true;
        }
        membership& m = add_member(*s->second, *who->second);
        s->second->set_options(m, std::move(r.options));
        m.stored = true;
        ++shared_subscriptions_;
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
            at->second->received.set(packet_id, {});
        else
            erase(table::received, key);
        return true;
    });
}

void broker::recover_entry(queue& into, entry e) {
    if (e.options->share != queue_id::none && into.session()) {
        if (!ties_[e.options->share].insert(e.share_seq).second) {  // it was on its way from one to another, never exactly once
            doubles_.push_back({into.id(), std::move(e)});
            return;
        }
        if (const auto s = shares_by_queue_.find(e.options->share); s != shares_by_queue_.end())
            recover_holder(*s->second, *into.session());
    }
    into.restore(std::move(e));
}

/// It has one entry more of the share, of which it is a member or was one.
void broker::recover_holder(share& s, session& who) {
    if (membership* m = s.find(who)) return s.leave_behind(*m);
    if (!who.shares) who.shares = std::make_unique<session_shares>();
    auto& left = who.shares->left;
    const auto at = std::find_if(left.begin(), left.end(), [&s](const auto& r) { return r.of == &s; });
    if (at != left.end()) return void(++at->entries);
    keep_remainder(s, who, 1);
}

/// What is in an inbox is no longer its share's.
void broker::forget_duplicates() {
    for (const auto& tie : ties_) {
        const queue_id id = tie.first;
        const auto& places = tie.second;
        const auto s = shares_by_queue_.find(id);
        if (s == shares_by_queue_.end()) continue;
        queue& waiting = s->second->queue();
        for (const entry& e : waiting.extract_ready([&](const entry& each) { return places.contains(each.seq); }))
            erase_entry(id, e.seq, e);
        for (const std::uint64_t seq : places) waiting.skip_places(seq);
    }
}

/// What was on its way back to a share when the session ended that it came from.
void broker::take_in_orphans() {
    for (orphan& o : orphans_) {
        share& s = *shares_by_queue_.at(o.e.options->share);
        s.queue().skip_places(o.e.share_seq);
        if (o.e.released || ties_[s.id()].contains(o.e.share_seq) || s.queue().ready(o.e.share_seq))
            erase_entry(o.inbox, o.e.seq, o.e);
        else
            s.take_back(o.inbox, {std::move(o.e)});
    }
    orphans_.clear();
    ties_.clear();
}

void broker::recover_retained() {
    store_.scan(table::retained, "", [this](std::string_view key, std::string_view value) {
        std::uint64_t id = 0;
        parse(table::retained, key, id);
        retained_.set(readable(record::decode_message(value, origins_, &memory_), table::retained, key), id);
        last_id_ = std::max(last_id_, id);
        return true;
    });
    arm_retained_sweep();
}

void broker::recover_delayed() {
    store_.scan(table::delayed, "", [this](std::string_view key, std::string_view value) {
        std::uint64_t due = 0;
        std::uint64_t id = 0;
        parse(table::delayed, key, due, id);
        auto r = readable(record::decode_delayed(value, origins_, &memory_), table::delayed, key);
        last_id_ = std::max(last_id_, id);
        if (r.message)
            delayed_.add({static_cast<std::int64_t>(due), id}, {std::move(r), true});
        else
            erase(table::delayed, key);
        return true;
    });
    arm_delayed();
}

/// Whoever was connected is disconnected now, without having said goodbye; what came due meanwhile happens at once.
void broker::resume_sessions() {
    recovering_.clear();
    const std::vector<session*> all(sessions_.begin(), sessions_.end());
    for (session* s : all) {
        if (s->away)
            arm_session_timers(*s);
        else
            close_session(*s, true, s->expiry_s);
    }
    const std::vector<share*> shares(shares_.begin(), shares_.end());
    for (share* s : shares)
        if (s->abandoned() || s->queue().incoming.empty()) end_share(*s);
}

}  // namespace causeway::core
