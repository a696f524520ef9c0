#pragma once
// A receiver of a queue's messages, with credit of its own counting. Implemented by the protocols' endpoints. All calls come
// on the broker thread; can_take and deliver only while the turn ends, after every packet of the turn has been handled.

#include <cstdint>
#include <string_view>

#include "core/entry.hpp"

namespace causeway::core {

class queue;

enum class handover : std::uint8_t {
    settled,  // nothing more is expected: the queue forgets the entry (QoS 0, automatic acknowledgement)
    waiting,  // the consumer will settle it: queue::acknowledge, requeue or reject with the entry's seq
};

class consumer {
public:
    virtual ~consumer() = default;

    /// Is there credit and room for this one? After a "no" the queue asks again only when queue::wake was called.
    virtual bool can_take(const queue& from, const entry& next) = 0;

    virtual handover deliver(queue& from, const entry& next) = 0;

    /// The queue is being deleted; the consumer has been removed from it already.
    virtual void queue_deleted(queue& from) = 0;
};

}  // namespace causeway::core
