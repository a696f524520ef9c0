// Places in an inbox that stand for packet ids of what its client is sent from other queues. See queue.hpp.

#include "core/broker.hpp"

namespace causeway::core {

commit_number queue::mark_place(std::uint64_t place, options_ptr options) {
    entry mark{.message = nullptr, .options = std::move(options), .seq = place, .deliveries = 1};
    mark.released = true;
    mark.stored = durable();
    if (mark.stored) mark.gate = broker_.release_entry(*this, mark);
    const commit_number commit = mark.gate;
    keep_unacknowledged(std::move(mark));
    return commit;
}

void queue::free_place(std::uint64_t place) {
    if (const std::optional<entry> mark = extract_unacknowledged(place)) erase_records(*mark);
}

}  // namespace causeway::core
