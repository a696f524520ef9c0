// The channel class on a channel that is open (AMQP 0-9-1, 1.5.2); channel.close is the connection's business.

#include "protocols/amqp/handlers.hpp"

namespace causeway::amqp {

verdict handle(channel&, const channel_open&) { return refuse(reply_code::channel_error, "second 'channel.open' seen"); }

verdict handle(channel& c, const channel_flow& m) {
    if (!m.active) return refuse(reply_code::not_implemented, "active=false");
    c.say(channel_flow_ok{.active = true});
    return success();
}

/// Left over from AMQP 0-8: every client gets the same ticket, which nobody looks at.
verdict handle(channel& c, const access_request&) {
    c.say(access_request_ok{.ticket = 1});
    return success();
}

}  // namespace causeway::amqp
