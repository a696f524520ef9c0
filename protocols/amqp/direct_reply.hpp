#pragma once
// RabbitMQ's direct reply-to: a requester consumes, without acknowledgements, from a pseudo-queue and names it in reply_to.
// Here it stands for a server-named exclusive queue that goes with its consumer, and whose name the responder is told. Towards
// clients that is no queue: they can publish to it and ask whether it is there, by declaring it, and nothing else.

#include <string>
#include <string_view>

#include "protocols/amqp/channel.hpp"

namespace causeway::amqp {

inline constexpr std::string_view reply_to_name = "amq.rabbitmq.reply-to";
inline constexpr std::string_view reply_queue_prefix = "amq.rabbitmq.reply-to.";

/// The pseudo-queue, or what a queue that stands for it may be called.
inline bool is_reply_name(std::string_view name) { return name.starts_with(reply_to_name); }

/// A declaration of such a name changes nothing: it is answered if it is the pseudo-queue's, or the requester is still there; else 404.
verdict declare_reply_queue(channel& c, std::string_view name, bool no_wait);

/// The queue that a new consumer of the pseudo-queue gets. 406 with acknowledgements, or if the channel has one already.
result<core::queue*, refusal> open_reply_queue(channel& c, bool no_ack);

/// The property block with the queue's name in reply_to. 406 if the channel has no such consumer.
result<std::string, refusal> with_reply_queue(channel& c, std::string_view block);

}  // namespace causeway::amqp
