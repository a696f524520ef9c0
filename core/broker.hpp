#pragma once
// One vhost with all of its state: exchanges, queues, bindings, sessions, retained messages, timers, and the store batch of
// the turn. Belongs to one thread. Knows no protocol, socket, file or clock: time, store and entropy are arguments, so equal
// inputs give equal outputs.
//
// A turn:  begin_turn(now) → the endpoints handle all packets that are there, calling in here → end_turn().
// Commit numbers: whatever a call wrote is durable when the commit that it returned has been stored; 0 means that there
// is nothing to wait for. state_of(commit) tells; await_commit has a participant told.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "base/ids.hpp"
#include "base/log.hpp"
#include "base/time.hpp"
#include "core/counters.hpp"
#include "core/delayed.hpp"
#include "core/directory.hpp"
#include "core/exchange.hpp"
#include "core/failure.hpp"
#include "core/homecoming.hpp"
#include "core/participant.hpp"
#include "core/policy.hpp"
#include "core/queue.hpp"
#include "core/record.hpp"
#include "core/pager.hpp"
#include "core/retained.hpp"
#include "core/retired_ranges.hpp"
#include "core/session.hpp"
#include "core/share.hpp"
#include "core/store.hpp"
#include "core/timers.hpp"

namespace causeway::core {

struct broker_options {
    std::string vhost = "/";
    std::string mqtt_exchange = "amq.topic";          // where MQTT publishes and subscribes; made, durable, if it is not there
    std::optional<std::string> session_dead_letter_exchange{};     // of inboxes and shares, as of AMQP queues
    std::optional<std::string> session_dead_letter_routing_key{};  // empty: that of the message
    std::uint64_t memory_bytes_max = 1ULL << 30;       // messages in memory; above: publishers are stopped
    std::uint64_t session_messages_max = 100'000;      // per inbox and share; beyond: session_overflow
    std::uint64_t session_bytes_max = 256ULL << 20;
    overflow session_overflow = overflow::drop_newest;
    std::uint32_t session_expiry_s_max = no_expiry;    // caps what clients ask for
    bool queue_qos0 = false;                           // keep QoS 0 for absent persistent sessions
    std::uint64_t retained_messages_max = 1'000'000;
    std::uint64_t retained_bytes_max = 512ULL << 20;
    std::uint64_t delayed_bytes_max = 256ULL << 20;    // held back by delaying exchanges; beyond: refused
    std::size_t dispatch_budget = 1'000;               // entries handed out per queue and turn
    std::uint64_t queue_window_messages = 16'384;      // of each durable AMQP queue in memory; the rest waits in the store
    std::uint64_t queue_window_bytes = 8ULL << 20;
};

/// What became of a published message.
struct receipt {
    enum class fate : std::uint8_t {
        routed,
        no_target,            // nobody wants it
        refused_by_limit,     // a queue's reject-publish, the retained limit
        refused_by_storage,   // durable, and the store does not write at the moment
        refused_name,         // the broker's own
    };
    fate what = fate::routed;
    commit_number commit = 0;  // acknowledge to the publisher after this one

    bool refused() const { return what != fate::routed && what != fate::no_target; }
};

/// Names that begin with this level are the broker's own (MQTT 4.7.2): see announce. But for one, $SYS/broker/connection/+/state:
/// there other brokers, whose bridges lead here, say whether they are connected, as mosquitto's do without being asked.
inline constexpr std::string_view own_level = "$SYS";
inline bool is_bridge_state(const topic_levels& name) {
    return name.size() == 5 && name[1] == "broker" && name[2] == "connection" && name[4] == "state";
}
inline bool is_own_name(const topic_levels& name) { return !name.empty() && name[0] == own_level && !is_bridge_state(name); }

enum class commit_state : std::uint8_t { pending, stored, failed };

class broker {
public:
    using entropy = std::function<std::uint64_t()>;

    broker(broker_options options, core::store& store, logger& log, entropy random, record::origins origins);
    ~broker();
    broker(const broker&) = delete;
    broker& operator=(const broker&) = delete;

    /// Reads the store back. Once, before anything else. Throws std::runtime_error with the table, key and reason if a
    /// record is damaged or of a newer format.
    void recover(instant now);

    // --- the turn ---
    /// Takes the time, fires timers, settles commits that are done.
    void begin_turn(instant now);
    /// Hands out entries of woken queues, then submits the turn's batch.
    void end_turn();
    instant now() const { return now_; }
    /// When it wants its next turn even if nothing comes in; already past if there is work left.
    std::int64_t next_turn_steady_ms() const;

    // --- commits ---
    commit_state state_of(commit_number commit) const;
    /// commits_settled() will be called once when this commit is done. Several waits of one participant are fine.
    void await_commit(participant& who, commit_number commit);
    /// commits_settled() will be called once entries have come from the store: see queue::head_is_on_its_way.
    void await_head(participant& who) { awaiting_heads_.push_back(&who); }
    /// Everything written so far, by whomever, is durable after this commit; 0: it already is.
    commit_number last_written() const {
        if (!batch_.empty()) return next_commit_;
        return settled_commit_ + 1 < next_commit_ ? next_commit_ - 1 : 0;
    }

    // --- participants ---
    void add(participant& who);
    void remove(participant& who);
    bool publishers_blocked() const { return blocked_; }
    /// False while the store does not take durable writes.
    bool storage_available() const { return store_.available(); }
    /// Deletes the connection's exclusive queues.
    void connection_gone(connection_id connection);

    // --- exchanges ---
    exchange* find_exchange(std::string_view name);
    exchange& default_exchange() { return *default_exchange_; }
    exchange& mqtt_exchange() { return *mqtt_exchange_; }
    struct declared_exchange {
        core::exchange* it;
        commit_number commit;
    };
    /// Creates it, or finds an equivalent one (else precondition_failed), which may still be on its way to the store. "amq."
    /// names are refused.
    outcome<declared_exchange> declare_exchange(exchange_definition definition);
    /// A missing one is no error.
    outcome<commit_number> delete_exchange(std::string_view name, bool if_unused);

    // --- queues ---
    /// A session's inbox is there for whoever asks for it.
    queue* find_queue(std::string_view name);
    /// find_queue with RabbitMQ's not_found and, for another connection's exclusive queue, locked.
    outcome<queue*> use_queue(std::string_view name, connection_id by);
    struct declared_queue {
        core::queue* it;
        commit_number commit;
        bool created;
    };
    /// Creates it, or finds an equivalent one. An empty name is replaced by `own_prefix` and 22 characters.
    outcome<declared_queue> declare_queue(queue_definition definition, connection_id by, std::string_view own_prefix = "amq.gen-");
    struct deleted_queue {
        std::size_t messages;
        commit_number commit;
    };
    /// Consumers are told. A missing queue is no error (0 messages).
    outcome<deleted_queue> delete_queue(std::string_view name, bool if_unused, bool if_empty, connection_id by);

    // --- bindings ---
    struct binding_request {
        exchange* source = nullptr;
        queue* to_queue = nullptr;
        exchange* to_exchange = nullptr;
        const core::origin* from = nullptr;
        std::string_view key;
        field_table arguments;
        options_ptr options;  // null: defaults
    };
    /// Binding again with the same source, destination, key and arguments changes the options only.
    struct bound {
        bool existed;
        commit_number commit;
    };
    outcome<bound> bind(binding_request request);
    struct unbound {
        bool existed;
        commit_number commit;
    };
    outcome<unbound> unbind(const binding_request& request);
    /// Would bind() find it?
    bool is_bound(const binding_request& request) const;

    // --- policies ---
    /// Instead of those before, for all that is there and all that comes. What is too much in a queue goes at once.
    void set_policies(core::policies fresh);
    const core::policies& policies() const { return policies_; }

    // --- messages: the one door ---
    /// Goes to whatever its own name or one of the others leads to, once to each queue. Where a delaying exchange holds it back,
    /// it counts as routed: who will want it then, nobody knows. `hint`: kept by the publisher, of the same exchange, protocol and name.
    receipt publish(exchange& to, message_ptr m, std::span<const std::string> more_names = {}, route_hint* hint = nullptr);
    /// What the broker says about itself, under a name that begins with own_level: from nobody else such a message passes the
    /// MQTT exchange. Goes to whoever listens, and the last of each name to who listens later. Kept in memory only, and
    /// counted nowhere.
    void announce(message_ptr m);
    /// For message_parts::account.
    memory_account* memory() { return &memory_; }
    const memory_account& memory() const { return memory_; }
    /// How much of its ready entries a queue may keep in memory now: less than configured if many have a backlog.
    const ready_window& window() const { return window_; }
    /// Ranges of records that nobody has any more and that are being erased.
    std::size_t retired_count() const { return retired_.size(); }

    // --- sessions ---
    struct session_request {
        std::string_view client_id;
        std::string_view user;
        bool clean_start = false;
        std::uint32_t expiry_s = 0;   // 0: ends with its connection
        std::optional<core::will> last_will;
        session_holder* holder = nullptr;
        bool no_local = false;        // until somebody else opens it: what it publishes does not come back, as between brokers
    };
    struct opened_session {
        core::session* it;
        bool present;  // [MQTT-3.2.2-2]
        commit_number commit;
    };
    /// For a client that has none: "causeway-" and 16 hex digits, which nobody has.
    std::string unused_client_id();
    /// Whoever holds the session is told taken_over() first. Refused: access_refused if it belongs to another user.
    outcome<opened_session> open_session(session_request request);
    session* find_session(std::string_view client_id);
    /// Made now, if it was not needed so far. Its holder is told.
    queue& inbox_of(session& s);
    std::size_t session_count() const { return sessions_.size(); }
    /// Bindings that end at sessions.
    std::size_t subscription_count() const { return subscriptions_; }
    /// Members of all shares.
    std::size_t shared_subscription_count() const { return shared_subscriptions_; }
    /// The connection is gone or has said goodbye. Its will is published (now, or after its delay) if `publish_will`; the
    /// session ends or waits for `expiry_s`. The holder is no longer referred to; entries in flight go back to their
    /// places. The session may be gone on return.
    void close_session(session& s, bool publish_will, std::uint32_t expiry_s);
    /// QoS 2 from a client: remembers the packet id until it is forgotten, or until the commit that is returned fails: its
    /// message, which needs `message`, is then gone too. Gate the PUBREC on what is returned.
    commit_number begin_receiving(session& s, std::uint16_t packet_id, commit_number message);
    /// Is this packet id being received already (a duplicate) [MQTT-4.3.3-10]? Gate the repeated PUBREC on what is returned.
    std::optional<commit_number> being_received(const session& s, std::uint16_t packet_id) const;
    /// PUBREL came, or the message was refused: the packet id is free again. Gate the PUBCOMP on what is returned; nothing: the
    /// id is not known.
    std::optional<commit_number> forget_received(session& s, std::uint16_t packet_id);
    /// PUBCOMP has left: nothing needs to be known of it any more.
    void drop_forgotten(session& s, std::uint16_t packet_id);

    // --- shares ---
    struct share_request {
        core::session* member = nullptr;
        std::string_view name;  // of the share: who joins the same name gets a part of the same messages
        const core::origin* from = nullptr;
        std::string_view key;   // the pattern, in the words of `from`; follows from the name
        options_ptr options;    // this member's
    };
    /// The share begins with its first member. Joining again changes the options only.
    outcome<bound> join_share(const share_request& request);
    /// What the member was not sent yet goes to the others; what it was (or, after a restart, may have been), it may still settle.
    /// The share ends with its last member, and its messages with it.
    unbound leave_share(session& member, std::string_view name);
    bool is_member(const session& who, std::string_view name) const;
    const share* find_share(std::string_view name) const { return shares_.find(name); }

    // --- retained ---
    /// Pushes the retained messages that the filter matches into the queue [MQTT-3.3.1-6], with `options` (retained_replay is
    /// set on a copy).
    void replay_retained(queue& to, const topic_pattern& filter, const delivery_options& options);
    const core::retained& retained_messages() const { return retained_; }

    // --- delayed ---
    const core::delayed& delayed_messages() const { return delayed_; }

    // --- what parts of the core share ---
    core::timers& timers() { return timers_; }
    const counters& counted() const { return counters_; }
    /// For that protocol's endpoints to count in.
    core::traffic& traffic(protocol p) { return traffic_[static_cast<std::size_t>(p)]; }
    const core::traffic& traffic(protocol p) const { return traffic_[static_cast<std::size_t>(p)]; }
    /// For endpoints: a message is refused before it comes to publish.
    void count_refused() {
        ++counters_.published;
        ++counters_.refused;
    }
    /// For consumers: a message was handed over that cannot be sent to them.
    void count_dropped(drop_reason reason) { ++counters_.dropped[static_cast<std::size_t>(reason)]; }
    const broker_options& options() const { return options_; }
    logger& log() { return log_; }
    const record::origins& origins() const { return origins_; }
    std::uint64_t random() { return random_(); }
    /// Visits all, for management and tests.
    void each_queue(const std::function<void(const queue&)>& visit) const;
    void each_exchange(const std::function<void(const exchange&)>& visit) const;
    void each_session(const std::function<void(const session&)>& visit) const;
    void each_share(const std::function<void(const share&)>& visit) const;

private:
    friend class queue;
    friend class ready_level;
    friend class retired_ranges;
    friend class share;
    friend class homecomings;
    // recovery.cpp
    void check_format();
    void recover_exchanges();
    void recover_queues();
    void recover_sessions();
    void recover_shares();
    void recover_members();
    void recover_bindings();
    void recover_received();
    void recover_entries();
    void recover_entry(queue& into, entry e);
    void recover_retired();
    class entry_recovery;
    void recover_holder(share& s, session& who);
    void forget_duplicates();
    void take_in_orphans();
    void recover_retained();
    void recover_delayed();
    void settle_mqtt_exchange();
    void resume_sessions();

    // routing.cpp
    using other_names = std::span<const std::string>;
    /// Also fills delaying_.
    const targets& route(exchange& from, const message& m, other_names more = {}, route_hint* hint = nullptr);
    /// Where messages go that match this binding, which has come, changed or is about to go.
    void changed_routes(const binding& b);
    /// Where messages of this name go from the default exchange.
    void changed_routes(std::string_view queue_name);
    receipt pass_on(exchange& to, const message_ptr& m, other_names more, commit_number before, route_hint* hint = nullptr);
    /// `before`: what has been written about the message already. `gated`: nobody gets it if that commit fails.
    receipt deliver(const targets& to, const message_ptr& m, commit_number before, bool gated = false);
    bool retain(const message_ptr& m, receipt& r);
    bool has_room_to_retain(const message& m) const;
    void sweep_retained();
    void arm_retained_sweep();

    // delays.cpp
    /// Holds the message back at the exchanges in delaying_; `so_far` is what became of it elsewhere.
    receipt hold_back(receipt so_far, const message_ptr& m, other_names more);
    receipt::fate refused_delay(const message& m) const;
    commit_number hold_back(const exchange& at, const message_ptr& m, other_names more);
    void awaken_delayed();
    bool awaken(delayed::place at, delayed::item& it);
    void settle_awakened();
    void arm_delayed(std::int64_t wait_ms_least = 0);

    // dead_letter.cpp
    /// Called while entries are dropped; the copies are published before the turn's batch is submitted.
    void dead_letter(const queue& from, const entry& e, drop_reason reason, const named_value* note);
    /// For a durable message of which entries died on arrival: what they leave behind is written by this turn's commit.
    receipt await_dead_letters(receipt r);
    void publish_dead_letters();
    struct dead {
        message_ptr copy;
        std::string exchange;
        std::vector<std::string> further_keys;
        field_array deaths;
    };
    /// Returns how many queues it was meant for.
    std::size_t publish_dead_letter(exchange& to, const dead& letter);

    // definitions.cpp
    exchange& create_exchange(exchange_id id, exchange_definition definition);
    queue& create_queue(queue_id id, queue_definition definition, std::shared_ptr<const queue_limits> limits);
    // policies.cpp: what the arguments and the policies say together
    std::shared_ptr<const queue_limits> limits_of(const queue_definition& definition) const;
    std::string alternate_of(const exchange_definition& definition) const;
    binding* find_binding(const binding_request& request) const;
    binding& create_binding(binding_id id, binding_request request);
    commit_number save(exchange& x);
    commit_number save(queue& q);
    commit_number save(binding& b);
    template <class T>
    outcome<commit_number> saved(T& existing);
    void save_lost_definitions();
    commit_number remove_binding(binding& b);
    /// Names the auto-delete exchanges that they came from: see delete_unused.
    commit_number remove_bindings(const std::vector<binding*>& all, std::vector<std::string>& sources);
    commit_number remove_queue(queue& q, drop_reason reason);
    /// Its bindings, entries and consumers go, and whatever knows of it forgets it.
    commit_number empty_out(queue& q, drop_reason reason);
    commit_number remove_exchange(exchange& x);
    commit_number remove_exchange(exchange& x, std::vector<std::string>& sources);
    /// Those of them that are auto-delete and have no bindings left, and all that becomes unused with them.
    void delete_unused(std::vector<std::string> names);

    // sessions.cpp
    session& create_session(session_id id, std::string_view client_id);
    queue& create_inbox(session& s, queue_id id);
    queue* find_inbox(std::string_view name);
    void detach_holder(session& s, bool ends);
    commit_number save(session& s);
    void publish_will(session& s);
    void end_session(session& s);
    void arm_session_timers(session& s);

    // shares.cpp
    outcome<share*> begin_share(const share_request& request);
    share& create_share(queue_id id, std::string name);
    membership& add_member(share& s, session& who);
    void rebind(share& s);
    commit_number save(share& s);
    commit_number save(membership& m);
    commit_number forget_record(membership& m);
    void remove_member(membership& m);
    void keep_remainder(share& s, session& who, std::size_t entries);
    commit_number settle_members(share& s);
    commit_number end_share(share& s);
    void leave_shares(session& who);
    void retrieve(share& s, session& from);
    void member_went(session& who);
    void member_came(session& who);
    /// It is there, or away, or its session lasts longer or less long than before.
    void attend_shares(session& who);
    void gather(share& s, const session& for_whom);
    void return_failed(session& from, entry e);

    // the batch of the turn
    commit_number put(table where, std::string_view key, std::string_view value);
    /// `fresh`: the store has never had the key.
    template <class Record>
    commit_number put_record(table where, const record::short_key& key, const Record& what, bool fresh = false) {
        batch_.put(where, key, fresh, [&what](std::string& value) { record::encode(value, what); });
        return next_commit_;
    }
    commit_number erase(table where, std::string_view key);
    /// `again`: at a place where it may have been stored before.
    commit_number store_entry(const queue& q, const entry& e, bool again = false);
    commit_number erase_entry(queue_id where, std::uint64_t seq, const entry& e);
    commit_number rewrite_entry(const queue& q, const entry& e);
    commit_number release_entry(const queue& q, const entry& e);
    /// Its message will be referred to by one more record.
    void count_record(const entry& e);
    /// One that was counted already: what was written of it may be lost.
    commit_number store_entry_again(const queue& q, const entry& e);
    void settle_commits();
    void wake_gated();
    template <class Tell>
    void tell_each(std::vector<participant*> whom, Tell tell) {
        telling_ = &whom;
        for (std::size_t i = 0; i < whom.size(); ++i)
            if (whom[i]) tell(*whom[i]);
        telling_ = nullptr;
    }
    void watch_memory();
    void watch_storage();
    void dispatch_woken();

    // paging.cpp
    void forget_settled();
    void collect_pages();
    void share_out_memory();
    void watch_window();

    // shared_messages.cpp
    bool take_message(message& m);
    void give_up_message(const message_ptr& m);
    void give_up_message(message_id id);
    void count_apart(message& m);

    broker_options options_;
    core::store& store_;
    logger& log_;
    entropy random_;
    record::origins origins_;
    instant now_;
    memory_account memory_;             // outlives all messages
    core::timers timers_;
    core::pager pager_;
    retired_ranges retired_;
    ready_window window_;
    std::uint64_t crowded_bytes_ = 0;   // with so much in memory, the windows are measured anew
    core::counters counters_;
    core::traffic traffic_[3];          // by protocol

    directory<exchange, &exchange::name> exchanges_;
    directory<session, &session::client_id> sessions_;
    directory<queue, &queue::name> queues_;
    directory<share, &share::name> shares_;
    boost::unordered_flat_map<queue_id, share*> shares_by_queue_;
    homecomings homecomings_{*this};
    exchange* default_exchange_ = nullptr;
    exchange* mqtt_exchange_ = nullptr;
    core::retained retained_;
    core::retained announced_;          // by ourselves: not stored
    std::size_t subscriptions_ = 0;
    std::size_t shared_subscriptions_ = 0;
    std::unique_ptr<timer> retained_sweep_;  // once one expires
    core::delayed delayed_;
    std::unique_ptr<timer> delayed_timer_;   // once there was one
    std::vector<exchange*> delaying_;        // where the message that was routed last is to wait
    struct awakened_item {
        commit_number commit;                // of its entries, and of the word in its record that it is awakened
        delayed::place at;
        delayed::item what;
    };
    std::deque<awakened_item> awakened_;     // not known to be stored yet
    topology_log topology_;
    std::uint64_t last_id_ = 0;  // of everything that has an id

    batch batch_;
    commit_number next_commit_ = 1;     // of the batch being filled
    bool promised_ = false;             // somebody waits for it, though nothing may be in it
    commit_number settled_commit_ = 0;  // all up to here are done …
    std::vector<completion> failed_;    // … and these of them failed: ascending, with gaps between them
    bool lost_definitions_ = false;     // of failed commits: to be written again
    std::vector<completion> arrived_;
    std::vector<std::pair<commit_number, participant*>> waiting_;
    boost::intrusive::list<participant, boost::intrusive::constant_time_size<false>> participants_;
    std::vector<participant*>* telling_ = nullptr;  // who is being told something; one that goes is blanked
    boost::unordered_flat_map<connection_id, std::map<queue_id, queue*>> exclusive_;  // by owner
    std::vector<queue*> woken_;
    std::vector<queue*>* dispatching_ = nullptr;  // of the round under way; a queue that goes is blanked
    std::vector<queue*> gated_;         // woken again when a commit settles
    std::vector<queue*> forgetting_;    // with entries that may leave the memory then
    std::vector<participant*> awaiting_heads_;
    boost::unordered_flat_map<message_id, std::uint32_t> counts_apart_;
    bool blocked_ = false;
    bool storing_ = true;               // as the participants know it
    boost::unordered_flat_map<queue_id, queue*> recovering_;  // only during recover()
    boost::unordered_flat_map<queue_id, boost::unordered_flat_set<std::uint64_t>> ties_;  // likewise: of shares, in inboxes
    struct orphan {
        queue_id inbox;
        entry e;
    };
    std::vector<orphan> doubles_;       // likewise: of what was on its way from one inbox to another
    std::vector<orphan> orphans_;       // likewise: of shares, from inboxes whose sessions are gone
    targets found_;                          // by the last search, and …
    std::vector<const binding*> matching_;   // … on its way; both kept for the next one
    std::uint64_t searches_ = 0;
    std::vector<dead> dead_;
    std::size_t dead_max_ = SIZE_MAX;   // while they are published
    std::vector<dead> dead_waiting_;    // for the store to write again
    options_ptr default_options_;
    std::shared_ptr<const queue_limits> inbox_limits_;
    core::policies policies_;
};

}  // namespace causeway::core
