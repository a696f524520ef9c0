// MQTT sessions: opened, taken over, closed, expired; their wills and the packet ids of QoS 2 messages under way.

#include <algorithm>
#include <cstdio>

#include "base/check.hpp"
#include "core/broker.hpp"

namespace causeway::core {

namespace {

/// AMQP sees a session's inbox under this and the client's identifier (mapping.md, Meeting points).
constexpr std::string_view inbox_prefix = "mqtt-subscription-";

std::string inbox_name(std::string_view client_id) { return std::string(inbox_prefix).append(client_id); }

/// A session's inbox has the identifier behind its own.
queue_id inbox_id_of(const session& s) { return s.has_inbox() ? s.inbox().id() : queue_id{number(s.id()) + 1}; }

}  // namespace

session* broker::find_session(std::string_view client_id) { return sessions_.find(client_id); }

std::string broker::unused_client_id() {
    char text[32];
    do std::snprintf(text, sizeof text, "causeway-%016llx", static_cast<unsigned long long>(random_()));
    while (find_session(text));
    return text;
}

outcome<broker::opened_session> broker::open_session(session_request request) {
    ENSURE(!request.client_id.empty());
    session* existing = find_session(request.client_id);
    if (existing && existing->user.view() != request.user)
        return failure{error::access_refused, "the client identifier belongs to another user"};
    // What would end with its connection does not outlive a takeover either [MQTT-3.1.2-6].
    const bool ends = existing && (request.clean_start || existing->expiry_s == 0);
    if (existing && existing->holder) detach_holder(*existing, ends);
    const bool had_record = existing && existing->stored;
    if (ends) {
        end_session(*existing);
        existing = nullptr;
    }
    if (!existing) last_id_ += 2;  // one is the inbox's
    session& s = existing ? *existing : create_session(session_id{last_id_ - 1}, request.client_id);
    if (!existing) s.user = compact_text(request.user);
    s.expiry_s = std::min(request.expiry_s, options_.session_expiry_s_max);
    attend_shares(s);
    s.last_will = request.last_will ? std::make_unique<core::will>(std::move(*request.last_will)) : nullptr;
    s.holder = request.holder;
    s.no_local = request.no_local;
    s.away.reset();
    s.received.begin_connection();
    commit_number commit = had_record ? next_commit_ : 0;  // what was ended or changed must not come back
    if (s.durable() || s.stored) commit = save(s);
    return opened_session{&s, existing != nullptr, commit};
}

session& broker::create_session(session_id id, std::string_view client_id) {
    changed_routes(inbox_name(client_id));
    return sessions_.insert(std::make_unique<session>(id, client_id));
}

queue& broker::inbox_of(session& s) {
    if (s.has_inbox()) return s.inbox();
    queue& made = create_inbox(s, inbox_id_of(s));
    if (s.holder) s.holder->inbox_made();
    return made;
}

queue& broker::create_inbox(session& s, queue_id id) {
    queue& made = create_queue(id, {.name = inbox_name(s.client_id()), .arguments = {}}, inbox_limits_);
    made.belongs_to(s);
    s.has(made);
    return made;
}

/// An inbox that nobody has needed so far.
queue* broker::find_inbox(std::string_view name) {
    session* const s = name.starts_with(inbox_prefix) ? find_session(name.substr(inbox_prefix.size())) : nullptr;
    return s && !s->has_inbox() ? &inbox_of(*s) : nullptr;
}

/// Another connection opens the session. Its will is sent unless it is delayed and the session goes on [MQTT-3.1.3-9].
void broker::detach_holder(session& s, bool ends) {
    session_holder* holder = s.holder;
    s.holder = nullptr;
    const bool accepted = holder->taken_over();
    if (s.has_inbox()) s.inbox().requeue_all();
    if (accepted && s.last_will && (ends || s.last_will->delay_s == 0)) publish_will(s);
    s.last_will.reset();
}

void broker::close_session(session& s, bool will_is_due, std::uint32_t expiry_s) {
    s.holder = nullptr;
    if (s.has_inbox()) s.inbox().requeue_all();
    s.expiry_s = std::min(expiry_s, options_.session_expiry_s_max);
    if (!will_is_due) s.last_will.reset();
    if (s.last_will && (s.last_will->delay_s == 0 || s.expiry_s == 0)) {
        publish_will(s);
        s.last_will.reset();
    }
    if (s.expiry_s == 0) return end_session(s);
    member_went(s);
    s.away = std::make_unique<absence>(absence{.since_wall_ms = now_.wall_ms});
    if (s.last_will) s.away->will_due_wall_ms = now_.wall_ms + 1000LL * std::min(s.last_will->delay_s, s.expiry_s);
    save(s);
    arm_session_timers(s);
}

void broker::arm_session_timers(session& s) {
    const auto arm = [this](std::unique_ptr<timer>& t, std::int64_t due_wall_ms, std::function<void()> action) {
        t = std::make_unique<timer>(timers_, std::move(action));
        t->arm_at(now_.steady_ms + std::max<std::int64_t>(0, due_wall_ms - now_.wall_ms));
    };
    absence& away = *s.away;
    if (away.will_due_wall_ms != 0)
        arm(away.will, away.will_due_wall_ms, [this, &s] {
            s.away->will_due_wall_ms = 0;
            publish_will(s);
            s.last_will.reset();
            save(s);
        });
    if (s.expiry_s != no_expiry)
        arm(away.expiry, away.since_wall_ms + 1000LL * s.expiry_s, [this, &s] {
            ++counters_.expired_sessions;
            end_session(s);
        });
}

void broker::publish_will(session& s) {
    if (!s.last_will) return;
    message_parts parts = s.last_will->message->parts();
    parts.will = true;
    if (parts.from == origins_.mqtt) parts.exchange = mqtt_exchange_->name();  // another one, perhaps, when it was written
    if (s.last_will->expiry_s) parts.expires_wall_ms = now_.wall_ms + 1000LL * *s.last_will->expiry_s;
    message_ptr m = message::make(std::move(parts));
    // It was checked when its client came; the exchange may have gone since.
    exchange* const to = find_exchange(m->exchange());
    if (to && !to->definition().internal) {
        publish(*to, std::move(m));
        return;
    }
    count_refused();
    log_.info("a will has nowhere to go", {{"client_id", s.client_id()}, {"exchange", m->exchange()}});
}

void broker::end_session(session& s) {
    if (s.last_will) publish_will(s);  // a delayed will is due when the session ends [MQTT-3.1.3.2.2]
    leave_shares(s);
    if (s.stored) erase(table::sessions, record::key(number(s.id())));
    s.received.each([this, &s](std::uint16_t packet_id) {
        if (s.stored) erase(table::received, record::key(number(s.id()), packet_id));
    });
    const std::unique_ptr<session> dying = sessions_.take(s);
    if (dying->has_inbox()) remove_queue(dying->inbox(), drop_reason::queue_deleted);
}

commit_number broker::save(session& s) {
    s.stored = true;
    const record::session_record r{.client_id = std::string(s.client_id()),
                                   .user = std::string(s.user.view()),
                                   .inbox = inbox_id_of(s),
                                   .expiry_s = s.expiry_s,
                                   .disconnected_wall_ms = s.away ? s.away->since_wall_ms : 0,
                                   .will_due_wall_ms = s.away ? s.away->will_due_wall_ms : 0,
                                   .last_will = s.last_will ? std::optional(*s.last_will) : std::nullopt};
    return s.saved_by = put_record(table::sessions, record::key(number(s.id())), r);
}

commit_number broker::begin_receiving(session& s, std::uint16_t packet_id, commit_number message) {
    const commit_number commit = s.durable() ? put(table::received, record::key(number(s.id()), packet_id), {}) : message;
    s.received.set(packet_id, {commit});
    return commit;
}

std::optional<commit_number> broker::being_received(const session& s, std::uint16_t packet_id) const {
    const received_id* id = s.received.find(packet_id);
    if (!id || id->released || state_of(id->commit) == commit_state::failed) return {};
    return id->commit;
}

std::optional<commit_number> broker::forget_received(session& s, std::uint16_t packet_id) {
    received_id* id = s.received.find(packet_id);
    if (!id) return {};
    const commit_state done = id->released ? state_of(id->commit) : commit_state::failed;
    if (!s.stored || done == commit_state::stored) {
        const bool known = !id->released;
        s.received.erase(packet_id);
        return known ? std::optional<commit_number>(0) : std::nullopt;
    }
    // If that fails the id stays known, or a message that uses it next would be taken for this one after a crash.
    if (done == commit_state::failed) *id = {erase(table::received, record::key(number(s.id()), packet_id)), true, id->earlier};
    return id->commit;
}

void broker::drop_forgotten(session& s, std::uint16_t packet_id) {
    if (const received_id* id = s.received.find(packet_id); id && id->released) s.received.erase(packet_id);
}

}  // namespace causeway::core
