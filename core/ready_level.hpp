#pragma once
// The ready entries of one priority of an AMQP queue, of which memory holds a part. In the order of their places:
//
//   head     in memory; handed out from its front
//   cold     in the store only, read ahead a page at a time. What is known: the first and the last place, how many, how large
//   among    in memory, at places between those of cold ones: what has no record, or was handed out before
//   tail     in memory, the newest. When there are many, and what wrote them is stored, the oldest of them become cold
//
// What is cold has never been handed out, so nobody changes or erases its records but who gives up all of them (give_up_cold).
// Belongs to the broker thread.

#include <cstdint>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/ring.hpp"
#include "core/entry.hpp"
#include "core/pager.hpp"
#include "core/record.hpp"

namespace causeway::core {

class broker;
class queue;

/// How much of a level memory may hold in its head; of its tail, half as much once it is stored.
struct ready_window {
    std::size_t entries = 0;
    std::size_t bytes = 0;
};

/// Of all levels of a queue, wherever the entries are.
struct ready_totals {
    std::size_t count = 0;
    std::size_t bytes = 0;
    std::size_t body_bytes = 0;
    std::uint64_t recovered_upto = 0;  // the number (not the place) of the last entry from before the start
};

/// Places of entries in the store, inclusive.
struct place_range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};

class ready_level final : private page_reader {
public:
    /// `paged`: entries that have records may be cold.
    ready_level(broker& owner, queue& of, ready_totals& totals, bool paged)
        : broker_(owner), of_(of), totals_(totals), paged_(paged) {}
    ~ready_level() override { stop_reading(); }
    ready_level(const ready_level&) = delete;
    ready_level& operator=(const ready_level&) = delete;

    bool empty() const { return size() == 0; }
    std::size_t size() const { return head_.size() + cold_.count + among_.size() + tail_.size(); }

    /// nullptr if it is empty, or if what comes first is on its way: queue::more_is_here() will be called.
    entry* head();
    entry pop_head();
    /// Behind all others.
    void push(entry&& e);
    /// One that was handed out, to its place. Returns whether that is in front of all others.
    bool insert(entry e);

    /// Commits are done: entries may leave the memory. Returns whether more of them wait for that.
    bool settle();
    /// Leaves no more in memory than the window is now.
    void shed();
    /// At the start, for an entry behind all others: is there no room in memory?
    bool is_full() const;
    void restore(entry e);
    void restore_cold(std::uint64_t seq, const record::entry_outline& what);
    /// Forgets what is cold; its records are the caller's. Returns how many there were.
    std::size_t give_up_cold(std::vector<place_range>& records);

private:
    struct cold_range {
        std::uint64_t first = 0;
        std::uint64_t last = 0;
        std::size_t count = 0;
        std::size_t bytes = 0;
        std::size_t body_bytes = 0;
    };
    /// The commit of the last entry at or before this place.
    struct mark {
        commit_number commit;
        std::uint64_t last;
    };
    struct arrival {
        std::uint64_t seq;
        record::entry_record what;
    };

    bool overflows() const { return cold_.count > 0 || !among_.empty() || !tail_.empty(); }
    bool head_has_room() const;
    void to_head(entry&& e);
    entry from_tail();

    // What is stored.
    void note(std::uint64_t seq);
    void settle_marks();
    void keep(std::uint64_t after, std::uint64_t upto);
    bool is_settled(const entry& e) const { return !e.stored || e.unwritten || e.seq <= settled_; }
    bool may_go(const entry& e) const;

    // Out of memory …
    void balance();
    void promote();
    void trim_tail();
    void set_aside(entry e);
    void count_cold(const entry& e);

    // … and back.
    void read_ahead();
    void stop_reading();
    void page_arrived(page&& found) override;
    void take_entries(const page& found);
    void take_messages(const page& found);
    void ask_for_messages();
    bool find_message(arrival& a);
    void absorb();
    void take_in(arrival& a);
    void lose(std::uint64_t seq, std::string_view why);
    void end_of_range();

    broker& broker_;
    queue& of_;
    ready_totals& totals_;
    const bool paged_;

    ring<entry> head_;
    cold_range cold_;
    ring<entry> among_;
    ring<entry> tail_;
    std::size_t head_bytes_ = 0;
    std::size_t tail_bytes_ = 0;
    ring<mark> marks_;            // ascending; of commits that are not known to be done
    std::uint64_t settled_ = 0;   // up to this place they are, and entries of failed ones are flagged

    std::uint64_t read_ = 0;      // under way; 0: none
    std::uint64_t read_upto_ = 0; // the last cold place when it was asked for
    bool last_page_ = false;      // `arrived_` goes up to there
    std::vector<arrival> arrived_;
    std::size_t taken_ = 0;       // of these
    std::vector<message_id> wanted_;  // messages that several queues share, asked for …
    boost::unordered_flat_map<message_id, message_ptr> shared_;  // … and here
};

}  // namespace causeway::core
