#include "protocols/mqtt/session.hpp"

#include <utility>

#include "protocols/mqtt/decode.hpp"

namespace causeway::mqtt {

namespace {

template <class... F>
struct overloaded : F... {
    using F::operator()...;
};

}  // namespace

session::session(client c)
    : client_(std::move(c)),
      outbox_(client_),
      publishing_(client_, outbox_),
      subscribing_(client_, outbox_),
      delivery_(client_, outbox_) {
    client_.traffic().client_came();
    delivery_.resume_queues();
}

session::~session() { client_.traffic().client_went(); }

result<void, reason> session::handle(const frame& f) {
    TRY(dispatch(f));
    return all_sendable();
}

result<void, reason> session::commits_settled() {
    TRY(outbox_.flush());
    if (queue_consumers* const queues = delivery_.known_queues()) queues->commits_settled();
    return all_sendable();
}

result<void, reason> session::all_sendable() const {
    if (client_.unsendable) return reason::packet_too_large;
    return success();
}

result<void, reason> session::dispatch(const frame& f) {
    if (f.header.type == packet_type::publish) {
        TRY(const publish p, decode_publish(f, client_.version, publishing_.known_topic_name()));
        return publishing_.handle(p);
    }
    TRY(const packet p, decode(f, client_.version));
    return handle(p);
}

result<void, reason> session::handle(const packet& p) {
    using outcome = result<void, reason>;
    return std::visit(overloaded{
                          [this](const pubrel& each) { return publishing_.handle(each); },
                          [this](const puback& each) { return delivery_.handle(each); },
                          [this](const pubrec& each) { return delivery_.handle(each); },
                          [this](const pubcomp& each) { return delivery_.handle(each); },
                          [this](const subscribe& each) { return subscribing_.handle(each, delivery_); },
                          [this](const unsubscribe& each) { return subscribing_.handle(each, delivery_); },
                          [this](const pingreq&) -> outcome {
                              client_.send(pingresp{});  // [MQTT-3.12.4-1]
                              return success();
                          },
                          // A second CONNECT [MQTT-3.1.0-2], AUTH without a method, and what only servers send.
                          [](const auto&) -> outcome { return reason::protocol_error; },
                      },
                      p);
}

bool session::may_send_more() const {
    const std::size_t owed_max = 2 * std::size_t{client_.options.receive_max};  // beyond what an MQTT 5 client may cause
    return !client_.output_full() && outbox_.size() < owed_max;
}

}  // namespace causeway::mqtt
