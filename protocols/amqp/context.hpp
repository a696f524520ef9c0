#pragma once
// What a connection shares with its channels: the way out, the vhost's broker, who the client is and what was agreed with
// it. Owned by the connection; `broker` and `identity` are set before the first channel exists.

#include <cstdint>
#include <memory>
#include <string>

#include "base/log.hpp"
#include "core/access.hpp"
#include "core/broker.hpp"
#include "core/counters.hpp"
#include "core/message.hpp"
#include "core/participant.hpp"
#include "core/crossing.hpp"
#include "protocols/amqp/options.hpp"
#include "protocols/amqp/unsettled.hpp"
#include "protocols/endpoint.hpp"

namespace causeway::amqp {

class channels;

/// What the client said that it understands, in start-ok's client-properties.capabilities.
struct client_capabilities {
    bool authentication_failure_close = false;
    bool connection_blocked = false;
    bool consumer_cancel_notify = false;
};

/// A basic.get whose answer is on its way from the store. Nothing else is read from the client meanwhile.
struct pending_get {
    std::uint16_t channel = 0;
    std::string queue;
    bool no_ack = false;
};

struct context {
    protocols::link& link;
    const amqp::options& limits;
    logger& log;
    core::participant& participant;
    amqp::unsettled unsettled{limits};

    channels* all_channels = nullptr;  // set by themselves
    core::traffic* counted = nullptr;  // at the vhost; until the client names one, at its listener's. Null: that does not exist
    core::broker* broker = nullptr;
    core::identity_ptr identity{};
    std::string vhost{};
    client_capabilities client{};
    core::crossing_rules rules{};                               // of the vhost
    std::uint16_t channel_max = 0;                              // agreed in tune, as the next two
    std::uint32_t frame_bytes_max = 0;
    std::uint16_t heartbeat_s = 0;
    core::publisher_ptr publisher{};

    core::commit_number awaited = 0;  // the highest that the participant will be told about
    std::unique_ptr<pending_get> getting{};  // rare
    bool flush_asked = false;         // link.notify_when_flushed() is on its way
    bool sent = false;                // since the heartbeat last looked
    std::size_t unfinished_bytes = 0; // of bodies that are arriving on its channels
    bool publishes = false;           // a publisher: held back while memory is short
    bool confirms_due = false;        // a channel has published in confirm mode since they were last flushed

    connection_id id() const { return link.peer().id; }

    void touch() {
        sent = true;
        link.touch();
    }

    /// So much has been written for the client.
    void count_out(std::size_t bytes, std::size_t frames) {
        if (!counted) return;
        counted->out.bytes += bytes;
        counted->out.packets += frames;
    }

    /// commits_settled() will be called once this commit is done.
    void await(core::commit_number commit) {
        if (commit <= awaited) return;
        awaited = commit;
        broker->await_commit(participant, commit);
    }

    /// Is the peer close enough behind to be sent more messages? If not, flushed() will come.
    bool room() { return room_below(limits.output_bytes_max); }

    /// The same for answers. Far above what deliveries alone can reach: a client that asks on and on without taking the
    /// answers must be held back, but one that is busy writing while it is sent deliveries must not.
    bool room_for_answers() { return room_below(4 * limits.output_bytes_max); }

    bool room_below(std::size_t bytes) {
        if (link.output().size() < bytes) return true;
        if (!flush_asked) link.notify_when_flushed();
        flush_asked = true;
        return false;
    }
};

}  // namespace causeway::amqp
