#pragma once
// An ordered queue: ready entries, unacknowledged entries, consumers. An AMQP queue and an MQTT session's inbox are both
// one. Belongs to the broker thread. Operations write their durable effect into the broker's batch of the turn.
//
// Handing out happens while a turn ends (broker::end_turn → dispatch), so acknowledgements of a turn precede the deliveries that
// they caused; before that only if the queue is full, so that what somebody is ready to take counts against no limit, and if it is
// an inbox in which nothing waits, whose client then gets the message while it is in the processor's cache.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/ring.hpp"
#include "base/time.hpp"
#include "core/consumer.hpp"
#include "core/entry.hpp"
#include "core/failure.hpp"
#include "core/field.hpp"
#include "core/queue_consumers.hpp"
#include "core/ready_entries.hpp"
#include "core/timers.hpp"
#include "core/unacknowledged_entries.hpp"

namespace causeway::core {

class broker;
class session;
class share;
struct binding;

enum class overflow : std::uint8_t { drop_head, drop_newest, reject_publish, reject_publish_dlx };
constexpr bool refuses(overflow o) { return o == overflow::reject_publish || o == overflow::reject_publish_dlx; }

/// x-queue-type. A quorum queue counts how often an entry came back, and tells its consumers.
enum class queue_type : std::uint8_t { classic, quorum };

/// What a queue was declared with. Stored.
struct queue_definition {
    std::string name;
    bool durable = false;
    bool exclusive = false;  // to `owner` of the queue
    bool auto_delete = false;
    field_table arguments;
};

/// What the arguments mean. 0 is a limit, too: nothing waits then.
struct queue_limits {
    std::optional<std::uint64_t> messages_max;
    std::optional<std::uint64_t> bytes_max;
    core::overflow overflow = core::overflow::drop_head;
    std::optional<std::int64_t> ttl_ms;
    std::optional<std::string> dead_letter_exchange;
    std::optional<std::string> dead_letter_routing_key;
    std::uint8_t priority_max = 0;  // messages above it count as this one; without a priority: 0
    std::optional<std::int64_t> expires_ms;       // unused for so long, the queue is deleted
    std::optional<std::uint64_t> delivery_limit;  // an entry that came back more often is dead-lettered
    queue_type type = queue_type::classic;
    bool single_active_consumer = false;
};

/// Why an entry leaves a queue without having been consumed. Counted. Of those that dead-letter it, the names are RabbitMQ's
/// x-death reasons.
enum class drop_reason : std::uint8_t {
    rejected,
    expired,
    maxlen,
    no_consumer,
    purged,
    queue_deleted,
    commit_failed,
    too_large,
    unmappable,
    delivery_limit,
    cycle,  // of dead letters
};
inline constexpr std::size_t drop_reason_count = 11;
const char* name_of(drop_reason reason);

class queue {
public:
    queue(broker& owner, queue_id id, queue_definition definition, std::shared_ptr<const queue_limits> limits);
    queue(const queue&) = delete;
    queue& operator=(const queue&) = delete;

    queue_id id() const { return id_; }
    const std::string& name() const { return definition_.name; }
    const queue_definition& definition() const { return definition_; }
    /// Survives a restart: a durable queue that no connection owns, the inbox of a durable session, the queue of a stored share.
    bool durable() const;
    const queue_limits& limits() const { return *limits_; }
    /// The MQTT session whose inbox this is, or nullptr.
    core::session* session() const { return session_; }
    /// An inbox or a share's queue: an entry of QoS 0 waits for no acknowledgement and no disk there.
    bool goes_by_qos() const { return session_ || share_; }
    connection_id exclusive_owner = connection_id::none;

    std::size_t ready_count() const { return ready_.size(); }
    std::size_t unacknowledged_count() const { return unacknowledged_.size(); }
    std::size_t bytes() const { return bytes_ + ready_.bytes(); }
    std::size_t consumer_count() const { return consumers_.size(); }

    // --- consumers ---
    /// Fails with access_refused if another consumer is exclusive, or if this one wants to be and is not alone.
    /// A quorum queue admits everybody, and nobody is exclusive there.
    outcome<void> add_consumer(consumer& c, bool exclusive = false);
    /// x-single-active-consumer: the one that gets everything, until it goes; nullptr if there is none, or all are active.
    const consumer* single_active_consumer() const { return consumers_.active(); }
    /// Entries that wait for its acknowledgement stay unacknowledged: the consumer requeues or rejects what it holds.
    /// An auto-delete queue goes with its last consumer (the queue may be gone on return).
    void remove_consumer(consumer& c);
    bool exclusively_consumed() const { return consumers_.exclusive(); }
    /// Somebody has declared it again or looked at it: x-expires counts from now.
    void renew_lease();
    /// A consumer has new credit or room, or was added: offer it entries at the end of this turn.
    void wake();
    /// The same, of one that calls_when_able.
    void wake(const consumer& c);

    // --- entries ---
    /// Called by broker::publish and for retained replays. Returns false if a limit refuses the entry (reject_publish).
    bool push(entry&& e);
    /// basic.get: the first deliverable entry; it is unacknowledged from now on (settle it), unless `automatic`.
    /// Nothing while the head waits for its commit, or for the store: see head_is_on_its_way.
    std::optional<entry> take(bool automatic);
    /// Something is there, but not in memory yet: broker::await_head.
    bool head_is_on_its_way() { return !ready_.empty() && !ready_.head(); }

    /// The entry is done with. Returns the commit that makes it durable, 0 if there is nothing to write. Unknown seq: 0.
    commit_number acknowledge(std::uint64_t seq);
    /// Back to its place; will be flagged redelivered. Cheapest in descending order of seq. Call requeued() when all are back.
    void requeue(std::uint64_t seq);
    /// They count to the limits again: the oldest entries go, as in RabbitMQ. A quorum queue offers them to its consumers first.
    void requeued();
    /// Dead-lettered if the queue says so, with this header if there is one, else dropped and counted.
    void reject(std::uint64_t seq, drop_reason reason = drop_reason::rejected, const named_value* note = nullptr);
    /// QoS 2: PUBREC came. The message is given up, the entry stays unacknowledged until acknowledge (PUBCOMP). Doing it
    /// again changes nothing; both return the commit after which PUBREL may leave.
    commit_number release(std::uint64_t seq);
    // For inboxes (queue_places.cpp): their client is sent entries of other queues, too.
    /// A place that no entry of this one gets: it stands for a packet id.
    std::uint64_t reserve_place() { return next_seq_++; }
    /// From this commit on the client may know that packet id, also after this connection: as if it were an entry that is released.
    commit_number mark_place(std::uint64_t place, options_ptr options);
    /// The client has forgotten it. Not marked: nothing happens.
    void free_place(std::uint64_t place);
    /// The unacknowledged entry, or nullptr.
    const entry* unacknowledged(std::uint64_t seq) { return unacknowledged_.find(seq); }
    /// All unacknowledged entries back to their places (a session's connection went away).
    void requeue_all();

    /// Drops all ready entries; returns how many.
    std::size_t purge();

    /// How much more its consumer could take, beyond what waits here. For inboxes, which have one at the most.
    free_credit credit() const;
    /// Its consumer's has_use_for; nobody has if nobody is there.
    bool has_use_for(const entry& e) const { return !consumers_.empty() && consumers_.first().has_use_for(e); }

    /// Entries pushed from now on wait at least for this commit (a SUBACK that is not out yet), whatever becomes of it.
    void hold_new_until(commit_number commit) { hold_ = commit; }

    // --- for the broker only ---
    /// Hands out what consumers take. Returns when the head must wait, nobody has credit, or `budget` is used up (then the
    /// queue stays woken).
    void dispatch(std::size_t budget);
    void restore(entry e);  // recovery, ascending seq
    /// Other limits from now on: what is too much goes at once.
    void apply(std::shared_ptr<const queue_limits> limits);
    /// Recovery: is there room for this one in memory? Else it stays in the store.
    bool has_room_at(std::uint64_t seq);
    void restore_cold(std::uint64_t seq, const record::entry_outline& what);
    /// Ready entries have come from the store.
    void more_is_here();
    /// Ready entries may leave the memory once they are stored: broker::forget_settled does it.
    void wait_to_forget();
    void forget_settled();
    /// Leaves no more in memory than broker::window().
    void shed();
    void drop_all(drop_reason reason);
    void cancel_consumers();
    void belongs_to(core::session& s) { session_ = &s; }
    void belongs_to(core::share& s) { share_ = &s; }
    /// An entry that a share hands over, already counted and within its consumer's credit: no limit refuses it.
    void accept(entry&& e);
    /// One that it handed out earlier is back, with its old seq.
    void put_back(entry e) { insert_ready(std::move(e)); }
    using choice = std::function<bool(const entry&)>;
    /// Takes those ready entries out, in their order; their records stay.
    std::vector<entry> extract_ready(const choice& wanted);
    /// The share whose entries these were is gone, and what it kept of them goes too.
    void untie(queue_id share);
    /// The entry at this place, if it waits; for shares, whose entries have all one.
    const entry* ready(std::uint64_t seq) const;
    /// How many entries there are that this share handed out.
    std::size_t count_of(queue_id share) const;
    /// Places up to this one were given away already.
    void skip_places(std::uint64_t seq) { next_seq_ = std::max(next_seq_, (seq & place_number_max) + 1); }
    bool woken = false;
    bool gated = false;
    bool forgetting = false;
    std::vector<binding*> incoming;  // all bindings that end here
    commit_number saved_by = 0;      // the commit of its record

    /// Its place among the targets of the broker's search of this number.
    struct routing_place {
        std::uint64_t search = 0;
        std::size_t place = 0;
    };
    routing_place routed;

private:
    using entries = ring<entry>;

    bool must_be_acknowledged(const entry& e) const { return !session_ || e.qos() != qos::at_most_once; }
    bool has_room_for(const entry& e) const;
    bool make_room_for(const entry& e);
    bool drop_oldest();
    bool append(entry&& e);
    bool nobody_keeps(const entry& e) const;
    std::size_t limited_bytes() const { return goes_by_qos() ? bytes_ : ready_.body_bytes(); }
    bool is_too_long() const;
    void use_levels();
    bool can_expire(const entry& e) const;
    /// Not counting what has expired by then.
    bool head_is_ready(std::int64_t expired_by_wall_ms);
    bool wait_for_commit();
    void drop_expired(std::int64_t by_wall_ms, std::size_t most = SIZE_MAX);
    bool expires_on_arrival(const entry& e) const;
    void give_back(entry e);
    void insert_ready(entry e);
    void keep_unacknowledged(entry&& e);
    bool passes_through(entry& e);
    void hand_to(consumer& taker, entry&& e);
    std::optional<entry> extract_unacknowledged(std::uint64_t seq);
    entry extract_last_unacknowledged();
    entry pop_ready();
    void trim_to_limits();
    commit_number finish(entry& e);
    commit_number erase_records(const entry& e);
    void give_up_head();
    entry take_out(entries::iterator at);
    void drop(entry e, drop_reason reason, const named_value* note = nullptr);
    bool dead_letters(drop_reason reason) const;
    void drop_ready(drop_reason reason);
    void count_ready(const entry& e);
    void arm_expiry();

    broker& broker_;
    queue_id id_;
    queue_definition definition_;
    std::shared_ptr<const queue_limits> limits_;  // all inboxes have the same
    core::session* session_ = nullptr;
    core::share* share_ = nullptr;

    ready_entries ready_;
    unacknowledged_entries unacknowledged_;
    std::size_t bytes_ = 0;              // of the unacknowledged ones, and of the ready ones without levels
    std::uint64_t next_seq_ = 1;         // without the priority
    commit_number hold_ = 0;

    queue_consumers consumers_;
    std::unique_ptr<timer> expiry_;      // once something expires
    std::unique_ptr<timer> lease_;       // x-expires
};

}  // namespace causeway::core
