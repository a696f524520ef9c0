#pragma once
// A connected client at its session: hands each packet to its handler and holds what they share. Made when CONNECT has
// been accepted, destroyed when the client lets go of the session or loses it. What only some clients need is made when they do.

#include <memory>
#include <utility>

#include "base/result.hpp"
#include "protocols/mqtt/client.hpp"
#include "protocols/mqtt/delivery.hpp"
#include "protocols/mqtt/framing.hpp"
#include "protocols/mqtt/handle_publish.hpp"
#include "protocols/mqtt/outbox.hpp"

namespace causeway::mqtt {

class session {
public:
    explicit session(client c);
    ~session();
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    /// Every packet but CONNECT and DISCONNECT. Errors close the connection with that reason.
    result<void, reason> handle(const frame& f);

    /// Commits have come back: acknowledgements may leave. Errors as above.
    result<void, reason> commits_settled();

    /// The output has been sent.
    void output_flushed() {
        if (delivery_) delivery_->wake();
    }

    /// False while the client must be held back: it leaves no room for answers, or is owed too many acknowledgements.
    bool may_send_more() const {
        const std::size_t owed_max = 2 * std::size_t{client_.options.receive_max};  // beyond what an MQTT 5 client may cause
        return !client_.output_full() && outbox_.size() < owed_max;
    }

    core::session& state() { return client_.session; }
    const client_limits& limits() const { return client_.limits; }

    /// The client has proven anew who it is: these rights count from now on.
    void identify(core::identity_ptr who) { client_.identity = std::move(who); }
    const core::identity& identity() const { return *client_.identity; }

    /// There is an inbox to consume.
    void attend_inbox();

private:
    publish_handler& publishing();
    /// Makes the inbox, if there is none.
    delivery& delivering();
    result<void, reason> handle(const packet& p);
    result<void, reason> dispatch(const frame& f);
    template <packet_type Type, class Handler>
    result<void, reason> acknowledge(const frame& f, Handler& handler);
    /// Everything that it had to get was small enough for it [MQTT-3.1.2-24].
    result<void, reason> all_sendable() const;

    client client_;
    outbox outbox_;
    std::unique_ptr<publish_handler> publishing_;  // once the client publishes
    std::unique_ptr<delivery> delivery_;           // as long as there is an inbox
};

}  // namespace causeway::mqtt
