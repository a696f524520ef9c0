// queue: what of its ready entries is in the store only, comes back from there, or is given up there.

#include "core/broker.hpp"

namespace causeway::core {

void queue::restore(entry e) {
    use_levels();
    skip_places(e.seq);
    count_ready(e);
    if (!ready_.has_levels())
        ready_.push(std::move(e));
    else
        ready_.restore(std::move(e));
    arm_expiry();
}

bool queue::has_room_at(std::uint64_t seq) {
    use_levels();
    return !ready_.has_levels() || ready_.has_room(seq);
}

void queue::restore_cold(std::uint64_t seq, const record::entry_outline& what) {
    skip_places(seq);
    ready_.restore_cold(seq, what);
}

void queue::more_is_here() {
    trim_to_limits();
    arm_expiry();
    wake();
}

void queue::wait_to_forget() {
    if (forgetting) return;
    forgetting = true;
    broker_.forgetting_.push_back(this);
}

void queue::forget_settled() {
    forgetting = false;
    if (ready_.settle()) wait_to_forget();
}

void queue::shed() {
    if (ready_.has_levels()) ready_.shed();
}

/// The records of what is in the store only are erased bit by bit.
void queue::drop_ready(drop_reason reason) {
    std::vector<place_range> records;
    broker_.counters_.dropped[static_cast<std::size_t>(reason)] += ready_.give_up_cold(records);
    for (const place_range& places : records) broker_.retired_.add(id_, places);
    while (ready_.head()) drop(pop_ready(), reason);
}

}  // namespace causeway::core
