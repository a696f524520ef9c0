// What queues keep in memory of their backlogs, and what comes back from the store.

#include <algorithm>
#include <utility>

#include "core/broker.hpp"

namespace causeway::core {

namespace {

// Of the memory for messages, this part is for what waits in queues that have more than a little …
constexpr std::uint64_t backlog_part = 4;
// … and so much is little, whatever the number of queues.
constexpr std::uint64_t window_bytes_min = 16 << 10;

}  // namespace

void broker::forget_settled() {
    for (queue* q : std::exchange(forgetting_, {})) q->forget_settled();
}

void broker::collect_pages() {
    if (!pager_.collect()) return;
    tell_each(std::exchange(awaiting_heads_, {}), [](participant& who) { who.commits_settled(); });
}

/// While there is much in memory, the queues with a backlog get smaller windows, and keep to them.
void broker::watch_window() {
    const std::uint64_t half = options_.memory_bytes_max / 2;
    if (memory_.bytes < half / 2 && crowded_bytes_ != half) {
        window_ = {options_.queue_window_messages, options_.queue_window_bytes};
        crowded_bytes_ = half;
    }
    if (memory_.bytes <= crowded_bytes_) return;
    share_out_memory();
    crowded_bytes_ = std::max(half, memory_.bytes + options_.memory_bytes_max / 16);
}

void broker::share_out_memory() {
    std::uint64_t waiting = 0;  // queues
    for (const queue* q : queues_)
        if (q->durable() && !q->goes_by_qos() && q->bytes() > window_bytes_min) ++waiting;
    const std::uint64_t fair = options_.memory_bytes_max / backlog_part / std::max<std::uint64_t>(waiting, 1);
    const std::uint64_t bytes = std::min(options_.queue_window_bytes, std::max(fair, window_bytes_min));
    window_ = {options_.queue_window_messages, bytes};
    for (queue* q : queues_) q->shed();
}

}  // namespace causeway::core
