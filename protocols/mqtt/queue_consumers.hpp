#pragma once
// A client's subscriptions to AMQP queues, "$queue/<name>": it consumes them in competition while it is connected. The session
// remembers them, as bindings of its inbox to the default exchange. One whose queue is not there, or may not be consumed at
// the moment, sleeps until it can be. Made by `delivery` with the first one; most clients have none.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/result.hpp"
#include "base/ring.hpp"
#include "core/broker.hpp"
#include "protocols/mqtt/client.hpp"
#include "protocols/mqtt/queue_consumer.hpp"
#include "protocols/mqtt/shared_credit.hpp"

namespace causeway::mqtt {

class delivery;

/// How often sleeping subscriptions look for their queue.
inline constexpr std::int64_t queue_retry_ms = 1'000;

class queue_consumers {
public:
    queue_consumers(client& c, delivery& way_out);
    /// What is in flight goes back to its queues.
    ~queue_consumers();
    queue_consumers(const queue_consumers&) = delete;
    queue_consumers& operator=(const queue_consumers&) = delete;

    /// Does the session remember any?
    static bool has_any(const client& c);
    /// Takes up what the session remembers.
    void resume();

    bool knows(std::string_view filter) const;
    /// Of a filter that asks_for_queue; subscribing again changes the options. Returns the commit that stores it; errors are SUBACK's.
    result<core::commit_number, reason> subscribe(std::string_view filter, core::options_ptr options);
    /// Nothing if there was no such subscription. What is in flight may still be acknowledged.
    std::optional<core::commit_number> unsubscribe(std::string_view filter);
    /// Those subscribed since the last call: SUBACK waits for `granted`, and if that fails it refuses them; until `sent` it may be held up.
    void hold_until(core::commit_number granted, core::commit_number sent);
    void commits_settled();

    // --- what is in flight, by packet id ---
    /// Done with. Returns the commit that makes it durable; doing it again changes nothing.
    core::commit_number acknowledge(std::uint16_t packet_id);
    /// Back to its queue.
    void refuse(std::uint16_t packet_id);
    /// The packet id is free, and with it its credit. Nothing if it was the inbox's.
    void forget(std::uint16_t packet_id);

    // --- credit ---
    /// How much of the credit the inbox may have.
    std::size_t room_for_inbox();
    void inbox_was_refused() { sharing_.refused(inbox_); }
    void inbox_is_served() { sharing_.served(inbox_); }
    /// There may be credit or room again.
    void wake();

private:
    friend class queue_consumer;
    struct subscription {
        core::options_ptr options{};
        core::commit_number granted_by = 0;
        bool answered = true;
        std::unique_ptr<queue_consumer> consumer{};  // null: it sleeps
    };
    /// An entry that was sent.
    struct handed {
        queue_consumer* by;
        std::uint64_t seq;
        core::commit_number commit = 0;
        bool acknowledged = false;
    };

    // --- of queue_consumer ---
    bool may_take(queue_consumer& c, const core::entry& next);
    bool may_be_remembered();
    core::handover deliver(queue_consumer& c, const core::entry& next);
    void queue_gone(queue_consumer& c);

    result<void, reason> consume(const std::string& queue, subscription& s);
    void sleep();
    void look_again();
    std::optional<core::commit_number> forget_subscription(std::string_view queue);
    core::broker::binding_request binding_of(std::string_view filter) const;
    std::size_t part_of(credit_party& p);
    std::uint64_t free_place() const;
    void track(queue_consumer& c, const core::entry& next, const core::entry& sent);
    void remember(queue_consumer& c, const core::entry& next, core::entry sent);
    bool is_remembered(qos q) const { return q == qos::exactly_once && client_.session.durable(); }
    void send_remembered();
    void send_remembered(const core::entry& e, core::commit_state stored);
    void retire(std::unique_ptr<queue_consumer> c);
    void give_all_back();

    client& client_;
    delivery& way_out_;
    shared_credit sharing_;
    credit_party inbox_;
    std::size_t used_ = 0;  // of the credit, by all but the inbox
    std::map<std::string, subscription, std::less<>> by_queue_;
    std::vector<std::unique_ptr<queue_consumer>> retired_;  // with entries in flight
    boost::unordered_flat_map<std::uint16_t, handed> handed_;
    struct waiting_for_disk {
        core::entry sent;
        core::commit_number commit;
    };
    ring<waiting_for_disk> remembered_;         // of QoS 2: sent once their packet ids are stored
    core::commit_number held_until_ = 0;  // a SUBACK that is not out
    core::timer retry_;
    core::timer share_again_;  // somebody was refused for others who may not need it
};

}  // namespace causeway::mqtt
