#include "protocols/amqp/lookup.hpp"

#include "protocols/amqp/direct_reply.hpp"

namespace causeway::amqp {

result<core::exchange*, refusal> find_exchange(channel& c, std::string_view name) {
    if (core::exchange* found = c.broker().find_exchange(name)) return found;
    return refuse(reply_code::not_found, "no exchange '" + std::string(name) + "' in vhost '" + c.at.vhost + "'");
}

verdict not_default_exchange(std::string_view name) {
    if (!name.empty()) return success();
    return refuse(reply_code::access_refused, "operation not permitted on the default exchange");
}

std::string without_line_ends(std::string_view name) {
    std::string kept(name);
    std::erase_if(kept, [](char c) { return c == '\n' || c == '\r'; });
    return kept;
}

result<core::queue*, refusal> find_queue(channel& c, std::string_view name) {
    if (is_reply_name(name))
        return refuse(reply_code::not_found, "no queue '" + std::string(name) + "' in vhost '" + c.at.vhost + "'");
    return checked(c.broker().use_queue(name, c.at.id()));
}

result<core::queue*, refusal> readable_queue(channel& c, std::string_view given_name) {
    TRY(const std::string_view name, c.queue_name(given_name));
    TRY(c.may(core::right::read, "queue", name));
    TRY(core::queue* const q, find_queue(c, name));
    if (q->session() == nullptr) return q;
    return refuse(reply_code::access_refused,
                  "queue '" + std::string(name) + "' in vhost '" + c.at.vhost + "' belongs to an MQTT session");
}

verdict may_forward(channel& c, const core::field_table& arguments, std::string_view argument, std::string_view kind,
                    std::string_view resource) {
    const core::field_value* value = core::find(arguments, argument);
    const std::string* target = value != nullptr ? core::as_text(*value) : nullptr;
    if (target == nullptr) return success();
    TRY(c.may(core::right::read, kind, resource));
    return c.may(core::right::write, "exchange", *target);
}

std::string random_name(core::broker& broker, std::string_view prefix) {
    static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string name(prefix);
    name += '-';
    for (int half = 0; half < 2; ++half) {
        std::uint64_t bits = broker.random();
        for (int i = 0; i < 11; ++i, bits >>= 6) name += letters[bits & 63];
    }
    return name;
}

}  // namespace causeway::amqp
