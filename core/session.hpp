#pragma once
// An MQTT client's identity that outlives its connection: one inbox queue, its subscriptions (bindings to the inbox), the
// packet ids of QoS 2 messages received but not yet released, its will and its expiry. Belongs to the broker thread.
// There is one for each client, so it is small: what most have not is behind a pointer, and the inbox is made when something may come
// to it (broker::inbox_of).
// The packet id of an entry is 1 + (seq - 1) % 65535, so it survives a restart without being stored (packet_id_of).

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "base/compact_text.hpp"
#include "base/id_map.hpp"
#include "base/ids.hpp"
#include "core/membership.hpp"
#include "core/message.hpp"
#include "core/store.hpp"
#include "core/timers.hpp"

namespace causeway::core {

class queue;

inline std::uint16_t packet_id_of(std::uint64_t seq) { return static_cast<std::uint16_t>(1 + (seq - 1) % 65535); }

/// Whoever is connected as the session: told when another connection takes it over [MQTT-3.1.4-3] or the session is removed.
class session_holder {
public:
    virtual ~session_holder() = default;
    /// Returns whether its CONNECT had been accepted: only then is there a will [MQTT-3.1.2-7].
    virtual bool taken_over() = 0;
    /// The session has an inbox from now on, and this is who consumes it.
    virtual void inbox_made() {}
};

struct will {
    message_ptr message;
    std::uint32_t delay_s = 0;
    std::optional<std::uint32_t> expiry_s{};  // of the message, counted from its publication
};

/// Never expires (MQTT 5: 0xFFFFFFFF; 3.1.1 with clean session 0).
inline constexpr std::uint32_t no_expiry = 0xFFFF'FFFF;

/// A packet id of QoS 2 that a client used. It is free again once the erasure of its record is stored.
struct received_id {
    commit_number commit = 0;  // what made it durable, or erased it
    bool released = false;     // PUBREL came
    bool earlier = false;      // its message came over an earlier connection, and not again since
};

/// Empty for most sessions, and costs them a pointer.
class received_ids {
public:
    /// nullptr: not known.
    received_id* find(std::uint16_t packet_id) const {
        return known_ ? known_->find(packet_id) : nullptr;
    }
    void set(std::uint16_t packet_id, received_id how) {
        if (!known_) known_ = std::make_unique<id_map<received_id>>();
        known_->set(packet_id, how);
    }
    void erase(std::uint16_t packet_id) {
        if (known_) known_->erase(packet_id);
    }
    /// Its message came another time. True: for the first time over this connection.
    bool comes_again(std::uint16_t packet_id) {
        received_id* known = find(packet_id);
        return known && std::exchange(known->earlier, false);
    }
    /// What is known is of earlier connections from now on.
    void begin_connection() {
        if (!known_) return;
        known_->each([](std::uint16_t, received_id& how) { how.earlier = true; });
    }
    /// visit(packet id)
    template <class Visit>
    void each(Visit visit) const {
        if (!known_) return;
        known_->each([&visit](std::uint16_t packet_id, received_id&) { visit(packet_id); });
    }

private:
    std::unique_ptr<id_map<received_id>> known_;
};

/// What a session has while nobody is connected as it.
struct absence {
    std::int64_t since_wall_ms = 0;
    std::int64_t will_due_wall_ms = 0;  // 0: none pending
    std::unique_ptr<timer> expiry{};
    std::unique_ptr<timer> will{};
};

class session {
public:
    session(session_id id, std::string_view client_id) : id_(id), client_id_(client_id) {}
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    session_id id() const { return id_; }
    std::string_view client_id() const { return client_id_.view(); }
    /// While there is none, nothing has been able to come to it.
    bool has_inbox() const { return inbox_ != nullptr; }
    queue& inbox() const {
        ENSURE(inbox_);
        return *inbox_;
    }
    /// Survives the connection and a restart.
    bool durable() const { return expiry_s > 0; }
    bool connected() const { return holder != nullptr; }
    /// Bindings of its inbox, and memberships.
    std::size_t subscription_count() const;
    /// Its client has room again: shares that wait for that hand out at the end of this turn.
    void wake_shares() const {
        if (shares) tell_shares_of_room();
    }
    /// An entry has left its inbox for good.
    void settled(const entry& e) {
        if (shares && !shares->left.empty()) settle_remainder(e.options->share);
    }
    /// What it holds of a share that it has left is nothing any more, or the membership's again.
    void forget_remainder(share& of);

    // Changed by the broker only.
    void has(queue& inbox) { inbox_ = &inbox; }
    std::uint32_t expiry_s = 0;
    bool stored = false;                     // has a record
    bool no_local = false;                   // of its holder, whatever it subscribed to: nothing it published comes back
    session_holder* holder = nullptr;
    std::unique_ptr<core::will> last_will;
    std::unique_ptr<absence> away;           // while there is no holder
    compact_text user;                       // who opened it: another user may not resume it
    commit_number saved_by = 0;              // the commit of its record
    received_ids received;                   // of QoS 2
    std::unique_ptr<session_shares> shares;  // once there was one

private:
    void tell_shares_of_room() const;
    void settle_remainder(queue_id share);

    session_id id_;
    compact_text client_id_;
    queue* inbox_ = nullptr;
};

}  // namespace causeway::core
