#include "protocols/mqtt/outbox.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace causeway::mqtt {

namespace {

/// What a packet with several codes is explained by.
reason first_refusal(const std::vector<reason>& codes) {
    const auto at = std::find_if(codes.begin(), codes.end(), refuses);
    return at == codes.end() ? reason::success : *at;
}

}  // namespace

void outbox::push(pending_ack&& ack) {
    if (size() == 0 && state_of(ack) == core::commit_state::stored) return send(ack);
    if (!waiting_) waiting_ = std::make_unique<waiting>();
    if (ack.commit > waiting_->last_commit) {
        waiting_->last_commit = ack.commit;
        client_.broker.await_commit(client_.self, ack.commit);
    }
    waiting_->acks.push_back(std::move(ack));
}

result<void, reason> outbox::flush() {
    while (size() > 0) {
        ring<pending_ack>& acks = waiting_->acks;
        const core::commit_state state = state_of(acks.front());
        if (state == core::commit_state::pending) break;
        pending_ack ack = std::move(acks.front());
        acks.pop_front();
        if (state == core::commit_state::failed && !turn_into_refusal(ack)) return reason::quota_exceeded;
        send(ack);
    }
    return success();
}

core::commit_state outbox::state_of(const pending_ack& ack) const {
    return ack.commit == 0 ? core::commit_state::stored : client_.broker.state_of(ack.commit);
}

void outbox::send(const pending_ack& ack) {
    const bool last_word = ack.type == packet_type::puback || ack.type == packet_type::pubcomp ||
                           (ack.type == packet_type::pubrec && refuses(ack.code));
    if (last_word && ack.counted) client_.quota.give_back();
    if (ack.type == packet_type::pubcomp) client_.broker.drop_forgotten(client_.session, ack.packet_id);
    write(ack);
}

bool outbox::turn_into_refusal(pending_ack& ack) {
    switch (ack.type) {
        case packet_type::pubrec: client_.broker.forget_received(client_.session, ack.packet_id); [[fallthrough]];
        case packet_type::puback:
            if (!refuses(ack.code)) ack.code = reason::quota_exceeded;
            return client_.v5();
        case packet_type::suback:
            std::replace_if(ack.codes->begin(), ack.codes->end(), [](reason r) { return !refuses(r); }, reason::quota_exceeded);
            return true;
        default: return false;
    }
}

void outbox::write(const pending_ack& ack) {
    if (!ack.codes && (ack.code == reason::success || !client_.v5())) return client_.acknowledge(ack.type, ack.packet_id);
    switch (ack.type) {
        case packet_type::puback: return client_.send(puback{ack.packet_id, ack.code, {}}, ack.code);
        case packet_type::pubrec: return client_.send(pubrec{ack.packet_id, ack.code, {}}, ack.code);
        case packet_type::pubrel: return client_.send(pubrel{ack.packet_id, ack.code, {}});
        case packet_type::pubcomp: return client_.send(pubcomp{ack.packet_id, ack.code, {}});
        case packet_type::suback:
            return client_.send(suback{ack.packet_id, {}, {ack.codes->begin(), ack.codes->end()}}, first_refusal(*ack.codes));
        case packet_type::unsuback:
            return client_.send(unsuback{ack.packet_id, {}, {ack.codes->begin(), ack.codes->end()}}, first_refusal(*ack.codes));
        default: ENSURE(!"no acknowledgement");
    }
}

}  // namespace causeway::mqtt
