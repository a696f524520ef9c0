#pragma once
// What a channel does with each method that a client may send on it: one overload each, in the file of its class. Whatever
// else arrives is not for a server.

#include "protocols/amqp/channel.hpp"
#include "protocols/amqp/method.hpp"
#include "protocols/amqp/verdict.hpp"

namespace causeway::amqp {

// handle_channel.cpp
verdict handle(channel& c, const channel_open& m);
verdict handle(channel& c, const channel_flow& m);
verdict handle(channel& c, const access_request& m);

// handle_exchange.cpp
verdict handle(channel& c, const exchange_declare& m);
verdict handle(channel& c, const exchange_delete& m);
verdict handle(channel& c, const exchange_bind& m);
verdict handle(channel& c, const exchange_unbind& m);

// handle_queue.cpp
verdict handle(channel& c, const queue_declare& m);
verdict handle(channel& c, const queue_bind& m);
verdict handle(channel& c, const queue_unbind& m);
verdict handle(channel& c, const queue_purge& m);
verdict handle(channel& c, const queue_delete& m);

// handle_basic.cpp
verdict handle(channel& c, const basic_qos& m);
verdict handle(channel& c, const basic_consume& m);
verdict handle(channel& c, const basic_cancel& m);
verdict handle(channel& c, const basic_get& m);
verdict handle(channel& c, const basic_ack& m);
verdict handle(channel& c, const basic_nack& m);
verdict handle(channel& c, const basic_reject& m);
verdict handle(channel& c, const basic_recover& m);
verdict handle(channel& c, const basic_recover_async& m);

// handle_publish.cpp
verdict handle(channel& c, const basic_publish& m);
/// The message behind a basic.publish is complete.
verdict publish(channel& c, const published& what);
/// Gives a message to the broker, and returns it if nobody wants it and it is mandatory. `to` may be null (the exchange went
/// away while a transaction was open): then nobody wants it.
core::receipt route(channel& c, core::exchange* to, const outgoing_publish& p);

// handle_transaction.cpp
verdict handle(channel& c, const confirm_select& m);
verdict handle(channel& c, const tx_select& m);
verdict handle(channel& c, const tx_commit& m);
verdict handle(channel& c, const tx_rollback& m);

template <class M>
verdict handle(channel&, const M&) {
    return refuse(reply_code::command_invalid, "unimplemented method");
}

}  // namespace causeway::amqp
