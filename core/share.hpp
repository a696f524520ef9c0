#pragma once
// Several sessions that share what matches one pattern: each message goes to one of them. A share has a queue of its own,
// bound like any other, and is that queue's only consumer: while a turn ends it hands each entry to the member with the most
// free credit by moving it to the tail of that member's inbox. There it is like any entry of the inbox (packet ids, redelivery,
// QoS 2), but remembers its place here, so that it can come back when its member goes. Belongs to the broker thread.
//
// Records. A message waits under the share's queue. Handed to a session that is stored with QoS 1 or 2, it gets a record in the
// inbox, too; where both are there after a crash, the inbox's counts. The one here goes when it is settled (entry::kept), so
// that a failed commit cannot lose it between the two; a message that came in the same batch is never written here, and on its way
// back keeps the inbox's record until this one is stored (homecoming.hpp).
// What goes to a session that is not stored, keeps its record here; one of QoS 2 is marked first as being under way.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/consumer.hpp"
#include "core/membership.hpp"
#include "core/queue.hpp"
#include "core/session.hpp"

namespace causeway::core {

class share final : private consumer {
public:
    share(broker& owner, queue_id id, std::string name, std::shared_ptr<const queue_limits> limits);

    queue_id id() const { return queue_.id(); }
    const std::string& name() const { return name_; }
    core::queue& queue() { return queue_; }
    const core::queue& queue() const { return queue_; }
    using memberships = std::map<session_id, membership>;
    const memberships& members() const { return members_; }
    /// Sessions that have left and still hold entries.
    const std::map<session_id, session*>& departed() const { return departed_; }
    /// Is one of its members, other than this one, connected?
    bool attended(const session* besides = nullptr) const;
    /// How often it has looked at a member to find the one with the most credit: grows with messages, never with members.
    std::uint64_t compared() const { return compared_; }

    // --- for the broker only ---
    memberships& members() { return members_; }
    membership* find(const session& who);
    membership& add(session& who);
    void remove(const session& who);
    void set_options(membership& m, options_ptr options);
    /// Nobody is left who would get messages.
    bool abandoned() const { return members_.empty(); }
    /// Somebody has left and holds entries, or does so no longer.
    void keep_in_mind(session& who);
    void forget(const session& who);
    /// The member came, or went, or is there as before but its session lasts longer or less long.
    void attend(membership& m, bool there);
    /// It went, and what it holds is for whoever comes next.
    void leave_behind(membership& m);
    /// Those that were left behind; from now on nobody is.
    std::vector<membership*> take_left_behind();
    /// What the queue is bound with: the most that any member wants.
    options_ptr merged_options() const;
    /// An entry was pushed into the queue.
    void pushed(const entry& e);
    /// Entries come back from an inbox, each to its place.
    void take_back(queue_id inbox, std::vector<entry> returned);
    /// Its queue may hand out an entry that waits for the commit of this very turn: it takes the gate along.
    bool moves_before_commit(const entry& e) const;
    /// A member may have credit again: if the share waited for that, it goes on at the end of this turn.
    void has_room(membership& m);
    /// What it waits for may be there.
    void wake_if_starved();

    bool stored = false;        // survives a restart: some member's session does, or did
    commit_number saved_by = 0;

private:
    // --- consumer ---
    bool can_take(const core::queue& from, const entry& next) override;
    handover deliver(core::queue& from, const entry& next) override;
    void queue_deleted(core::queue&) override {}

    membership* freest(const entry& e);
    membership* freest_with_credit(const entry& e, bool& wanted);
    void park(membership& m);
    bool must_wait(const entry& e, const membership& to) const;
    bool is_fresh(const entry& e) const;
    entry moved(const entry& e, const membership& to) const;
    void mark(entry e);
    void record(const entry& back, const entry& from, queue_id inbox);

    broker& broker_;
    std::string name_;
    core::queue queue_;
    memberships members_;                       // by session: the order never depends on addresses
    std::size_t members_by_qos_[3] = {};        // granted
    std::map<session_id, session*> departed_;
    std::vector<membership*> attended_;         // those who are there …
    std::vector<membership*> free_;             // … and of them those who may have credit
    std::vector<membership*> parked_;           // while one is chosen
    std::vector<membership*> left_behind_;
    std::size_t passing_ = 0;                   // of those who are there
    std::size_t next_ = 0;                      // in free_: round robin among equals
    membership* chosen_ = nullptr;              // by can_take, for deliver
    std::uint64_t compared_ = 0;
    bool starved_ = false;              // nobody could take the head
    commit_number fresh_batch_ = 0;     // entries from fresh_from_ on were pushed while this batch is filled
    std::uint64_t fresh_from_ = 0;
};

}  // namespace causeway::core
