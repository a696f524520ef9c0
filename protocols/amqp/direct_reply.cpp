#include "protocols/amqp/direct_reply.hpp"

#include "protocols/amqp/properties.hpp"

namespace causeway::amqp {

result<core::queue*, refusal> open_reply_queue(channel& c, bool no_ack) {
    if (!no_ack) return refuse(reply_code::precondition_failed, "reply consumer cannot acknowledge");
    if (!c.reply_queue.empty() && c.broker().find_queue(c.reply_queue) != nullptr)
        return refuse(reply_code::precondition_failed, "reply consumer already set");
    TRY(const auto declared,
        checked(c.broker().declare_queue(
            {.name = {}, .durable = false, .exclusive = true, .auto_delete = true, .arguments = {}}, c.at.id(), reply_queue_prefix)));
    c.reply_queue = declared.it->name();
    return declared.it;
}

result<std::string, refusal> with_reply_queue(channel& c, std::string_view block) {
    if (c.reply_queue.empty() || c.broker().find_queue(c.reply_queue) == nullptr)
        return refuse(reply_code::precondition_failed, "fast reply consumer does not exist");
    property_block properties = read_block(block).value_or(property_block{});
    properties.reply_to = c.reply_queue;
    std::string changed;
    write_block(changed, properties);
    return changed;
}

verdict declare_reply_queue(channel& c, std::string_view name, bool no_wait) {
    if (name != reply_to_name && c.broker().find_queue(name) == nullptr)
        return refuse(reply_code::not_found, "no queue '" + std::string(name) + "' in vhost '" + c.at.vhost + "'");
    c.last_queue = name;
    if (!no_wait) c.say(queue_declare_ok{.queue = name, .message_count = 0, .consumer_count = 1});
    return success();
}

}  // namespace causeway::amqp
