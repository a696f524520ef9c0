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
bool is_away(const session& who) { return who.inbox().consumer_count() == 0; }

}  // namespace

// --- joining ---

outcome<broker::bound> broker::join_share(const share_request& request) {
    session& who = *request.member;
    if (who.durable() && !store_.available()) return failure{error::storage_unavailable, "storage is not available"};
    share* s = shares_.find(request.name);
    if (!s) {
        TRY(s, begin_share(request));
    }
    share::member* m = s->find(who);
    const bool existed = m && !m->leaving;
    if (!m) m = &add_member(*s, who);
    auto options = boost::intrusive_ptr<delivery_options>(new delivery_options(*request.options));
    options->share = s->id();
    m->options = options;
    shared_subscriptions_ += existed ? 0 : 1;
    m->leaving = false;
    m->stored = who.durable();
    commit_number commit = 0;
    if (m->stored) {
        if (!s->stored) save(*s);
        commit = save(*s, *m);
    }
    rebind(*s);
    if (!is_away(who)) gather(*s, who);
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

share::member& broker::add_member(share& s, session& who) {
    if (!who.shares) who.shares = std::make_unique<std::vector<share*>>();
    who.shares->push_back(&s);
    s.add({&who, nullptr});
    return s.all().back();
}

/// The binding follows what its members want.
void broker::rebind(share& s) {
    if (s.queue().incoming.empty()) return;  // its record was lost; it ends with the recovery
    binding& b = *s.queue().incoming.front();
    const options_ptr wanted = s.merged_options();
    if (b.options->qos_max == wanted->qos_max && b.durable == s.stored) return;
    b.options = wanted;
    b.durable = s.stored;
    changed_topology();
    if (b.durable) save(b);
}

commit_number broker::save(share& s) {
    s.stored = true;
    scratch_.clear();
    record::encode(scratch_, record::share_record{s.name()});
    return s.saved_by = put(table::shares, record::key(number(s.id())), scratch_);
}

commit_number broker::save(share& s, share::member& m) {
    scratch_.clear();
    record::encode(scratch_, record::member_record{m.options});
    return m.saved_by = put(table::members, record::key(number(s.id()), number(m.who->id())), scratch_);
}

bool broker::is_member(const session& who, std::string_view name) const {
    share* s = shares_.find(name);
    const share::member* m = s ? s->find(who) : nullptr;
    return m && !m->leaving;
}

// --- leaving ---

broker::unbound broker::leave_share(session& who, std::string_view name) {
    share* s = shares_.find(name);
    share::member* m = s ? s->find(who) : nullptr;
    if (!m || m->leaving) return {false, 0};
    // What was sent is still the client's to acknowledge [MQTT-3.10.4-3].
    const auto unsent = [id = s->id()](const entry& e) { return e.options->share == id && !e.redelivered() && !e.released; };
    s->take_back(who.inbox().id(), who.inbox().extract_ready(unsent));
    m->leaving = true;
    --shared_subscriptions_;
    const commit_number commit = forget_record(*s, *m);
    if (!who.inbox().holds_of(s->id())) remove_member(*s, who);
    const commit_number ended = settle_members(*s);
    return {true, std::max(commit, ended)};
}

commit_number broker::forget_record(share& s, share::member& m) {
    if (!m.stored) return 0;
    m.stored = false;
    return erase(table::members, record::key(number(s.id()), number(m.who->id())));
}

void broker::remove_member(share& s, session& who) {
    std::erase(*who.shares, &s);
    s.remove(who);
}

/// After somebody has left.
commit_number broker::settle_members(share& s) {
    if (s.abandoned()) return end_share(s);
    rebind(s);
    return 0;
}

commit_number broker::end_share(share& s) {
    for (share::member& m : s.all()) {
        m.who->inbox().untie(s.id());
        shared_subscriptions_ -= m.leaving ? 0 : 1;
        std::erase(*m.who->shares, &s);
        forget_record(s, m);
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
    const std::vector<share*> left = *who.shares;
    for (share* s : left) {
        forget_record(*s, *s->find(who));
        shared_subscriptions_ -= s->find(who)->leaving ? 0 : 1;
        remove_member(*s, who);
        settle_members(*s);
    }
}

// --- members that come and go ---

void broker::retrieve(share& s, session& from) {
    const auto wanted = [id = s.id()](const entry& e) { return e.options->share == id && may_go_elsewhere(e); };
    s.take_back(from.inbox().id(), from.inbox().extract_ready(wanted));
}

/// Its session lives on. If nobody else is there, it keeps what it has, and gets it again as it was [MQTT-4.4.0-1].
void broker::member_went(session& who) {
    if (!who.shares) return;
    for (share* s : *who.shares) {
        if (s->find(who)->leaving) continue;
        if (s->attended(&who))
            retrieve(*s, who);
        else
            s->scattered = true;
    }
}

void broker::member_came(session& who) {
    for (share* s : *who.shares)
        if (!s->find(who)->leaving) gather(*s, who);
}

/// What those who are away still hold is for this one, who is here.
void broker::gather(share& s, const session& for_whom) {
    s.queue().wake();
    if (!std::exchange(s.scattered, false)) return;
    for (const share::member& m : s.members()) {
        if (m.who == &for_whom || m.leaving || !is_away(*m.who)) continue;
        if (m.who->connected())
            s.scattered = true;  // on its way back
        else
            retrieve(s, *m.who);
    }
}

void broker::return_failed(session& from, entry e) {
    share& s = *shares_by_queue_.at(e.options->share);  // which outlives what it keeps
    std::vector<entry> one;
    one.push_back(std::move(e));
    s.take_back(from.inbox().id(), std::move(one));
}

std::size_t session::subscription_count() const { return inbox_->incoming.size() + (shares ? shares->size() : 0); }

void session::wake_starved_shares() const {
    for (share* s : *shares) s->wake_if_starved();
}

}  // namespace causeway::core
