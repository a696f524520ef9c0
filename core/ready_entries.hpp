#pragma once
// The entries of a queue that wait, in the order in which they will be handed out. An inbox and the queue of a share have them
// in one plain ring. An AMQP queue has levels: one for each priority in use, the highest first. Belongs to the broker thread.
//
// A place (entry::seq) says both: [255 - priority: 8 bits] [rising number: 56 bits]. So in each queue, and among its records in
// the store, places are in the order of delivery; without priorities all of them begin with 0.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/ring.hpp"
#include "core/entry.hpp"

namespace causeway::core {

/// The rising part of a place.
inline constexpr std::uint64_t place_number_max = (1ULL << 56) - 1;

class ready_entries {
public:
    ready_entries() = default;
    ready_entries(const ready_entries&) = delete;
    ready_entries& operator=(const ready_entries&) = delete;

    /// Before the first entry. `priority_max` 0: one level is all there will be.
    void use_levels(std::uint8_t priority_max) { levels_ = std::make_unique<levels>(levels{.priority_max = priority_max}); }
    bool has_levels() const { return levels_ != nullptr; }
    /// The entries of a queue without levels.
    ring<entry>& plain() { return plain_; }
    const ring<entry>& plain() const { return plain_; }

    bool empty() const { return size() == 0; }
    std::size_t size() const { return levels_ ? levels_->count : plain_.size(); }
    /// Of the messages' bodies, with levels only: what x-max-length-bytes is about.
    std::size_t body_bytes() const { return levels_ ? levels_->body_bytes : 0; }

    /// Where the message will stand that is the how manieth of the queue.
    std::uint64_t place_of(const message& m, std::uint64_t how_manieth) const;

    /// The next one to be handed out; nullptr: there is none.
    entry* head();
    entry pop_head();
    /// Behind all others of its level. Returns whether it is the head now.
    bool push(entry e);
    /// At its place, where it has been before. Entries without a place (seq 0) only ever stand behind those that had one.
    bool insert(entry e);

private:
    struct level {
        std::uint8_t rank;  // the first byte of its places
        ring<entry> entries;
    };
    struct levels {
        std::uint8_t priority_max;
        std::size_t count = 0;
        std::size_t body_bytes = 0;
        std::vector<level> by_rank{};  // ascending; the first one is at `first` or behind it
        std::size_t first = 0;
    };

    level& level_of(std::uint64_t seq);
    void count(const entry& e);

    ring<entry> plain_;
    std::unique_ptr<levels> levels_;
};

}  // namespace causeway::core
