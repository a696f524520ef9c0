#pragma once
// A receiver, whatever its protocol: looks at the stamps of the messages that come and tells their senders.

#include <cstdint>
#include <memory>
#include <vector>

#include "bench/meter.hpp"
#include "bench/sender.hpp"
#include "bench/sequence.hpp"
#include "bench/stamp.hpp"

namespace causeway::bench {

class receiver {
public:
    /// Expects messages of `count` senders from number `first` on.
    receiver(std::uint32_t run, std::vector<std::unique_ptr<sender>>& senders, std::uint32_t first, std::uint32_t count,
             meter& counts)
        : run_(run), first_(first), senders_(senders), sequences_(count), counts_(&counts) {}

    /// From now on it is counted there.
    void count_into(meter& counts) { counts_ = &counts; }

    /// A message has come; its stamp, if it has one.
    void got(const std::optional<stamp>& s, std::uint64_t now_ns) {
        if (!s || s->run != run_ || s->sender - first_ >= sequences_.size()) {
            ++counts_->foreign;
            return;
        }
        const sequence::seen seen = sequences_[s->sender - first_].see(s->number);
        if (seen.what == sequence::verdict::doubled) {
            ++counts_->doubled;
            return;
        }
        ++counts_->received;
        counts_->misordered += seen.what == sequence::verdict::late;
        counts_->delivery.record(now_ns > s->due_ns ? now_ns - s->due_ns : 0);
        senders_[s->sender]->settled(seen.settled);
    }

private:
    std::uint32_t run_;
    std::uint32_t first_;
    std::vector<std::unique_ptr<sender>>& senders_;
    std::vector<sequence> sequences_;
    meter* counts_;
};

}  // namespace causeway::bench
