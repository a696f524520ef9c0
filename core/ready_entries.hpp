#pragma once
// The entries of a queue that wait, in the order in which they will be handed out. An inbox and the queue of a share have them
// in one plain ring. An AMQP queue has levels (ready_level.hpp): one for each priority in use, the highest first. Belongs to the
// broker thread.
//
// A place (entry::seq) says both: [255 - priority: 8 bits] [rising number: 56 bits]. So in each queue, and among its records in
// the store, places are in the order of delivery; without priorities all of them begin with 0.

#include <cstdint>
#include <memory>
#include <vector>

#include "base/ring.hpp"
#include "core/entry.hpp"
#include "core/ready_level.hpp"

namespace causeway::core {

/// The rising part of a place.
inline constexpr std::uint64_t place_number_max = (1ULL << 56) - 1;

class ready_entries {
public:
    ready_entries() = default;
    ready_entries(const ready_entries&) = delete;
    ready_entries& operator=(const ready_entries&) = delete;

    /// Before the first entry. `priority_max` 0: one level is all there will be. `paged`: what has a record may leave the memory.
    void use_levels(broker& owner, queue& of, std::uint8_t priority_max, bool paged);
    bool has_levels() const { return levels_ != nullptr; }
    /// The entries of a queue without levels.
    ring<entry>& plain() { return plain_; }
    const ring<entry>& plain() const { return plain_; }

    bool empty() const { return size() == 0; }
    std::size_t size() const { return levels_ ? levels_->totals.count : plain_.size(); }
    /// With levels only: of the messages, and of their bodies, which x-max-length-bytes is about.
    std::size_t bytes() const { return levels_ ? levels_->totals.bytes : 0; }
    std::size_t body_bytes() const { return levels_ ? levels_->totals.body_bytes : 0; }

    /// Where the message will stand that is the how manieth of the queue.
    std::uint64_t place_of(const message& m, std::uint64_t how_manieth) const;

    /// The next one to be handed out; nullptr: there is none, or it is on its way from the store (queue::more_is_here).
    entry* head();
    entry pop_head();
    /// Behind all others of its level. Returns whether it is the head now.
    bool push(entry&& e);
    /// At its place, where it has been before. Entries without a place (seq 0) only ever stand behind those that had one.
    /// Returns whether it is the head now.
    bool insert(entry&& e);

    // --- with levels only ---
    /// Commits are done. Returns whether entries wait for more of them before they may leave the memory.
    bool settle();
    /// Leaves no more in memory than broker::window().
    void shed();
    /// At the start, in the order of places: what has no room in memory stays in the store.
    bool has_room(std::uint64_t seq);
    void restore(entry e);
    void restore_cold(std::uint64_t seq, const record::entry_outline& what);
    /// Forgets what is in the store only; the records are the caller's. Returns how many there were.
    std::size_t give_up_cold(std::vector<place_range>& records);

private:
    struct ranked {
        std::uint8_t rank;  // the first byte of its places
        std::unique_ptr<ready_level> level;
    };
    struct levels {
        broker& owner;
        queue& of;
        std::uint8_t priority_max;
        bool paged;
        ready_totals totals{};
        std::vector<ranked> by_rank{};  // ascending; the first one that is not empty is at `first` or behind it
        std::size_t first = 0;
    };

    ready_level& level_of(std::uint64_t seq);
    ready_level& first_level();

    ring<entry> plain_;
    std::unique_ptr<levels> levels_;
};

}  // namespace causeway::core
