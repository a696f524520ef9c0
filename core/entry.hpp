#pragma once
// One message's place in one queue.

#include <cstdint>

#include <boost/container/small_vector.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include "core/message.hpp"
#include "core/store.hpp"

namespace causeway::core {

/// How a receiver asked for messages: the merged options of all its matching bindings. Immutable once shared.
struct delivery_options : boost::intrusive_ref_counter<delivery_options, boost::thread_unsafe_counter> {
    delivery_options() = default;

    core::qos qos_max = core::qos::exactly_once;
    bool no_local = false;
    bool retain_as_published = false;
    bool retained_replay = false;  // sent because of a new subscription: the retain flag is set [MQTT-3.3.1-8]
    queue_id share = queue_id::none;  // entries with these options were handed out by this share (share.hpp)
    boost::container::small_vector<std::uint32_t, 2> subscription_ids;  // MQTT 5: 3.3.2.3.8
};
using options_ptr = boost::intrusive_ptr<const delivery_options>;

struct entry {
    message_ptr message;
    options_ptr options;                // never null
    std::uint64_t seq = 0;              // its place: rising in each queue (ready_entries.hpp); 0 for one that needs no acknowledgement
    commit_number gate = 0;             // delivered, and if released PUBREL sent, only after this commit
    std::int64_t expires_wall_ms = 0;   // the message's expiry or the queue's TTL, whichever comes first; 0: never
    std::uint64_t share_seq = 0;        // its place in the share that handed it out (options->share)
    std::uint32_t deliveries = 0;       // how often it was handed to a consumer; > 0 or `recovered`: redelivered
    bool recovered : 1 = false;         // read back after a restart: may have been delivered before
    bool stored : 1 = false;            // has a record
    bool unwritten : 1 = false;         // its commit failed: the record is lost
    bool kept : 1 = false;              // the share's record of it stands still, besides its own or instead of one
    bool held : 1 = false;              // the gate is about order only: it opens also if that commit fails
    bool released : 1 = false;          // QoS 2: PUBREC came, only PUBREL … PUBCOMP is left [MQTT-4.3.3]; the message may be null

    core::qos qos() const { return message && message->qos() < options->qos_max ? message->qos() : options->qos_max; }
    bool redelivered() const { return deliveries > 0 || recovered; }
};

}  // namespace causeway::core
