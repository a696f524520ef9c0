#pragma once
// QoS 1 and 2 messages on their way to one client, by packet id, and the credit that its Receive Maximum leaves (4.9).

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/id_map.hpp"

namespace causeway::mqtt {

class inflight {
public:
    struct slot {
        std::uint64_t seq = 0;      // of the inbox's entry; or the place there that stands for the packet id
        bool exactly_once = false;
        bool released = false;      // PUBREC came: only PUBREL and PUBCOMP are left
        bool counted = false;       // takes credit: sent as PUBLISH on this connection
        bool elsewhere = false;     // came from an AMQP queue (queue_consumers)
    };

    /// `of_all` is how many are in flight to all clients.
    inflight(std::uint16_t max, std::uint64_t& of_all) : max_(max), of_all_(of_all) {}
    ~inflight() { of_all_ -= size(); }
    inflight(const inflight&) = delete;
    inflight& operator=(const inflight&) = delete;

    /// May a PUBLISH with this packet id be sent?
    bool has_room(std::uint16_t packet_id) const { return counted_ < max_ && is_free(packet_id); }
    /// How many may be sent before one is settled.
    std::size_t room() const { return std::min<std::size_t>(max_ - counted_, 65'535 - size()); }
    std::size_t max() const { return max_; }
    /// How many take credit.
    std::size_t counted() const { return counted_; }
    bool is_free(std::uint16_t packet_id) const { return !slots_ || !slots_->contains(packet_id); }

    void add(std::uint16_t packet_id, slot s) {
        counted_ += s.counted;
        if (!slots_) slots_ = std::make_unique<id_map<slot>>();
        of_all_ += slots_->set(packet_id, s);
    }
    /// nullptr: no such packet id is in flight.
    slot* find(std::uint16_t packet_id) { return slots_ ? slots_->find(packet_id) : nullptr; }
    void remove(std::uint16_t packet_id) {
        const slot* s = find(packet_id);
        if (!s) return;
        counted_ -= s->counted;
        slots_->erase(packet_id);
        --of_all_;
    }
    std::size_t size() const { return slots_ ? slots_->size() : 0; }

private:
    std::unique_ptr<id_map<slot>> slots_;  // once there is one
    std::uint32_t counted_ = 0;
    std::uint32_t max_;
    std::uint64_t& of_all_;
};

}  // namespace causeway::mqtt
