#include "protocols/mqtt/session.hpp"

#include <utility>

#include "base/check.hpp"
#include "protocols/mqtt/decode.hpp"
#include "protocols/mqtt/handle_subscribe.hpp"

namespace causeway::mqtt {

namespace {

template <class... F>
struct overloaded : F... {
    using F::operator()...;
};

}  // namespace

session::session(client c) : client_(std::move(c)), outbox_(client_) {
    client_.traffic().client_came();
    if (client_.session.has_inbox()) attend_inbox();
}

session::~session() { client_.traffic().client_went(); }

void session::attend_inbox() {
    ENSURE(!delivery_);
    delivery_ = std::make_unique<delivery>(client_, outbox_);
    delivery_->resume_queues();
}

publish_handler& session::publishing() {
    if (!publishing_) publishing_ = std::make_unique<publish_handler>(client_, outbox_);
    return *publishing_;
}

delivery& session::delivering() {
    if (!delivery_) client_.broker.inbox_of(client_.session);  // which makes us attend to it
    return *delivery_;
}

result<void, reason> session::handle(const frame& f) {
    TRY(dispatch(f));
    return all_sendable();
}

result<void, reason> session::commits_settled() {
    TRY(outbox_.flush());
    if (queue_consumers* const queues = delivery_ ? delivery_->known_queues() : nullptr) queues->commits_settled();
    return all_sendable();
}

result<void, reason> session::all_sendable() const {
    if (client_.unsendable) return reason::packet_too_large;
    return success();
}

result<void, reason> session::dispatch(const frame& f) {
    switch (f.header.type) {  // what there is most of takes the short way
        case packet_type::publish: {
            publish_handler& to = publishing();
            TRY(const publish p, decode_publish(f, client_.version, to.known_topic_name()));
            return to.handle(p);
        }
        case packet_type::puback: return acknowledge<packet_type::puback>(f, delivering());
        case packet_type::pubrec: return acknowledge<packet_type::pubrec>(f, delivering());
        case packet_type::pubrel: return acknowledge<packet_type::pubrel>(f, publishing());
        case packet_type::pubcomp: return acknowledge<packet_type::pubcomp>(f, delivering());
        default: break;
    }
    TRY(const packet p, decode(f, client_.version));
    return handle(p);
}

template <packet_type Type, class Handler>
result<void, reason> session::acknowledge(const frame& f, Handler& handler) {
    TRY(const acknowledgement<Type> p, decode_acknowledgement<Type>(f, client_.version));
    return handler.handle(p);
}

result<void, reason> session::handle(const packet& p) {
    using outcome = result<void, reason>;
    return std::visit(overloaded{
                          [this](const subscribe& each) { return subscribe_handler(client_, outbox_).handle(each, delivering()); },
                          [this](const unsubscribe& each) { return subscribe_handler(client_, outbox_).handle(each, delivering()); },
                          [this](const pingreq&) -> outcome {
                              client_.send(pingresp{});  // [MQTT-3.12.4-1]
                              return success();
                          },
                          // A second CONNECT [MQTT-3.1.0-2], AUTH without a method, and what only servers send. (The rest does
                          // not come here.)
                          [](const auto&) -> outcome { return reason::protocol_error; },
                      },
                      p);
}

}  // namespace causeway::mqtt
