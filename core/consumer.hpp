#pragma once
// A receiver of a queue's messages, with credit of its own counting. Implemented by the protocols' endpoints. All calls come
// on the broker thread; can_take and deliver while the turn ends, after every packet of the turn has been handled, and before
// that only from a queue that is full, or from an inbox in which nothing waits.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/entry.hpp"

namespace causeway::core {

class queue;

enum class handover : std::uint8_t {
    settled,  // nothing more is expected: the queue forgets the entry (QoS 0, automatic acknowledgement)
    waiting,  // the consumer will settle it: queue::acknowledge, requeue or reject with the entry's seq
    moved,    // another queue has it now, and what was to be written has been: this one forgets it
    // It cannot be sent to this consumer, ever: the queue drops it for that reason, or dead-letters it.
    unmappable,
    too_large,
};

/// How much more a consumer could take, as far as it can tell. The more of `entries`, and then of `bytes`, the more it is free.
struct free_credit {
    std::size_t entries = 0;
    std::size_t bytes = 0;
    bool any() const { return entries > 0 && bytes > 0; }
    auto operator<=>(const free_credit&) const = default;
};

class consumer {
public:
    virtual ~consumer() = default;

    /// x-priority of basic.consume. Never changes.
    virtual std::int64_t priority() const { return 0; }

    /// Is there credit and room for this one? After a "no" the queue asks again only when queue::wake was called.
    virtual bool can_take(const queue& from, const entry& next) = 0;

    /// After a "no", does it call queue::wake with itself when it can take again, whatever comes next? Until then, a queue with
    /// others to ask leaves it out.
    virtual bool calls_when_able() const { return false; }

    virtual handover deliver(queue& from, const entry& next) = 0;

    /// For shares, which choose among consumers. One that has none wakes its shares (session::wake_shares) when it has again.
    virtual free_credit credit() { return {}; }
    /// For shares, too: could it ever be sent this one? A member that could not would only lose it.
    virtual bool has_use_for(const entry&) const { return true; }

    /// The queue is being deleted; the consumer has been removed from it already.
    virtual void queue_deleted(queue& from) = 0;
};

}  // namespace causeway::core
