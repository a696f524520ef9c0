#pragma once
// The client as a consumer of its session's inbox: PUBLISH to it, and what it answers (MQTT 4.3, 4.4, 4.9).

#include <cstdint>

#include "base/result.hpp"
#include "core/consumer.hpp"
#include "core/queue.hpp"
#include "protocols/mqtt/client.hpp"
#include "protocols/mqtt/inflight.hpp"
#include "protocols/mqtt/outbox.hpp"
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

private:
    core::handover repeat_release(const core::entry& next);
    bool fits(const outgoing_publish& p, const core::message& m) const;
    void write(const outgoing_publish& p, const core::message& m);
    core::handover track(const core::entry& next);
    void settle(std::uint16_t packet_id);
    core::queue& inbox() const { return client_.session.inbox(); }

    client& client_;
    outbox& outbox_;
    core::topic_mapping mapping_;
    inflight in_flight_;
    outgoing_aliases aliases_;
    bool attached_ = true;  // the inbox exists
    bool stalled_ = false;  // the inbox has been told to wait
};

}  // namespace causeway::mqtt
