#pragma once
// Publisher confirms of one channel (RabbitMQ's extension, confirm.select): each publish gets a number; basic.ack or
// basic.nack follow in the order of the numbers, as few as possible, and never before the message's commit is stored.

#include <cstdint>
#include <deque>

#include "core/broker.hpp"
#include "protocols/amqp/context.hpp"
#include "protocols/amqp/outbox.hpp"

namespace causeway::amqp {

class confirms {
public:
    confirms(context& at, outbox& replies, std::uint16_t channel) : at_(at), replies_(replies), channel_(channel) {}

    bool on() const { return on_; }
    void select() { on_ = true; }

    /// A message was published. Without confirm.select this is nothing.
    void published(const core::receipt& what);

    /// Answers all that can be answered now.
    void flush();

    bool pending() const { return !runs_.empty(); }

private:
    enum class answer : std::uint8_t { not_yet, ack, nack };
    struct run {  // of consecutive publishes with the same fate
        std::uint64_t last;
        core::commit_number commit;
        bool refused;
    };
    answer answer_to(const run& r) const;
    void send(answer what, std::uint64_t last);

    context& at_;
    outbox& replies_;
    std::uint16_t channel_;
    bool on_ = false;
    std::uint64_t published_ = 0;  // the number of the last publish
    std::uint64_t answered_ = 0;   // all up to here are
    std::deque<run> runs_;         // the rest
};

}  // namespace causeway::amqp
