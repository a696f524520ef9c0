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
#include <memory>
#include <string>
#include <vector>

#include "core/consumer.hpp"
#include "core/queue.hpp"
#include "core/session.hpp"

namespace causeway::core {

class share final : private consumer {
public:
    share(broker& owner, queue_id id, std::string name, std::shared_ptr<const queue_limits> limits);

    struct member {
        core::session* who;
        options_ptr options;         // with `share` set
        bool leaving = false;        // gets nothing more, but holds entries that it was sent
        bool stored = false;         // has a record
        commit_number saved_by = 0;  // the commit of its record
    };

    queue_id id() const { return queue_.id(); }
    const std::string& name() const { return name_; }
    core::queue& queue() { return queue_; }
    const core::queue& queue() const { return queue_; }
    const std::vector<member>& members() const { return members_; }

    // --- for the broker only ---
    member* find(const session& who);
    void add(member m) { members_.push_back(std::move(m)); }
    void remove(const session& who);
    std::vector<member>& all() { return members_; }
    /// Nobody is left who would get messages.
    bool abandoned() const;
    /// Is one of its members, other than this one, connected?
    bool attended(const session* besides = nullptr) const;
    /// What the queue is bound with: the most that any member wants.
    options_ptr merged_options() const;
    /// An entry was pushed into the queue.
    void pushed(const entry& e);
    /// Entries come back from an inbox, each to its place.
    void take_back(queue_id inbox, std::vector<entry> returned);
    /// Its queue may hand out an entry that waits for the commit of this very turn: it takes the gate along.
    bool moves_before_commit(const entry& e) const;
    /// Someone has credit again: if it waited for that, it goes on at the end of this turn.
    void wake_if_starved();

    bool stored = false;        // survives a restart: some member's session does, or did
    commit_number saved_by = 0;
    bool scattered = false;     // members that are away may hold entries that another one could have

private:
    // --- consumer ---
    bool can_take(const core::queue& from, const entry& next) override;
    handover deliver(core::queue& from, const entry& next) override;
    void queue_deleted(core::queue&) override {}

    member* freest(const entry& e, std::size_t& place);
    bool must_wait(const entry& e, const member& to) const;
    bool is_fresh(const entry& e) const;
    entry moved(const entry& e, const member& to) const;
    void mark(entry e);
    void record(const entry& back, const entry& from, queue_id inbox);

    broker& broker_;
    std::string name_;
    core::queue queue_;
    std::vector<member> members_;
    std::size_t next_ = 0;              // round robin among equals
    std::size_t chosen_ = 0;            // by can_take, for deliver
    bool starved_ = false;              // nobody could take the head
    commit_number fresh_batch_ = 0;     // entries from fresh_from_ on were pushed while this batch is filled
    std::uint64_t fresh_from_ = 0;
};

}  // namespace causeway::core
