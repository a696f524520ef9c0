#pragma once
// The client as a consumer of its session's inbox, and through queue_consumers of AMQP queues: PUBLISH to it, and what it answers
// (MQTT 4.3, 4.4, 4.9).

#include <cstdint>
#include <memory>
#include <optional>

#include "base/result.hpp"
#include "core/consumer.hpp"
#include "core/queue.hpp"
#include "protocols/mqtt/client.hpp"
#include "protocols/mqtt/inflight.hpp"
#include "protocols/mqtt/outbox.hpp"
#include "protocols/mqtt/publish_copy.hpp"
#include "protocols/mqtt/queue_consumers.hpp"
#include "protocols/mqtt/topic_aliases.hpp"
#include "protocols/mqtt/translate.hpp"

namespace causeway::mqtt {

class delivery final : public core::consumer {
public:
    delivery(client& c, outbox& out);
    ~delivery() override;
    delivery(const delivery&) = delete;
    delivery& operator=(const delivery&) = delete;

    // --- core::consumer ---
    bool can_take(const core::queue& from, const core::entry& next) override;
    core::handover deliver(core::queue& from, const core::entry& next) override;
    core::free_credit credit() override;
    bool has_use_for(const core::entry& next) const override;
    void queue_deleted(core::queue&) override { attached_ = false; }

    // --- what the client answers. Errors close the connection with that reason ---
    result<void, reason> handle(const puback& p);
    result<void, reason> handle(const pubrec& p);
    result<void, reason> handle(const pubcomp& p);

    /// There is room again, in the output or among the packet ids.
    void wake();

    // --- subscriptions to AMQP queues ---
    /// Takes up those that the session remembers.
    void resume_queues();
    /// Made when it is first asked for.
    queue_consumers& queues();
    /// nullptr: there was none yet.
    queue_consumers* known_queues() const { return queues_.get(); }

    // --- for queue_consumers: the client as one receiver of several queues ---
    inflight& in_flight() { return in_flight_; }
    bool has_output_room();
    /// Somebody has been told to wait.
    void stall() { stalled_ = true; }
    /// Sends it as PUBLISH; its seq stands for the packet id. Or says why it cannot be sent to this client.
    std::optional<core::drop_reason> send(const core::entry& what);
    /// The packet id is free again.
    void settle(std::uint16_t packet_id);

private:
    core::handover repeat_release(const core::entry& next);
    std::optional<publish_copy::terms> plain_terms(const core::entry& e) const;
    bool send_copy(const publish_copy::terms& t, const core::entry& e);
    bool fits(const publish_sizes& sizes) const;
    void write(const outgoing_publish& p, const publish_sizes& sizes, const core::message& m);
    void sent(std::size_t bytes, const core::message& m);
    core::handover track(const core::entry& next);
    bool has_credit_for(const core::entry& next);
    void acknowledge(const inflight::slot& s, std::uint16_t packet_id);
    void refuse(const inflight::slot& s, std::uint16_t packet_id, reason why);
    void complete(const inflight::slot& s);
    void reject(std::uint64_t seq, reason why);
    core::queue& inbox() const { return client_.session.inbox(); }

    client& client_;
    outbox& outbox_;
    inflight in_flight_;
    outgoing_aliases aliases_;
    std::unique_ptr<queue_consumers> queues_;  // once there is one
    core::crossing_rules rules_;
    bool attached_ = true;  // the inbox exists
    bool stalled_ = false;  // the inbox, or a queue, has been told to wait
};

}  // namespace causeway::mqtt
