#include "core/share.hpp"

#include <algorithm>
#include <utility>

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

membership* share::find(const session& who) {
    const auto at = members_.find(who.id());
    return at == members_.end() ? nullptr : &at->second;
}

membership& share::add(session& who) {
    forget(who);
    membership& m = members_.try_emplace(who.id(), membership{.of = this, .who = &who}).first->second;
    return m;
}

void share::remove(const session& who) {
    membership& m = members_.at(who.id());
    attend(m, false);
    if (m.options) --members_by_qos_[static_cast<std::size_t>(m.options->qos_max)];
    if (m.left_behind) std::erase(left_behind_, &m);
    if (chosen_ == &m) chosen_ = nullptr;
    members_.erase(who.id());
}

void share::set_options(membership& m, options_ptr options) {
    if (m.options) --members_by_qos_[static_cast<std::size_t>(m.options->qos_max)];
    m.options = std::move(options);
    ++members_by_qos_[static_cast<std::size_t>(m.options->qos_max)];
}

void share::keep_in_mind(session& who) { departed_[who.id()] = &who; }

void share::forget(const session& who) { departed_.erase(who.id()); }

bool share::attended(const session* besides) const {
    if (!besides || attended_.empty()) return !attended_.empty();
    return attended_.size() > 1 || attended_.front()->who != besides;
}

options_ptr share::merged_options() const {
    auto all = boost::intrusive_ptr<delivery_options>(new delivery_options);
    all->qos_max = members_by_qos_[2] ? qos::exactly_once : members_by_qos_[1] ? qos::at_least_once : qos::at_most_once;
    return all;
}

namespace {

/// A list whose elements know their places in it: the last one takes the place of one that goes.
void list(std::vector<membership*>& in, membership& m, std::size_t membership::*place) {
    if (m.*place != membership::nowhere) return;
    m.*place = in.size();
    in.push_back(&m);
}

void unlist(std::vector<membership*>& from, membership& m, std::size_t membership::*place) {
    if (m.*place == membership::nowhere) return;
    from[m.*place] = from.back();
    from.back()->*place = m.*place;
    from.pop_back();
    m.*place = membership::nowhere;
}

}  // namespace

void share::attend(membership& m, bool there) {
    passing_ -= m.passing ? 1 : 0;
    m.passing = there && !m.who->durable();
    passing_ += m.passing ? 1 : 0;
    if (there) {
        list(attended_, m, &membership::attended_at);
        list(free_, m, &membership::free_at);
    } else {
        unlist(attended_, m, &membership::attended_at);
        park(m);
    }
}

/// Without credit. It says when it has some again (has_room), so nobody asks it before.
void share::park(membership& m) { unlist(free_, m, &membership::free_at); }

void share::has_room(membership& m) {
    if (m.attended_at != membership::nowhere) list(free_, m, &membership::free_at);
    wake_if_starved();
}

void share::leave_behind(membership& m) {
    if (!std::exchange(m.left_behind, true)) left_behind_.push_back(&m);
}

std::vector<membership*> share::take_left_behind() {
    for (membership* m : left_behind_) m->left_behind = false;
    return std::exchange(left_behind_, {});
}

// --- choosing ---

/// One that has no use for it is chosen only if that is true of all who are there: then it is lost anyway, and must not stop the
/// others.
membership* share::freest(const entry& e) {
    bool wanted = false;
    membership* const best = freest_with_credit(e, wanted);
    if (!best || wanted) return best;
    const bool by_another = std::any_of(attended_.begin(), attended_.end(),
                                        [&e](const membership* m) { return m->who->inbox().has_use_for(e); });
    return by_another ? nullptr : best;
}

/// `wanted`: it has use for it.
membership* share::freest_with_credit(const entry& e, bool& wanted) {
    free_credit most;
    membership* best = nullptr;
    std::size_t able = 0;
    for (std::size_t tried = 0; tried < free_.size() && !(wanted && able >= compared_max); ++tried) {
        membership& m = *free_[(next_ + tried) % free_.size()];
        ++compared_;
        const free_credit credit = m.who->inbox().credit();
        if (!credit.any()) {
            parked_.push_back(&m);
            continue;
        }
        ++able;
        const bool wants = m.who->inbox().has_use_for(e);
        if (wanted && !wants) continue;
        if (wants == wanted && credit <= most) continue;
        wanted = wants;
        most = credit;
        best = &m;
    }
    for (membership* m : parked_) park(*m);
    parked_.clear();
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
           (!e.stored || passing_ == 0);
}

void share::wake_if_starved() {
    if (starved_) queue_.wake();
}

bool share::can_take(const core::queue&, const entry& next) {
    chosen_ = freest(next);
    starved_ = !chosen_ || must_wait(next, *chosen_);
    return !starved_;
}

/// Exactly once needs the store on the way: its commit would fail, and the message come back at once. And a message that came
/// back is sent only when no other record can bring it again.
bool share::must_wait(const entry& e, const membership& to) const {
    const bool exactly_once = e.message->qos() == qos::exactly_once && to.options->qos_max == qos::exactly_once;
    return e.stored && exactly_once && (!broker_.storage_available() || broker_.homecomings_.under_way(id(), e.seq));
}

handover share::deliver(core::queue&, const entry& next) {
    const membership& to = *chosen_;
    next_ = to.free_at + 1;
    const entry copy = moved(next, to);
    core::queue& inbox = to.who->inbox();
    inbox.accept(entry(copy));
    if (next.stored && !copy.kept) broker_.erase_entry(queue_.id(), next.seq, next);
    if (is_marked(copy)) mark(next);
    inbox.dispatch(broker_.options().dispatch_budget);
    return handover::moved;
}

entry share::moved(const entry& e, const membership& to) const {
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
