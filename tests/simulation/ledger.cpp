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
    if (copies > 1 || (!to.exactly_once && (again || m.sent_again))) return;
    int& newest = to.newest.try_emplace(what.publisher, -1).first->second;
    if (what.number < newest)
        violated(to.name + " received " + what.text() + " after " + std::to_string(what.publisher) + ":" + std::to_string(newest));
    newest = std::max(newest, what.number);
}

void ledger::check_complete() {
    for (const auto& [what, m] : messages_) {
        if (!m.acknowledged) continue;
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
