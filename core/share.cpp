#include "core/share.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "core/broker.hpp"

namespace causeway::core {

namespace {

/// Members with credit that are compared before one is chosen, so that a large share costs no more per message.
constexpr std::size_t compared_max = 32;

/// Handed to a session that is not stored: only the record of its share tells of it.
bool is_marked(const entry& e) { return e.kept && !e.stored && e.qos() == qos::exactly_once; }

}  // namespace

share::share(broker& owner, queue_id id, std::string name, std::shared_ptr<const queue_limits> limits)
    : broker_(owner), name_(std::move(name)), queue_(owner, id, {}, std::move(limits)) {
    queue_.belongs_to(*this);
    ENSURE(queue_.add_consumer(*this).has_value());
}

// --- members ---

share::member* share::find(const session& who) {
    const auto at = std::find_if(members_.begin(), members_.end(), [&who](const member& m) { return m.who == &who; });
    return at == members_.end() ? nullptr : &*at;
}

void share::remove(const session& who) {
    std::erase_if(members_, [&who](const member& m) { return m.who == &who; });
}

bool share::abandoned() const {
    return std::all_of(members_.begin(), members_.end(), [](const member& m) { return m.leaving; });
}

bool share::attended(const session* besides) const {
    return std::any_of(members_.begin(), members_.end(), [besides](const member& m) {
        return m.who != besides && !m.leaving && m.who->inbox().consumer_count() > 0;
    });
}

options_ptr share::merged_options() const {
    auto all = boost::intrusive_ptr<delivery_options>(new delivery_options);
    all->qos_max = qos::at_most_once;
    for (const member& m : members_)
        if (!m.leaving) all->qos_max = std::max(all->qos_max, m.options->qos_max);
    return all;
}

/// One that has no use for it is chosen only if that is true of all: then it is lost anyway, and must not stop the others.
share::member* share::freest(const entry& e, std::size_t& place) {
    free_credit most;
    member* best = nullptr;
    bool wanted = false;  // by somebody
    for (std::size_t tried = 0; tried < members_.size() && !(best && tried >= compared_max); ++tried) {
        const std::size_t at = (next_ + tried) % members_.size();
        member& m = members_[at];
        if (m.leaving) continue;
        const free_credit credit = m.who->inbox().credit();
        const bool wants = m.who->inbox().has_use_for(e);
        if (wants && !wanted) {
            wanted = true;
            best = nullptr;
            most = {};
        }
        if (wanted && !wants) continue;
        if (!credit.any() || credit <= most) continue;
        most = credit;
        best = &m;
        place = at;
    }
    return best;
}

// --- handing out ---

void share::pushed(const entry& e) {
    if (fresh_batch_ == broker_.next_commit_) return;
    fresh_batch_ = broker_.next_commit_;
    fresh_from_ = e.seq;
}

/// Is its record in the batch that is being filled?
bool share::is_fresh(const entry& e) const { return fresh_batch_ == broker_.next_commit_ && e.seq >= fresh_from_; }

/// A message must be on disk before one that is sent exactly once loses its record; for the others the gate is enough.
bool share::moves_before_commit(const entry& e) const {
    return e.gate == broker_.next_commit_ &&
           (!e.stored || std::all_of(members_.begin(), members_.end(), [](const member& m) { return m.who->durable(); }));
}

void share::wake_if_starved() {
    if (starved_) queue_.wake();
}

bool share::can_take(const core::queue&, const entry& next) {
    const member* to = freest(next, chosen_);
    starved_ = !to || must_wait(next, *to);
    return !starved_;
}

/// Exactly once needs the store on the way: its commit would fail, and the message come back at once. And a message that came
/// back is sent only when no other record can bring it again.
bool share::must_wait(const entry& e, const member& to) const {
    const bool exactly_once = e.message->qos() == qos::exactly_once && to.options->qos_max == qos::exactly_once;
    return e.stored && exactly_once && (!broker_.storage_available() || broker_.homecomings_.under_way(id(), e.seq));
}

handover share::deliver(core::queue&, const entry& next) {
    const member& to = members_[chosen_];
    next_ = chosen_ + 1;
    const entry copy = moved(next, to);
    core::queue& inbox = to.who->inbox();
    inbox.accept(copy);
    if (next.stored && !copy.kept) broker_.erase_entry(queue_.id(), next.seq, next);
    if (is_marked(copy)) mark(next);
    inbox.dispatch(broker_.options().dispatch_budget);
    return handover::moved;
}

entry share::moved(const entry& e, const member& to) const {
    entry copy = e;
    copy.options = to.options;
    copy.share_seq = e.seq;
    copy.deliveries = 0;  // whoever had it before was somebody else
    copy.recovered = false;
    const bool acknowledged = copy.qos() != qos::at_most_once;
    copy.stored = e.stored && acknowledged && to.who->durable();
    copy.kept = e.stored && !(copy.stored && is_fresh(e));
    if (!acknowledged) copy.gate = 0;
    if (copy.kept && copy.qos() == qos::exactly_once) copy.gate = broker_.next_commit_;
    if (copy.gate == 0 && e.message->published_by(to.who->id()) && !broker_.batch_.empty()) {
        copy.gate = broker_.next_commit_;  // it sees the acknowledgement first
        copy.held = true;
    }
    return copy;
}

/// Its record says that it is being sent exactly once: it must not be sent to anybody else [MQTT-4.8.2-5].
void share::mark(entry e) {
    e.deliveries = 1;
    broker_.rewrite_entry(queue_, e);
}

// --- coming back ---

void share::take_back(queue_id inbox, std::vector<entry> returned) {
    // From the last to the first: each goes to the front.
    for (auto at = returned.rbegin(); at != returned.rend(); ++at) {
        const entry& from = *at;
        entry back = from;
        back.options = queue_.incoming.empty() ? from.options : queue_.incoming.front()->options;
        back.seq = from.share_seq;
        back.share_seq = 0;
        back.deliveries = 0;
        back.recovered = false;
        back.kept = false;
        back.held = false;
        // A gate of its own move means nothing here; that of its publication does.
        if (from.kept || from.held) back.gate = 0;
        back.stored = from.kept || from.stored || (stored && from.message->durable());
        queue_.put_back(back);
        if (back.stored) record(back, from, inbox);
    }
}

/// What the store says of an entry that is back.
void share::record(const entry& back, const entry& from, queue_id inbox) {
    homecomings& under_way = broker_.homecomings_;
    if (!from.kept) return under_way.begin(*this, back, from.stored ? inbox : queue_id::none, from.seq);
    if (from.stored) broker_.erase_entry(inbox, from.seq, from);
    if (is_marked(from))
        under_way.correct(*this, back);
    else
        under_way.resume(*this, back.seq);
}

}  // namespace causeway::core
