// basic.publish (AMQP 0-9-1, 1.8.3.7): from a whole message to the broker's one door, and back as basic.return and confirm.

#include <algorithm>
#include <iterator>
#include <string>

#include "protocols/amqp/direct_reply.hpp"
#include "protocols/amqp/handlers.hpp"
#include "protocols/amqp/lookup.hpp"
#include "protocols/amqp/more_keys.hpp"
#include "protocols/amqp/names.hpp"

namespace causeway::amqp {

namespace {

verdict check_sender(channel& c, const published& what) {
    const std::string& user = c.at.identity->user();
    if (!what.user_id || *what.user_id == user) return success();
    return refuse(reply_code::precondition_failed,
                  "user_id property set to '" + std::string(*what.user_id) + "' but authenticated user was '" + user + "'");
}

result<core::exchange*, refusal> target_of(channel& c, const published& what) {
    if (c.may_publish_to != what.exchange) {
        TRY(c.may(core::right::write, "exchange", what.exchange));
        c.may_publish_to = what.exchange;
    }
    TRY(core::exchange* const to, find_exchange(c, what.exchange));
    if (!to->definition().internal) return to;
    return refuse(reply_code::access_refused,
                  "cannot publish to internal exchange '" + to->name() + "' in vhost '" + c.at.vhost + "'");
}

/// What the broker says about itself under $SYS, nobody else says.
verdict check_name(channel& c, const core::exchange& to, std::string_view key) {
    if (&to != &c.broker().mqtt_exchange() || !key.starts_with('$')) return success();
    if (!core::is_own_name(c.broker().origins().amqp->levels(key))) return success();
    return refuse(reply_code::access_refused, "routing key '" + std::string(key) + "' in exchange '" + to.name() +
                                                  "' in vhost '" + c.at.vhost + "' is the broker's own");
}

core::message_parts parts_of(channel& c, const published& what) {
    core::message_parts parts{.from = c.broker().origins().amqp,
                              .exchange = what.exchange,
                              .name = what.routing_key,
                              .raw_properties = what.block,
                              .hidden_names = {},
                              .payload = what.body,
                              .qos = what.facts.qos,
                              .durable = what.facts.durable,
                              .retain = what.facts.retain,
                              .by = c.at.publisher,
                              .neutral = {},
                              .account = c.broker().memory()};
    if (what.facts.ttl_ms) parts.expires_wall_ms = c.broker().now().wall_ms + *what.facts.ttl_ms;
    return parts;
}

/// Publishes now, or when the transaction commits.
void pass_on(channel& c, core::exchange& to, outgoing_publish p) {
    if (!c.transaction) return c.confirming.published(route(c, &to, p));
    p.exchange = to.name();
    c.transaction->publishes.push_back(std::move(p));
}

/// By each key of CC and BCC, too. It keeps the first one's name.
void publish_to_all(channel& c, core::exchange& to, published what) {
    const more_keys more = take_more_keys(what.block);
    what.block = more.block;
    const auto goes = [&](const std::string& key) { return key.size() <= key_bytes_max && check_name(c, to, key); };
    outgoing_publish p{.message = nullptr, .mandatory = what.mandatory};
    std::copy_if(more.shown.begin(), more.shown.end(), std::back_inserter(p.further_keys), goes);
    std::string hidden;
    for (const std::string& key : more.hidden) {
        if (!goes(key)) continue;
        core::pack_name(hidden, key);
        p.further_keys.push_back(key);
    }
    core::message_parts parts = parts_of(c, what);
    parts.hidden_names = hidden;
    p.message = core::message::make(std::move(parts));
    pass_on(c, to, std::move(p));
}

/// What answers a direct reply-to has reached no queue, as RabbitMQ sees it.
bool is_direct_reply(channel& c, const core::exchange* to, const outgoing_publish& p) {
    return to == &c.broker().default_exchange() && p.further_keys.empty() && p.message->name().starts_with(reply_queue_prefix);
}

void send_back(channel& c, const core::message& m) {
    const outgoing back(m, c.at.rules, c.broker().now().wall_ms);
    c.write_message(basic_return{.reply_code = number(reply_code::no_route),
                                 .reply_text = name_of(reply_code::no_route),
                                 .exchange = back.exchange(),
                                 .routing_key = back.routing_key()},
                    back, m);
}

/// Of a topic whose key, with its codes, would be longer than keys may be: it keeps the topic's own words.
core::message_parts in_topics_words(channel& c, core::message_parts parts, std::string_view topic) {
    parts.neutral = std::make_unique<core::properties>(parts.from->parse_properties(parts.raw_properties));
    std::erase_if(parts.neutral->headers, [](const auto& field) { return told_of_each_message(field.first); });
    parts.from = c.broker().origins().mqtt;
    parts.name = topic;
    parts.raw_properties = {};
    return parts;
}

/// "mqtt:<topic>" on the default exchange answers an MQTT requester: published where MQTT clients subscribe.
bool answer_to_topic(channel& c, const published& what) {
    const auto topic = topic_of_reply_key(what.routing_key);
    if (!topic || c.broker().find_queue(what.routing_key) != nullptr) return false;
    const key_text key = key_of(c.broker().origins().mqtt->levels(*topic), c.at.rules.names);
    if (key.shortened && !is_topic_name(*topic)) return false;
    published answer = what;
    answer.exchange = c.broker().mqtt_exchange().name();
    answer.routing_key = key.key;
    core::message_parts parts = parts_of(c, answer);
    if (key.shortened) parts = in_topics_words(c, std::move(parts), *topic);
    pass_on(c, c.broker().mqtt_exchange(), {.message = core::message::make(std::move(parts)), .mandatory = what.mandatory});
    return true;
}

}  // namespace

verdict handle(channel& c, const basic_publish& m) {
    if (m.immediate) return refuse(reply_code::not_implemented, "immediate=true");
    c.at.publishes = true;
    c.incoming.begin(m);
    return success();
}

verdict publish(channel& c, const published& whole) {
    published what = whole;
    TRY(core::exchange* const to, target_of(c, what));
    TRY(check_name(c, *to, what.routing_key));
    std::string changed;
    if (what.direct_reply) {
        TRY(changed, with_reply_queue(c, what.block));
        what.block = changed;
    }
    TRY(check_sender(c, what));
    if (what.objection != nullptr) return *what.objection;
    if (to == &c.broker().default_exchange() && answer_to_topic(c, what)) return success();
    if (what.more_keys)
        publish_to_all(c, *to, what);
    else
        pass_on(c, *to, {.message = core::message::make(parts_of(c, what)), .mandatory = what.mandatory});
    return success();
}

core::receipt route(channel& c, core::exchange* to, const outgoing_publish& p) {
    core::receipt what{core::receipt::fate::no_target, 0};
    if (to != nullptr) what = c.broker().publish(*to, p.message, p.further_keys);
    if (p.mandatory && (what.what == core::receipt::fate::no_target || is_direct_reply(c, to, p))) send_back(c, *p.message);
    return what;
}

}  // namespace causeway::amqp
