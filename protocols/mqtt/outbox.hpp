#pragma once
// Acknowledgements on their way to one client. Each leaves once everything durable about it is stored, and none overtakes
// another, which keeps the orders that MQTT 4.6 asks for.

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "base/ring.hpp"
#include "protocols/mqtt/client.hpp"
#include "protocols/mqtt/packet.hpp"
#include "protocols/mqtt/reason.hpp"

namespace causeway::mqtt {

struct pending_ack {
    packet_type type{};  // puback, pubrec, pubrel, pubcomp, suback or unsuback
    std::uint16_t packet_id = 0;
    reason code = reason::success;    // of the first four
    bool counted = true;              // its PUBLISH took from the client's quota, which gets it back
    core::commit_number commit = 0;   // leaves after this one; 0: nothing to wait for
    std::unique_ptr<std::vector<reason>> codes{};  // of SUBACK and UNSUBACK, which have some
};

class outbox {
public:
    explicit outbox(client& c) : client_(c) {}

    /// Sends it now if nothing holds it back.
    void push(pending_ack&& ack);

    /// Sends what has become free. A failed commit turns PUBACK, PUBREC and SUBACK into refusals; where the client's version
    /// or the packet has no words for that, it is an error, and the connection must be closed.
    result<void, reason> flush();

    std::size_t size() const { return waiting_ ? waiting_->acks.size() : 0; }
    /// What the last one waits for: whatever must come after all of them waits for it too.
    core::commit_number last_commit() const { return size() == 0 ? 0 : waiting_->last_commit; }

private:
    core::commit_state state_of(const pending_ack& ack) const;
    void send(const pending_ack& ack);
    bool turn_into_refusal(pending_ack& ack);
    void write(const pending_ack& ack);

    struct waiting {
        ring<pending_ack> acks{};
        core::commit_number last_commit = 0;  // the highest that was waited for
    };

    client& client_;
    std::unique_ptr<waiting> waiting_;  // once one had to wait
};

}  // namespace causeway::mqtt
