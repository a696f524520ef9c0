// The turn, the batch of the turn and its commits. The rest of the broker: definitions.cpp, routing.cpp, delays.cpp, sessions.cpp,
// shares.cpp, dead_letter.cpp, recovery.cpp.

#include "core/broker.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace causeway::core {

namespace {

/// In the options, 0 is "no limit".
std::optional<std::uint64_t> limit_of(std::uint64_t option) { return option ? std::optional(option) : std::nullopt; }

}  // namespace

broker::broker(broker_options options, core::store& store, logger& log, entropy random, record::origins origins)
    : options_(std::move(options)),
      store_(store),
      log_(log),
      random_(std::move(random)),
      origins_(origins),
      pager_(store_, timers_),
      retired_(*this),
      window_{options_.queue_window_messages, options_.queue_window_bytes},
      crowded_bytes_(options_.memory_bytes_max / 2),
      default_options_(new delivery_options),
      inbox_limits_(std::make_shared<const queue_limits>(queue_limits{.messages_max = limit_of(options_.session_messages_max),
                                                                      .bytes_max = limit_of(options_.session_bytes_max),
                                                                      .overflow = options_.session_overflow,
                                                                      .dead_letter_exchange = options_.session_dead_letter_exchange,
                                                                      .dead_letter_routing_key = options_.session_dead_letter_routing_key})) {
    ENSURE(origins_.mqtt && origins_.amqp);
    static constexpr std::pair<const char*, exchange_type> predeclared[] = {
        {"", exchange_type::direct},          {"amq.direct", exchange_type::direct},   {"amq.fanout", exchange_type::fanout},
        {"amq.topic", exchange_type::topic},  {"amq.headers", exchange_type::headers}, {"amq.match", exchange_type::headers}};
    for (const auto& [name, type] : predeclared)
        create_exchange(exchange_id{++last_id_}, {.name = name, .type = type, .durable = true, .arguments = {}});
    default_exchange_ = find_exchange("");
    mqtt_exchange_ = find_exchange("amq.topic");  // until recover() has found the configured one
}

broker::~broker() {
    for (queue* q : queues_) q->incoming.clear();
}

// --- the turn ---

void broker::begin_turn(instant now) {
    now_ = now;
    settle_commits();
    collect_pages();
    timers_.advance(now.steady_ms);
}

void broker::end_turn() {
    publish_dead_letters();
    dispatch_woken();
    publish_dead_letters();
    retired_.go_on();
    watch_window();
    watch_memory();
    watch_storage();
    if (lost_definitions_ && store_.available()) {
        save_lost_definitions();
        wake_gated();
    }
    if (store_.available()) homecomings_.write_due();
    if (batch_.empty() && !promised_) return;
    promised_ = false;
    store_.submit(next_commit_++, std::move(batch_));
    batch_.clear();
}

void broker::dispatch_woken() {
    // Queues that are woken meanwhile (budget used up, dead letters) have their turn in the next one.
    std::vector<queue*> round;
    round.swap(woken_);
    for (queue*& q : round) q->woken = false;
    dispatching_ = &round;
    for (std::size_t i = 0; i < round.size(); ++i)
        if (round[i]) round[i]->dispatch(options_.dispatch_budget);
    dispatching_ = nullptr;
}

std::int64_t broker::next_turn_steady_ms() const {
    return woken_.empty() && batch_.empty() ? timers_.next_steady_ms() : now_.steady_ms;
}

// --- commits ---

commit_state broker::state_of(commit_number commit) const {
    if (commit > settled_commit_) return commit_state::pending;
    const auto at = std::partition_point(failed_.begin(), failed_.end(), [commit](const completion& c) { return c.last < commit; });
    return at != failed_.end() && at->first <= commit ? commit_state::failed : commit_state::stored;
}

void broker::await_commit(participant& who, commit_number commit) {
    if (!waiting_.empty() && waiting_.back().second == &who && waiting_.back().first == commit) return;
    waiting_.emplace_back(commit, &who);
}

void broker::settle_commits() {
    store_.collect(arrived_);
    if (arrived_.empty()) return;
    for (const completion& c : arrived_) {
        ENSURE(c.first == settled_commit_ + 1 && c.last >= c.first);
        settled_commit_ = c.last;
        ++counters_.commits;
        if (c.status == commit_status::stored) continue;
        ++counters_.failed_commits;
        lost_definitions_ = true;
        if (!failed_.empty() && failed_.back().last + 1 == c.first) {
            failed_.back().last = c.last;  // still the same trouble
            continue;
        }
        log_.error("commit failed", {{"vhost", options_.vhost}, {"status", c.status == commit_status::full ? "full" : "failed"}});
        failed_.push_back(c);
    }
    arrived_.clear();

    homecomings_.settle_commits();
    settle_awakened();
    wake_gated();
    forget_settled();
    const auto settled = std::stable_partition(waiting_.begin(), waiting_.end(),
                                               [this](const auto& w) { return w.first > settled_commit_; });
    std::vector<participant*> whom;  // in the order in which they began to wait, each once
    boost::unordered_flat_set<participant*> known;
    for (auto at = settled; at != waiting_.end(); ++at)
        if (known.insert(at->second).second) whom.push_back(at->second);
    waiting_.erase(settled, waiting_.end());
    tell_each(std::move(whom), [](participant& who) { who.commits_settled(); });
}

void broker::wake_gated() {
    std::vector<queue*> gated;
    gated.swap(gated_);
    for (queue* q : gated) {
        q->gated = false;
        q->wake();
    }
}

commit_number broker::put(table where, std::string_view key, std::string_view value) {
    batch_.put(where, key, value);
    return next_commit_;
}

commit_number broker::erase(table where, std::string_view key) {
    batch_.erase(where, key);
    return next_commit_;
}

commit_number broker::store_entry(const queue& q, const entry& e, bool again) {
    message::stored_state& shared = e.message->stored;
    if (shared.id != message_id::none) {
        // An earlier commit that is not stored may fail, while this one does not.
        const bool uncertain = shared.saved_by != 0 && shared.saved_by != next_commit_ &&
                               state_of(shared.saved_by) != commit_state::stored;
        if (take_message(*e.message) || uncertain) {
            const bool fresh = shared.saved_by == 0 && !again;  // one that was read back has been saved by nobody
            shared.saved_by = put_record(table::messages, record::key(number(shared.id)), *e.message, fresh);
        }
    }
    return put_record(table::entries, record::key(number(q.id()), e.seq), e, !again);
}

commit_number broker::erase_entry(queue_id where, std::uint64_t seq, const entry& e) {
    give_up_message(e.message);
    if (!homecomings_.empty()) homecomings_.settled(where, seq);
    return erase(table::entries, record::key(number(where), seq));
}

/// The same message, said differently.
commit_number broker::rewrite_entry(const queue& q, const entry& e) {
    return put_record(table::entries, record::key(number(q.id()), e.seq), e);
}

commit_number broker::release_entry(const queue& q, const entry& e) {
    ENSURE(e.released);  // so its record has no message
    give_up_message(e.message);
    return put_record(table::entries, record::key(number(q.id()), e.seq), e);
}

// --- participants ---

void broker::add(participant& who) {
    participants_.push_back(who);
    if (blocked_) who.publishers_blocked(true);
    if (!storing_) who.storage_changed(false);
}

void broker::remove(participant& who) {
    participants_.erase(participants_.iterator_to(who));
    std::erase_if(waiting_, [&who](const auto& w) { return w.second == &who; });
    std::erase(awaiting_heads_, &who);
    if (telling_) std::replace(telling_->begin(), telling_->end(), &who, static_cast<participant*>(nullptr));
}

void broker::watch_memory() {
    // Unblocked a good way below the limit, so that publishers are not switched with every message.
    const std::uint64_t limit = blocked_ ? options_.memory_bytes_max / 10 * 8 : options_.memory_bytes_max;
    const bool block = memory_.bytes > limit;
    if (block == blocked_) return;
    blocked_ = block;
    log_.warning(block ? "memory limit reached, publishers are stopped" : "memory is free again, publishers go on",
                 {{"vhost", options_.vhost}, {"bytes", memory_.bytes}});
    std::vector<participant*> all;
    for (participant& who : participants_) all.push_back(&who);
    tell_each(std::move(all), [block](participant& who) { who.publishers_blocked(block); });
}

void broker::watch_storage() {
    const bool storing = store_.available();
    if (storing == storing_) return;
    storing_ = storing;
    std::vector<participant*> all;
    for (participant& who : participants_) all.push_back(&who);
    tell_each(std::move(all), [storing](participant& who) { who.storage_changed(storing); });
}

void broker::connection_gone(connection_id connection) {
    const auto at = exclusive_.find(connection);
    if (at == exclusive_.end()) return;
    const std::map<queue_id, queue*> theirs = at->second;
    for (const auto& [id, q] : theirs) remove_queue(*q, drop_reason::queue_deleted);
}

// --- visits ---

void broker::each_queue(const std::function<void(const queue&)>& visit) const {
    for (queue* q : queues_) visit(*q);
}
void broker::each_exchange(const std::function<void(const exchange&)>& visit) const {
    for (const exchange* x : exchanges_) visit(*x);
}
void broker::each_share(const std::function<void(const share&)>& visit) const {
    for (const share* s : shares_) visit(*s);
}
void broker::each_session(const std::function<void(const session&)>& visit) const {
    for (const session* s : sessions_) visit(*s);
}

}  // namespace causeway::core
