// From an exchange to queues: the one door of messages, broker::publish.

#include <algorithm>

#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include "base/check.hpp"
#include "core/broker.hpp"

namespace causeway::core {

namespace {

constexpr int retained_swept_per_turn = 1'000;
constexpr std::size_t kept_for_next_search_max = 4'096;  // bindings, and targets

/// How two matching bindings of one queue become one delivery: highest QoS, all subscription identifiers (mapping.md).
options_ptr merged(const options_ptr& a, const options_ptr& b) {
    if (!a) return b;
    auto both = boost::intrusive_ptr<delivery_options>(new delivery_options(*a));
    both->qos_max = std::max(a->qos_max, b->qos_max);
    both->retain_as_published = a->retain_as_published || b->retain_as_published;
    both->no_local = a->no_local && b->no_local;
    both->subscription_ids.insert(both->subscription_ids.end(), b->subscription_ids.begin(), b->subscription_ids.end());
    return both;
}

/// Only a name that starts with '$' is taken apart to find out.
bool has_own_name(const message& m) { return m.name().starts_with('$') && is_own_name(m.levels()); }

/// Collects targets over exchange-to-exchange bindings; every exchange is visited once. Without recursion: clients may chain
/// more exchanges than the stack is deep.
class route_search {
public:
    /// Nothing passes `closed`, if there is one. `number`: no other search has it. `matching` is memory to use.
    route_search(broker& owner, const message& m, targets& out, const options_ptr& defaults, const exchange* closed,
                 std::uint64_t number, std::vector<const binding*>& matching)
        : broker_(owner), message_(m), out_(out), defaults_(defaults), closed_(closed), number_(number), matching_(matching) {}

    /// The same message under another name; the broker's own are nobody's.
    void add_alias(const std::string& name) {
        message_ptr alias = message::make({.from = message_.origin(), .name = name, .by = {}, .neutral = {}});
        if (!has_own_name(*alias)) aliases_.push_back(std::move(alias));
    }

    void start_at(exchange& x) {
        reach(x);
        for (std::size_t i = 0; i < reached_.size(); ++i) visit(*reached_[i]);  // which may reach more
        if (!aliases_.empty()) rename();
    }

    /// May the result be remembered for the message's name?
    bool by_name() const { return by_name_; }

    /// The exchanges that hold the message back.
    std::vector<exchange*>& delaying() { return delaying_; }

private:
    void reach(exchange& x) {
        if (&x != closed_ && std::exchange(x.reached_in, number_) != number_) reached_.push_back(&x);
    }

    void visit(exchange& x) {
        by_name_ = by_name_ && x.routes_by_name();
        if (x.rules().delays && delay_ms_of(message_)) {
            delaying_.push_back(&x);
            return;
        }
        if (matches(x) || x.alternate().empty()) return;
        if (exchange* other = broker_.find_exchange(x.alternate())) reach(*other);
    }

    bool matches(const exchange& x) {
        const bool by_aliases = &x == &broker_.default_exchange() || x.rules().routing == exchange_type::direct ||
                                x.rules().routing == exchange_type::topic;
        bool found = matches(x, message_, nullptr);
        if (by_aliases)
            for (const message_ptr& alias : aliases_) found = matches(x, *alias, alias) || found;
        return found;
    }

    bool matches(const exchange& x, const message& named, const message_ptr& alias) {
        if (&x == &broker_.default_exchange()) {
            queue* const q = broker_.find_queue(named.name());
            if (q) add(*q, defaults_, alias);
            return q != nullptr;
        }
        matching_.clear();
        x.match(named, matching_);
        for (const binding* b : matching_) {
            if (b->to_queue)
                add(*b->to_queue, b->options, alias);
            else
                reach(*b->to_exchange);
        }
        return !matching_.empty();
    }

    /// Subscribers get a name that matches what they asked for [MQTT-3.3.2-3]: the first one that led to them. Only what matches that
    /// one counts.
    void add(queue& q, const options_ptr& options, const message_ptr& alias) {
        if (q.routed.search != number_) {
            q.routed = {number_, out_.size()};
            out_.push_back({&q, nullptr, nullptr, q.goes_by_qos() ? alias : nullptr});
        }
        target& t = out_[q.routed.place];
        if (q.goes_by_qos() && t.renamed != alias) return;
        t.options = merged(t.options, options);
        if (!options->no_local) t.options_for_own = merged(t.options_for_own, options);
    }

    /// Aliases so far are names only.
    void rename() {
        boost::unordered_flat_map<const message*, message_ptr> whole;
        for (target& t : out_) {
            if (!t.renamed) continue;
            message_ptr& copy = whole[t.renamed.get()];
            if (!copy) {
                message_parts parts = message_.parts();
                parts.name = t.renamed->name();
                copy = message::make(std::move(parts));
            }
            t.renamed = copy;
        }
    }

    broker& broker_;
    const message& message_;
    targets& out_;
    const options_ptr& defaults_;
    const exchange* closed_;
    const std::uint64_t number_;  // exchanges and queues know it that were met already
    std::vector<const binding*>& matching_;
    std::vector<message_ptr> aliases_;
    std::vector<exchange*> delaying_;
    boost::container::small_vector<exchange*, 4> reached_;
    bool by_name_ = true;
};

bool published_by_owner(const queue& q, const message& m) {
    return q.session() && m.published_by(q.session()->id());
}

/// What is retained may be from an earlier session of the same client: No Local is about the client identifier [MQTT-3.8.3-3].
bool published_by_client_of(const queue& q, const message& m) {
    return q.session() && m.by() && m.by()->client_id == q.session()->client_id();
}

const options_ptr& options_of(const target& t, const message& m) {
    static const options_ptr none;
    if (!published_by_owner(*t.to, m)) return t.options;
    return t.to->session()->no_local ? none : t.options_for_own;
}

}  // namespace

void broker::changed_routes(const binding& b) {
    const exchange_type routing = b.source->rules().routing;
    if (routing == exchange_type::direct) return topology_.add(stable_hash(b.from->levels(b.key)));
    if (routing != exchange_type::topic) return topology_.add();
    const topic_pattern pattern = b.from->pattern(b.key);
    if (pattern.literal())
        topology_.add(stable_hash(pattern));
    else
        topology_.add();
}

void broker::changed_routes(std::string_view queue_name) { topology_.add(hash_of_text(queue_name)); }

const targets& broker::route(exchange& from, const message& m, other_names more, route_hint* hint) {
    delaying_.clear();
    if (hint && *hint && more.empty() && (*hint)->holds(topology_)) return (*hint)->to;
    route_cache& known = from.by_name[static_cast<std::size_t>(m.from())];
    if (more.empty())
        if (const cached_route* const found = known.find(m.name(), topology_, hint)) return found->to;

    if (found_.capacity() > kept_for_next_search_max) found_ = targets();  // "{}" would keep the memory
    if (matching_.capacity() > kept_for_next_search_max) matching_ = std::vector<const binding*>();
    found_.clear();
    route_search search(*this, m, found_, default_options_, has_own_name(m) ? mqtt_exchange_ : nullptr, ++searches_, matching_);
    for (const std::string& name : more) search.add_alias(name);
    search.start_at(from);
    delaying_.swap(search.delaying());
    const bool remembered = search.by_name() && more.empty() && m.origin();  // the broker's own are few
    return remembered ? known.put(m.name(), stable_hash(m.levels()), topology_, found_) : found_;
}

receipt broker::publish(exchange& to, message_ptr m, other_names more_names, route_hint* hint) {
    ++counters_.published;
    receipt r;
    if (&to == mqtt_exchange_ && has_own_name(*m)) {
        ++counters_.refused;
        return {receipt::fate::refused_name, 0};
    }
    const bool retaining = m->retain() && &to == mqtt_exchange_;
    if (retaining && !retain(m, r)) return r;
    r = pass_on(to, m, more_names, r.commit, hint);
    if (r.what == receipt::fate::no_target) ++counters_.unroutable;
    if (r.refused()) ++counters_.refused;
    return r;
}

receipt broker::pass_on(exchange& to, const message_ptr& m, other_names more, commit_number before, route_hint* hint) {
    const targets& where = route(to, *m, more, hint);
    if (delaying_.empty()) return deliver(where, m, before);
    if (const receipt::fate refused = refused_delay(*m); refused != receipt::fate::routed) return {refused, 0};
    return hold_back(deliver(where, m, before), m, more);
}

receipt broker::deliver(const targets& to, const message_ptr& m, commit_number before, bool gated) {
    receipt r{receipt::fate::no_target, before};
    if (to.size() > 2) m->expect_several();
    const auto stores = [&m](const target& t, const options_ptr& options) {
        return m->durable() && t.to->durable() && (!t.to->goes_by_qos() || options->qos_max != qos::at_most_once);
    };
    std::size_t stored = 0;
    std::size_t renamed = 0;  // likewise, each with a record of its own
    if (m->durable())
        for (const target& t : to)
            if (const options_ptr& options = options_of(t, *m); options && stores(t, options)) ++(t.renamed ? renamed : stored);
    if (stored + renamed > 0 && !store_.available()) return {receipt::fate::refused_by_storage, 0};
    if (stored > 1) m->stored.id = message_id{++last_id_};
    stored += renamed;

    const std::size_t deaths = dead_.size();
    for (const target& t : to) {
        const options_ptr& options = options_of(t, *m);
        if (!options) continue;
        entry e{.message = t.renamed ? t.renamed : m, .options = options, .expires_wall_ms = m->expires_wall_ms()};
        e.stored = stores(t, options) && (!t.to->goes_by_qos() || e.qos() != qos::at_most_once);
        // Exactly once needs the message stored before anybody sees it; its own publisher sees the acknowledgement first.
        const bool once = m->qos() == qos::exactly_once && e.qos() != qos::at_most_once;
        if ((stored > 0 || before != 0) && (gated || once || published_by_owner(*t.to, *m))) e.gate = next_commit_;
        if (r.what == receipt::fate::no_target) r.what = receipt::fate::routed;
        if (!t.to->push(std::move(e))) r.what = receipt::fate::refused_by_limit;
    }
    if (stored > 0 && !batch_.empty()) r.commit = next_commit_;
    return m->durable() && dead_.size() > deaths ? await_dead_letters(r) : r;
}

bool broker::retain(const message_ptr& m, receipt& r) {
    if (!store_.available() && m->qos() != qos::at_most_once) {
        r.what = receipt::fate::refused_by_storage;
        ++counters_.refused;
        return false;
    }
    if (m->payload().empty()) {  // [MQTT-3.3.1-6]: an empty payload clears the topic
        if (const std::uint64_t id = retained_.clear(m->levels())) r.commit = erase(table::retained, record::key(id));
        return true;
    }
    if (!has_room_to_retain(*m) || m->levels().size() > topic_levels_max) {
        r.what = receipt::fate::refused_by_limit;
        ++counters_.refused;
        return false;
    }
    const std::uint64_t fresh = last_id_ + 1;
    const std::uint64_t id = retained_.set(m, fresh);
    if (id == fresh) last_id_ = fresh;
    r.commit = put_record(table::retained, record::key(id), *m);
    if (m->expires_wall_ms() != 0) arm_retained_sweep();
    return true;
}

void broker::announce(message_ptr m) {
    ENSURE(has_own_name(*m));
    targets to;  // not remembered: the others' way with this name is another one
    route_search(*this, *m, to, default_options_, nullptr, ++searches_, matching_).start_at(*mqtt_exchange_);
    deliver(to, m, 0);
    announced_.set(std::move(m), 0);
}

bool broker::has_room_to_retain(const message& m) const {
    const message* before = retained_.find(m.levels());
    const std::size_t count = retained_.size() + (before ? 0 : 1);
    const std::size_t bytes = retained_.bytes() + m.size() - (before ? before->size() : 0);
    return count <= options_.retained_messages_max && bytes <= options_.retained_bytes_max;
}

/// Expired ones do not stay until somebody looks. So many a turn, that others are not kept waiting.
void broker::sweep_retained() {
    for (int i = 0; i < retained_swept_per_turn; ++i) {
        const std::uint64_t id = retained_.clear_expired(now_.wall_ms);
        if (id == 0) break;
        erase(table::retained, record::key(id));
    }
    arm_retained_sweep();
}

void broker::arm_retained_sweep() {
    const std::int64_t due = retained_.next_expiry_wall_ms();
    if (due == 0) return;
    if (!retained_sweep_) retained_sweep_ = std::make_unique<timer>(timers_, [this] { sweep_retained(); });
    const std::int64_t wait = std::max<std::int64_t>(due - now_.wall_ms, 0);
    retained_sweep_->arm_at(now_.steady_ms + wait);
}

void broker::replay_retained(queue& to, const topic_pattern& filter, const delivery_options& options) {
    auto replay = boost::intrusive_ptr<delivery_options>(new delivery_options(options));
    replay->retained_replay = true;
    const options_ptr shared = replay;
    const bool no_local = options.no_local || (to.session() && to.session()->no_local);
    const std::int64_t wall = now_.wall_ms;
    std::vector<message_ptr> found;
    const auto collect = [&](const retained::slot& slot) {
        const message& m = *slot.message;
        const bool kept_away = no_local && published_by_client_of(to, m);
        const bool expired = m.expires_wall_ms() != 0 && m.expires_wall_ms() <= wall;
        if (!kept_away && !expired) found.push_back(slot.message);
    };
    retained_.match(filter, collect);
    announced_.match(filter, collect);
    for (const message_ptr& m : found) {
        entry e{.message = m, .options = shared, .expires_wall_ms = m->expires_wall_ms()};
        e.stored = to.durable() && m->durable() && e.qos() != qos::at_most_once && store_.available();
        to.push(std::move(e));
    }
}

}  // namespace causeway::core
