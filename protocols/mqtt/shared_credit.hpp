#pragma once
// One Receive Maximum for several queues that have something for a client: its session's inbox, and the AMQP queues that it consumes.
// Who is alone may use all of it. While others wait, nobody gets beyond an equal part, and who was served longest ago is asked
// first, so that nobody starves.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace causeway::mqtt {

/// One of the queues.
struct credit_party {
    std::size_t used = 0;      // of the credit
    std::uint64_t served = 0;  // when it was served last: rising
    bool waits = false;        // it was refused …
    bool asked = false;        // … or asked at least, since it was woken
};

class shared_credit {
public:
    /// How much more it may have, where `room` of `max` is left.
    std::size_t part_of(const credit_party& p, std::size_t room, std::size_t max) const {
        const std::size_t others = waiting_ - p.waits;
        if (others == 0) return room;
        const std::size_t part = std::max<std::size_t>(1, max / (others + 1));
        return std::min(room, part - std::min(part, p.used));
    }

    void refused(credit_party& p) {
        p.asked = true;
        if (!p.waits) ++waiting_;
        p.waits = true;
    }
    void served(credit_party& p) {
        p.asked = true;
        p.served = ++last_served_;
    }
    /// There may be credit again. False: it waits no longer, for nobody has asked on its behalf since it was woken last.
    bool wakes(credit_party& p) {
        const bool asked = std::exchange(p.asked, false);
        if (!asked) leaves(p);
        return p.waits;
    }
    void leaves(credit_party& p) {
        if (p.waits) --waiting_;
        p.waits = false;
    }

private:
    std::size_t waiting_ = 0;
    std::uint64_t last_served_ = 0;
};

}  // namespace causeway::mqtt
