#pragma once
// Entries that have come back to their share (share::take_back) while the store does not say so yet. A failed commit keeps its
// erases and loses its puts, so the record in the inbox that one comes from stays until the share's own is known to be stored, and
// that is written again after each commit that failed. Where a crash leaves the inbox's record only, the entry is that session's, or
// the share's if the session is gone (recovery.cpp). Mostly empty. Belongs to the broker thread.
//
// Until then nobody is sent the message exactly once: the inbox's record would bring it a second time.

#include <cstdint>
#include <map>
#include <vector>

#include "base/ids.hpp"
#include "core/entry.hpp"
#include "core/store.hpp"

namespace causeway::core {

class broker;
class share;

class homecomings {
public:
    explicit homecomings(broker& owner) : broker_(owner) {}

    bool empty() const { return known_.empty(); }
    bool under_way(queue_id share, std::uint64_t seq) const { return !empty() && known_.contains({share, seq}); }

    /// The entry is in the share again. `inbox`: has the only record of it, at that place; none: there is no record yet. It counts
    /// as one more from now on. If its publication is not stored yet, nothing is written before that is: it may fail, and be
    /// published once more.
    void begin(share& to, const entry& back, queue_id inbox, std::uint64_t inbox_seq);
    /// The share's record of it is there, but says what is no longer true.
    void correct(share& to, const entry& back);
    /// It was handed on before it was stored, and is back once more.
    void resume(share& to, std::uint64_t seq);
    /// The share's record goes, so the inbox's goes, too.
    void settled(queue_id share, std::uint64_t seq) { forget({share, seq}); }

    /// Commits are done.
    void settle_commits();
    /// The store takes writes: what is due is written into this turn's batch.
    void write_due();

private:
    struct place {
        queue_id share;
        std::uint64_t seq;
        auto operator<=>(const place&) const = default;
    };
    struct origin {
        queue_id inbox = queue_id::none;  // none: no record stands there
        std::uint64_t seq = 0;            // in the inbox
        message_ptr message;              // for the count of its records
        commit_number commit = 0;         // that it waits for: of the publication, or of the share's record; 0: to be written
        bool written = false;             // the latter
    };

    void await(const place& where, commit_number commit);
    void write(const place& where);
    void forget(const place& where);

    broker& broker_;
    std::map<place, origin> known_;
    std::multimap<commit_number, place> waiting_;
    std::vector<place> due_;
};

}  // namespace causeway::core
