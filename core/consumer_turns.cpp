#include "core/consumer_turns.hpp"

namespace causeway::core {

std::vector<consumer*> consumer_turns::all() const {
    std::vector<consumer*> found;
    found.reserve(size());
    for (const auto& [priority, l] : levels_) {
        found.insert(found.end(), l.turns.begin(), l.turns.end());
        found.insert(found.end(), l.resting.begin(), l.resting.end());
    }
    return found;
}

void consumer_turns::add(consumer& c) {
    level& l = levels_[c.priority()];
    places_[&c] = {.in = &l, .at = l.turns.insert(l.turns.end(), &c)};
    if (single_active_ && !active_) active_ = &c;
}

bool consumer_turns::remove(consumer& c) {
    const auto found = places_.find(&c);
    if (found == places_.end()) return false;
    const place p = found->second;
    places_.erase(found);
    (p.resting ? p.in->resting : p.in->turns).erase(p.at);
    if (p.in->turns.empty() && p.in->resting.empty()) levels_.erase(c.priority());
    if (active_ == &c) active_ = places_.empty() ? nullptr : levels_.begin()->second.turns.front();
    return true;
}

consumer* consumer_turns::next_taker(const queue& from, const entry& e) {
    if (single_active_) return active_->can_take(from, e) ? active_ : nullptr;
    for (auto& [priority, l] : levels_)
        if (consumer* const taker = next_taker(l, from, e)) return taker;
    return nullptr;
}

consumer* consumer_turns::next_taker(level& of, const queue& from, const entry& e) {
    for (std::size_t left = of.turns.size(); left > 0; --left) {
        const auto first = of.turns.begin();
        consumer* const c = *first;
        const bool able = c->can_take(from, e);
        const bool rests = !able && c->calls_when_able();
        std::list<consumer*>& to = rests ? of.resting : of.turns;
        to.splice(to.end(), of.turns, first);
        if (rests) places_.find(c)->second.resting = true;
        if (able) return c;
    }
    return nullptr;
}

void consumer_turns::wake(const consumer& c) {
    const auto found = places_.find(&c);
    if (found == places_.end() || !found->second.resting) return;
    place& p = found->second;
    p.in->turns.splice(p.in->turns.end(), p.in->resting, p.at);
    p.resting = false;
}

}  // namespace causeway::core
