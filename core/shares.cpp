// Shares and their members: joined, left, and what becomes of entries whose member goes away.

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.hpp"
#include "core/broker.hpp"

namespace causeway::core {

namespace {

/// May another member have it? Not once a message that is sent exactly once has been sent [MQTT-4.8.2-4, MQTT-4.8.2-5].
bool may_go_elsewhere(const entry& e) { return !e.released && (e.qos() != qos::exactly_once || !e.redelivered()); }

/// Nobody is there who could have it.
bool is_away(const session& who) { return !who.has_inbox() || who.inbox().consumer_count() == 0; }

}  // namespace

// --- joining ---

outcome<broker::bound> broker::join_share(const share_request& request) {
    session& who = *request.member;
    if (who.durable() && !store_.available()) return failure{error::storage_unavailable, "storage is not available"};
    inbox_of(who);
    share* s = shares_.find(request.name);
    if (!s) {
        TRY(s, begin_share(request));
    }
    membership* m = s->find(who);
    const bool existed = m != nullptr;
    if (!m) {
        m = &add_member(*s, who);
        ++shared_subscriptions_;
    }
    auto options = boost::intrusive_ptr<delivery_options>(new delivery_options(*request.options));
    options->share = s->id();
    s->set_options(*m, options);
    m->stored = m->stored || who.durable();
    commit_number commit = 0;
    if (m->stored) {
        if (!s->stored) save(*s);
        commit = save(*m);
    }
    rebind(*s);
    if (is_away(who)) return bound{existed, commit};
    s->attend(*m, true);
    gather(*s, who);
    return bound{existed, commit};
}

outcome<share*> broker::begin_share(const share_request& request) {
    share& s = create_share(queue_id{++last_id_}, std::string(request.name));
    if (request.member->durable()) save(s);
    const auto done = bind({.source = mqtt_exchange_,
                             .to_queue = &s.queue(),
                             .from = request.from,
                             .key = request.key,
                             .arguments = {},
                             .options = s.merged_options()});
    if (done) return &s;
    end_share(s);
    return done.error();
}

share& broker::create_share(queue_id id, std::string name) {
    share& s = shares_.insert(std::make_unique<share>(*this, id, std::move(name), inbox_limits_));
    shares_by_queue_[id] = &s;
    return s;
}

membership& broker::add_member(share& s, session& who) {
    if (!who.shares) who.shares = std::make_unique<session_shares>();
    who.forget_remainder(s);
    membership& m = s.add(who);
    who.shares->joined.push_back(&m);
    return m;
}

/// The binding follows what its members want.
void broker::rebind(share& s) {
    if (s.queue().incoming.empty()) return;  // its record was lost; it ends with the recovery
    binding& b = *s.queue().incoming.front();
    const options_ptr wanted = s.merged_options();
    if (b.options->qos_max == wanted->qos_max && b.durable == s.stored) return;
    b.options = wanted;
    b.durable = s.stored;
    changed_routes(b);
    if (b.durable) save(b);
}

commit_number broker::save(share& s) {
    s.stored = true;
    return s.saved_by = put_record(table::shares, record::key(number(s.id())), record::share_record{s.name()});
}

commit_number broker::save(membership& m) {
    return m.saved_by = put_record(table::members, record::key(number(m.of->id()), number(m.who->id())), record::member_record{m.options});
}

bool broker::is_member(const session& who, std::string_view name) const {
    share* s = shares_.find(name);
    return s && s->find(who);
}

// --- leaving ---

broker::unbound broker::leave_share(session& who, std::string_view name) {
    share* s = shares_.find(name);
    membership* m = s ? s->find(who) : nullptr;
    if (!m) return {false, 0};
    // What was sent is still the client's to acknowledge [MQTT-3.10.4-3].
    const auto unsent = [id = s->id()](const entry& e) { return e.options->share == id && !e.redelivered() && !e.released; };
    s->take_back(who.inbox().id(), who.inbox().extract_ready(unsent));
    const commit_number commit = forget_record(*m);
    remove_member(*m);
    if (const std::size_t held = who.inbox().count_of(s->id())) keep_remainder(*s, who, held);
    const commit_number ended = settle_members(*s);
    return {true, std::max(commit, ended)};
}

commit_number broker::forget_record(membership& m) {
    if (!m.stored) return 0;
    m.stored = false;
    return erase(table::members, record::key(number(m.of->id()), number(m.who->id())));
}

void broker::remove_member(membership& m) {
    session& who = *m.who;
    --shared_subscriptions_;
    std::erase(who.shares->joined, &m);
    m.of->remove(who);
}

void broker::keep_remainder(share& s, session& who, std::size_t entries) {
    who.shares->left.push_back({&s, entries});
    s.keep_in_mind(who);
}

/// After somebody has left.
commit_number broker::settle_members(share& s) {
    if (s.abandoned()) return end_share(s);
    rebind(s);
    return 0;
}

commit_number broker::end_share(share& s) {
    while (!s.members().empty()) {
        membership& m = s.members().begin()->second;
        m.who->inbox().untie(s.id());
        forget_record(m);
        remove_member(m);
    }
    while (!s.departed().empty()) {
        session& who = *s.departed().begin()->second;
        who.inbox().untie(s.id());
        who.forget_remainder(s);
    }
    if (s.stored) erase(table::shares, record::key(number(s.id())));
    shares_by_queue_.erase(s.id());
    const std::unique_ptr<share> dying = shares_.take(s);
    return empty_out(dying->queue(), drop_reason::queue_deleted);
}

/// The session is about to end. What it must not take along goes back first.
void broker::leave_shares(session& who) {
    if (!who.shares) return;
    std::map<queue_id, std::vector<entry>> returned;
    const auto wanted = [this](const entry& e) { return shares_by_queue_.contains(e.options->share) && may_go_elsewhere(e); };
    for (entry& e : who.inbox().extract_ready(wanted)) returned[e.options->share].push_back(std::move(e));
    for (auto& [id, entries] : returned) shares_by_queue_[id]->take_back(who.inbox().id(), std::move(entries));
    while (!who.shares->joined.empty()) {
        membership& m = *who.shares->joined.back();
        share& s = *m.of;
        forget_record(m);
        remove_member(m);
        settle_members(s);
    }
    while (!who.shares->left.empty()) who.forget_remainder(*who.shares->left.back().of);
}

// --- members that come and go ---

void broker::retrieve(share& s, session& from) {
    const auto wanted = [id = s.id()](const entry& e) { return e.options->share == id && may_go_elsewhere(e); };
    s.take_back(from.inbox().id(), from.inbox().extract_ready(wanted));
}

/// Its session lives on. If nobody else is there, it keeps what it has, and gets it again as it was [MQTT-4.4.0-1].
void broker::member_went(session& who) {
    if (!who.shares) return;
    for (membership* m : who.shares->joined) {
        if (m->of->attended(&who))
            retrieve(*m->of, who);
        else
            m->of->leave_behind(*m);
    }
}

void broker::member_came(session& who) {
    attend_shares(who);
    for (membership* m : who.shares->joined) gather(*m->of, who);
}

void broker::attend_shares(session& who) {
    if (!who.shares) return;
    for (membership* m : who.shares->joined) m->of->attend(*m, !is_away(who));
}

/// What those who are away still hold is for this one, who is here.
void broker::gather(share& s, const session& for_whom) {
    s.queue().wake();
    for (membership* m : s.take_left_behind()) {
        if (m->who == &for_whom || !is_away(*m->who)) continue;
        if (m->who->connected())
            s.leave_behind(*m);  // on its way back
        else
            retrieve(s, *m->who);
    }
}

void broker::return_failed(session& from, entry e) {
    share& s = *shares_by_queue_.at(e.options->share);  // which outlives what it keeps
    std::vector<entry> one;
    one.push_back(std::move(e));
    s.take_back(from.inbox().id(), std::move(one));
}

// --- what a session has of them ---

std::size_t session::subscription_count() const { return (inbox_ ? inbox_->incoming.size() : 0) + (shares ? shares->joined.size() : 0); }

void session::tell_shares_of_room() const {
    for (membership* m : shares->joined) m->of->has_room(*m);
}

void session::forget_remainder(share& of) {
    std::erase_if(shares->left, [&of](const session_shares::remainder& r) { return r.of == &of; });
    of.forget(*this);
}

void session::settle_remainder(queue_id id) {
    const auto at = std::find_if(shares->left.begin(), shares->left.end(), [id](const auto& r) { return r.of->id() == id; });
    if (at != shares->left.end() && --at->entries == 0) forget_remainder(*at->of);
}

}  // namespace causeway::core
