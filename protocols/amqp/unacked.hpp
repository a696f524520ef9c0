#pragma once
// A channel's deliveries that wait for their acknowledgement, by delivery tag. Tags rise, so the newest stands at the back;
// settling a tag out of turn leaves a gap that is trimmed or squeezed out later. Settling n deliveries costs O(n).

#include <algorithm>
#include <cstdint>
#include <deque>
#include <vector>

namespace causeway::amqp {

class consumer;
class source;

struct delivery {
    std::uint64_t tag = 0;
    std::uint64_t seq = 0;  // its entry in the queue; 0: a gap
    source* from = nullptr;
    consumer* to = nullptr;  // null: basic.get
    std::uint32_t bytes = 0;     // of its message; what does not fit counts as 4 GiB
    std::uint32_t given_ds = 0;  // when: steady time in tenths of a second, rounded up

    static std::uint32_t tenths(std::int64_t steady_ms) { return static_cast<std::uint32_t>((steady_ms + 99) / 100); }
    /// Never too much.
    std::int64_t age_ms(std::int64_t now_steady_ms) const { return now_steady_ms - std::int64_t{given_ds} * 100; }
};

class unacked {
public:
    /// Also for deliveries that need no acknowledgement: they use up a tag all the same.
    std::uint64_t next_tag() { return ++last_tag_; }
    std::uint64_t last_tag() const { return last_tag_; }

    /// Ascending tags only.
    void add(const delivery& d) {
        deliveries_.push_back(d);
        ++count_;
    }

    std::size_t size() const { return count_; }
    /// nullptr: nothing waits.
    const delivery* oldest() const { return deliveries_.empty() ? nullptr : &deliveries_.front(); }

    /// Moves the delivery, or with `multiple` all up to it (tag 0: all there are), to the end of `out`. False if the tag
    /// does not wait: nothing was moved then. AMQP 0-9-1 basic.ack.delivery-tag
    bool take(std::uint64_t tag, bool multiple, std::vector<delivery>& out);

    /// Puts back what was taken (tx.rollback).
    void restore(const std::vector<delivery>& taken);

    template <class Visit>
    void each(Visit&& visit) {
        for (delivery& d : deliveries_)
            if (d.seq != 0) visit(d);
    }

private:
    std::deque<delivery>::iterator find(std::uint64_t tag);
    void take_up_to(std::uint64_t tag, std::vector<delivery>& out);
    void trim();

    std::deque<delivery> deliveries_;  // ascending tag, gaps included; the first and the last are none
    std::size_t count_ = 0;            // without gaps
    std::uint64_t last_tag_ = 0;
};

}  // namespace causeway::amqp
