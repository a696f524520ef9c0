#pragma once
// An MQTT client as a consumer of one AMQP queue, in competition with others (docs/mapping.md, Meeting points). Belongs to its
// client's queue_consumers, which know its credit and how to send. Outlives its place at the queue while entries are in flight.

#include <cstdint>
#include <memory>
#include <string>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/ids.hpp"
#include "core/broker.hpp"
#include "core/consumer.hpp"
#include "protocols/mqtt/shared_credit.hpp"

namespace causeway::mqtt {

class queue_consumers;

/// For so long a message is left to the other consumers by the client that has refused it.
inline constexpr std::int64_t refusal_pause_ms = 1'000;

class queue_consumer final : public core::consumer {
public:
    queue_consumer(queue_consumers& all, core::broker& broker, core::queue& from);
    ~queue_consumer() override { detach(); }
    queue_consumer(const queue_consumer&) = delete;
    queue_consumer& operator=(const queue_consumer&) = delete;

    /// Joins the queue's consumers, unless it refuses.
    core::outcome<void> attach();
    /// Leaves them. An auto-delete queue may be gone on return.
    void detach();

    // --- core::consumer ---
    bool can_take(const core::queue& from, const core::entry& next) override;
    core::handover deliver(core::queue& from, const core::entry& next) override;
    void queue_deleted(core::queue&) override;

    queue_id from() const { return id_; }
    const std::string& queue_name() const { return name_; }
    /// While it is one of the queue's consumers; else nullptr.
    core::queue* attached() const { return queue_; }
    /// nullptr: it has been deleted. Another one of the same name is another one.
    core::queue* find_queue() const;

    /// Back to its place, for others first.
    void refuse(std::uint64_t seq);

    core::options_ptr options;  // the subscription's
    credit_party credit;
    std::size_t held = 0;       // entries in flight that came from here

private:
    /// What it has refused.
    struct refusal {
        std::uint32_t deliveries;  // if there were more since, somebody else has refused it, too
        std::int64_t until_steady_ms;
    };
    struct refusals {
        refusals(core::timers& t, std::function<void()> over) : pause(t, std::move(over)) {}
        boost::unordered_flat_map<std::uint64_t, refusal> by_seq;
        core::timer pause;
    };
    bool leaves_to_others(const core::entry& next);
    void pause_over();

    queue_consumers& all_;
    core::broker& broker_;
    queue_id id_;
    std::string name_;
    core::queue* queue_;
    bool joined_ = false;
    std::unique_ptr<refusals> refused_;  // once there is one
};

}  // namespace causeway::mqtt
