#pragma once
// The consumers of one channel (AMQP 0-9-1, 1.8.3.3). Each is a core::consumer of its queue. Its credit is what its own
// prefetch and the channel's leave free, and room in the link's output.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "core/consumer.hpp"
#include "core/queue.hpp"
#include "protocols/amqp/source.hpp"

namespace causeway::amqp {

class channel;

class consumer final : public core::consumer {
public:
    consumer(channel& owner, std::string tag, source& from, core::queue& queue, bool no_ack, std::uint16_t prefetch,
             std::int64_t priority)
        : owner_(owner), tag_(std::move(tag)), from_(from), queue_(&queue), priority_(priority), no_ack_(no_ack),
          in_channel_(queue.limits().type != core::queue_type::quorum), prefetch_(prefetch) {
        from_.watch(queue);
    }

    const std::string& tag() const { return tag_; }

    std::int64_t priority() const override { return priority_; }
    bool can_take(const core::queue& from, const core::entry& next) override;
    bool calls_when_able() const override { return true; }
    core::handover deliver(core::queue& from, const core::entry& next) override;
    void queue_deleted(core::queue& from) override;

private:
    friend class consumers;
    bool has_own_credit() const { return no_ack_ || prefetch_ == 0 || outstanding_ < prefetch_; }
    bool has_channel_credit() const;
    void call_queue();

    channel& owner_;
    std::string tag_;
    source& from_;
    core::queue* queue_;  // null: cancelled, or the queue is gone
    std::int64_t priority_;
    bool no_ack_;
    bool in_channel_;              // counts for the channel's prefetch; quorum queues do not in RabbitMQ
    std::uint16_t prefetch_;       // 0: no limit
    std::size_t outstanding_ = 0;  // delivered to it and not settled
    std::size_t retired_place_ = 0;
    bool full_ = false;            // refused an entry for want of its own credit, and has not called since
    bool starved_ = false;         // … for want of what it shares with others
};

class consumers {
public:
    bool has(std::string_view tag) const { return by_tag_.contains(tag); }
    std::size_t size() const { return by_tag_.size(); }

    /// Joins the queue, unless it refuses.
    core::outcome<void> add(std::unique_ptr<consumer> made, bool exclusive);

    /// False if there is none of that tag. An auto-delete queue may be gone on return.
    bool cancel(std::string_view tag);
    void cancel_all();

    /// One of its deliveries has been settled.
    void settled(consumer& c);
    /// Deliveries to consumers that are not settled. What basic.get has taken is not among them, nor what came from quorum
    /// queues, as in RabbitMQ.
    std::size_t outstanding() const { return outstanding_; }

    /// Has refused an entry for want of credit or room that all share: calls its queue in wake_starved.
    void starve(consumer& c);
    /// There may be such credit or room again.
    void wake_starved();

private:
    friend class consumer;
    struct name_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
    };
    /// Lives on only while deliveries refer to it.
    void retire(std::unique_ptr<consumer> c);
    std::unique_ptr<consumer> extract(std::string_view tag);

    boost::unordered_flat_map<std::string, std::unique_ptr<consumer>, name_hash, std::equal_to<>> by_tag_;
    std::vector<std::unique_ptr<consumer>> retired_;
    std::vector<consumer*> starved_;
    std::size_t outstanding_ = 0;  // of all that count for the channel's prefetch, the retired ones too
};

}  // namespace causeway::amqp
