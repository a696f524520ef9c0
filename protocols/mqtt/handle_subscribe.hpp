#pragma once
// SUBSCRIBE and UNSUBSCRIBE: bindings of the client's inbox and retained messages into it, a part in a share, or in the consumption
// of an AMQP queue (MQTT 3.8 to 3.11, 4.8).

#include "base/result.hpp"
#include "protocols/mqtt/client.hpp"
#include "protocols/mqtt/delivery.hpp"
#include "protocols/mqtt/outbox.hpp"
#include "protocols/mqtt/topic_text.hpp"

namespace causeway::mqtt {

class subscribe_handler {
public:
    subscribe_handler(client& c, outbox& out) : client_(c), outbox_(out) {}

    /// Errors close the connection with that reason.
    result<void, reason> handle(const subscribe& s, delivery& way_out);
    result<void, reason> handle(const unsubscribe& u, delivery& way_out);

private:
    struct granted {
        reason code;
        core::commit_number commit = 0;
        core::options_ptr replay = nullptr;  // set if the filter's retained messages are due
    };
    granted grant(const subscription& s, std::uint32_t subscription_id, delivery& way_out);
    granted consume(const subscription& s, std::uint32_t subscription_id, delivery& way_out);
    bool is_full() const;
    granted join(const subscription& s, const filter_parts& parts, std::uint32_t subscription_id);
    granted remove(std::string_view filter, delivery& way_out);
    void replay(const subscribe& s, const list<core::options_ptr>& due);
    core::broker::binding_request request_for(std::string_view filter) const;

    client& client_;
    outbox& outbox_;
};

}  // namespace causeway::mqtt
