#include "tests/simulation/ledger.hpp"

#include <algorithm>
#include <charconv>

namespace causeway::simulation {

serial serial::parse(std::string_view payload) {
    serial s{-1, -1};
    const char* end = payload.data() + payload.size();
    const auto [colon, error] = std::from_chars(payload.data(), end, s.publisher);
    if (error == std::errc() && colon != end) std::from_chars(colon + 1, end, s.number);
    return s;
}

int ledger::add_receiver(std::string name, bool exactly_once) {
    receivers_.push_back({std::move(name), exactly_once, {}});
    return static_cast<int>(receivers_.size()) - 1;
}

void ledger::received(int who, serial what, bool again) {
    ++received_count_;
    receiver& to = receivers_[static_cast<std::size_t>(who)];
    const auto at = messages_.find(what);
    if (at == messages_.end()) return violated(to.name + " received " + what.text() + ", which nobody published");
    message& m = at->second;
    const int copies = ++m.copies[who];
    if (copies > 1 && m.qos != 1 && to.exactly_once)
        violated(to.name + " received " + what.text() + " (QoS " + std::to_string(m.qos) + ") again");
    if (copies > 1 && !again && !m.sent_again)
        violated(to.name + " received " + what.text() + " again, sent once and not flagged as a redelivery");
    // What a lost AMQP connection held comes back after what went to its successor meanwhile: redelivered, or, if the broker
    // crashed before it was stored, published again.
    // So does, in its place, what was refused when it was sent first.
    const bool late = !to.exactly_once || store_failed_;
    if (copies > 1 || m.delayed || (late && (again || m.sent_again))) return;
    int& newest = to.newest.try_emplace(what.publisher, -1).first->second;
    if (what.number < newest)
        violated(to.name + " received " + what.text() + " after " + std::to_string(what.publisher) + ":" + std::to_string(newest));
    newest = std::max(newest, what.number);
}

int ledger::add_share(std::string name, bool loses_exactly_once) {
    shares_.push_back({std::move(name), loses_exactly_once});
    return static_cast<int>(shares_.size()) - 1;
}

int ledger::add_member(int share) {
    members_.push_back({share, {}});
    return static_cast<int>(members_.size()) - 1;
}

void ledger::received_by_member(int who, serial what, int qos) {
    ++received_count_;
    member& by = members_[static_cast<std::size_t>(who)];
    const std::string name = shares_[static_cast<std::size_t>(by.share)].name + " member " + std::to_string(who);
    const auto at = messages_.find(what);
    if (at == messages_.end()) return violated(name + " received " + what.text() + ", which nobody published");
    message& m = at->second;
    const int copies = ++m.shared[by.share];
    if (qos == 2 && ++m.exactly_once[by.share] > 1) violated(name + " received " + what.text() + ", sent exactly once, again");
    if (copies > 1 && m.qos == 0) violated(name + " received " + what.text() + " (QoS 0) again");
    // Nobody went away meanwhile, so it was never handed on.
    const bool undisturbed = m.departures == departures_ && !m.sent_again;
    if (copies > 1 && undisturbed) violated(name + " received " + what.text() + ", which was somebody else's");
    if (copies > 1 || m.delayed) return;
    int& newest = by.newest.try_emplace(what.publisher, -1).first->second;
    if (undisturbed && what.number < newest)
        violated(name + " received " + what.text() + " after " + std::to_string(what.publisher) + ":" + std::to_string(newest));
    newest = std::max(newest, what.number);
}

void ledger::check_share(serial what, const message& m, int share) {
    const auto& [name, loses] = shares_[static_cast<std::size_t>(share)];
    if (m.shared.contains(share) || (m.qos == 2 && loses)) return;
    violated(what.text() + " (QoS " + std::to_string(m.qos) + ") was acknowledged and never reached a member of " + name);
}

void ledger::check_complete() {
    for (const auto& [what, m] : messages_) {
        if (!m.acknowledged) continue;
        for (int share = 0; share < static_cast<int>(shares_.size()); ++share) check_share(what, m, share);
        for (std::size_t r = 0; r < receivers_.size(); ++r)
            if (!m.copies.contains(static_cast<int>(r)))
                violated(what.text() + " (QoS " + std::to_string(m.qos) + ") was acknowledged and never reached " + receivers_[r].name);
    }
}

std::size_t ledger::acknowledged_count() const {
    std::size_t count = 0;
    for (const auto& [what, m] : messages_) count += m.acknowledged;
    return count;
}

}  // namespace causeway::simulation
