#pragma once
// One channel of a connection (AMQP 0-9-1, 1.5): its replies, consumers, unacknowledged deliveries, confirms and
// transaction. The handlers (handle_*.cpp) work on it; the connection feeds it frames and carries out its verdicts.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/access.hpp"
#include "protocols/amqp/ack_timeout.hpp"
#include "protocols/amqp/confirms.hpp"
#include "protocols/amqp/consumers.hpp"
#include "protocols/amqp/content.hpp"
#include "protocols/amqp/context.hpp"
#include "protocols/amqp/framing.hpp"
#include "protocols/amqp/outbox.hpp"
#include "protocols/amqp/source.hpp"
#include "protocols/amqp/transaction.hpp"
#include "protocols/amqp/translate.hpp"
#include "protocols/amqp/unacked.hpp"
#include "protocols/amqp/verdict.hpp"

namespace causeway::amqp {

class channel {
public:
    channel(context& c, std::uint16_t channel_number)
        : at(c), number(channel_number), replies(c), incoming(c), confirming(c, replies, channel_number), acknowledging(*this) {}
    channel(const channel&) = delete;
    channel& operator=(const channel&) = delete;

    enum class state : std::uint8_t {
        open,
        closing,  // we have sent channel.close: everything but close-ok is ignored
        leaving,  // the client has closed it; close-ok is held behind a commit
    };
    state now = state::open;

    /// Handles a method, content header or body frame of an open channel.
    verdict take(const frame& f);

    /// Gives everything back to the core: consumers go, deliveries return to their places.
    void let_go();

    // --- for the handlers ---
    template <class M>
    void say(const M& m) {
        write_method(replies.where().tail(), number, m);
        replies.written();
    }
    /// The reply promises what the commit makes durable.
    template <class M>
    void say_after(core::commit_number commit, const M& m) {
        replies.wait_for(commit);
        say(m);
    }
    /// A method that carries a message.
    template <class M>
    void write_message(const M& m, const outgoing& what, const core::message& carried) {
        output_buffer& out = replies.where();
        write_method(out.tail(), number, m);
        const std::size_t frames =
            write_content(out, number, what.block(), carried.payload(), carried.large_payload(), at.frame_bytes_max);
        replies.written(1 + frames);
        ++at.counted->out.messages;
        at.counted->out.message_bytes += carried.payload().size();
    }
    /// A content header cannot be split over frames.
    bool fits(const outgoing& what) const {
        return what.block().size() + content_header_fixed_bytes + frame_overhead_bytes <= at.frame_bytes_max;
    }

    core::broker& broker() const { return *at.broker; }

    /// 403 "access to queue 'q' in vhost '/' refused for user 'u'"
    verdict may(core::right what, std::string_view kind, std::string_view resource) const;

    /// The empty name means the queue that was declared last (1.7.2.1). 404 if none was.
    result<std::string_view, refusal> queue_name(std::string_view given) const;

    /// The entry has been sent and waits to be settled. `to` is null for basic.get.
    void await_settlement(std::uint64_t tag, const core::entry& e, source& from, consumer* to);
    /// Takes deliveries out of `waiting` and settles them, or leaves that to the transaction. 406 if the tag is unknown.
    verdict settle(std::uint64_t tag, bool multiple, settlement how);
    /// Returns what to wait for.
    core::commit_number settle(const std::vector<delivery>& which, settlement how);

    context& at;
    const std::uint16_t number;
    outbox replies;
    content incoming;
    consumers consuming;
    unacked waiting;
    amqp::sources sources;
    confirms confirming;
    ack_timeout acknowledging;
    std::optional<amqp::transaction> transaction;
    std::string last_queue;                     // declared on this channel
    std::string reply_queue;                    // direct_reply.hpp; empty: none
    std::uint16_t prefetch_of_consumers = 0;    // basic.qos global=false: of those that come later; 0: no limit
    std::uint16_t prefetch_of_channel = 0;      // basic.qos global=true
    std::optional<std::string> may_publish_to;  // the exchange that was last found allowed

private:
    verdict take_method(const frame& f);
    verdict take_content(const frame& f);
    verdict take_message(const published& whole);
    core::commit_number settle_one(const delivery& d, settlement how);
    void requeue(const std::vector<delivery>& which);

    std::vector<delivery> settling_;  // kept for its memory
};

}  // namespace causeway::amqp
