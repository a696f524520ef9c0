#include "protocols/amqp/direct_reply.hpp"

#include "protocols/amqp/properties.hpp"

namespace causeway::amqp {

result<core::queue*, refusal> open_reply_queue(channel& c, bool no_ack) {
    if (!no_ack) return refuse(reply_code::precondition_failed, "reply consumer cannot acknowledge");
    if (!c.reply_queue.empty() && c.broker().find_queue(c.reply_queue) != nullptr)
        return refuse(reply_code::precondition_failed, "reply consumer already set");
    TRY(const auto declared,
        checked(c.broker().declare_queue(
            {.name = {}, .durable = false, .exclusive = true, .auto_delete = true, .arguments = {}}, c.at.id())));
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

}  // namespace causeway::amqp
