#pragma once
// PUBLISH and PUBREL from a client: into the core, and the acknowledgements that they are owed (MQTT 3.3, 3.6, 4.3).

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "protocols/mqtt/client.hpp"
#include "protocols/mqtt/known_topic.hpp"
#include "protocols/mqtt/outbox.hpp"
#include "protocols/mqtt/topic_aliases.hpp"

namespace causeway::mqtt {

class publish_handler {
public:
    publish_handler(client& c, outbox& out) : client_(c), outbox_(out), aliases_(c.options.topic_alias_max) {}

    /// Errors close the connection with that reason.
    result<void, reason> handle(const publish& p);
    result<void, reason> handle(const pubrel& p);

    /// A topic that need not be checked again; empty: there is none.
    std::string_view known_topic_name() const { return publishing_ ? publishing_->last.text() : std::string_view(); }

private:
    /// What became of a message, in MQTT's words, and when that may be said.
    struct verdict {
        reason code = reason::success;
        core::commit_number commit = 0;
    };
    result<void, reason> take_exactly_once(const publish& p, std::string_view topic);
    result<void, reason> take_at_least_once(const publish& p, std::string_view topic);
    result<void, reason> owe(pending_ack&& ack);
    verdict forward(const publish& p, std::string_view topic);
    /// Why nobody may publish to the topic; success if it can be tried.
    reason objection(std::string_view topic) const;
    verdict refuse(reason code);
    verdict forward_to_amqp(const publish& p, std::string_view topic);
    verdict into_core(core::exchange& to, core::message_parts&& parts, core::route_hint* hint = nullptr);
    core::message_parts parts_of(const publish& p, std::string_view topic);

    client& client_;
    outbox& outbox_;
    incoming_aliases aliases_;
    /// Once the client publishes.
    struct publishing {
        known_topic last;
        std::string scratch;  // of properties::forwardable
    };
    std::unique_ptr<publishing> publishing_;
};

}  // namespace causeway::mqtt
