#pragma once
// What a connection's client was given and has not settled, on all of its channels. It stays in memory until then, so it is
// bounded: who never acknowledges is given no more.

#include <cstdint>

#include "protocols/amqp/options.hpp"

namespace causeway::amqp {

class unsettled {
public:
    explicit unsettled(const options& limits) : limits_(limits) {}

    void add(std::uint64_t bytes) {
        ++messages_;
        bytes_ += bytes;
    }
    void remove(std::uint64_t bytes) {
        --messages_;
        bytes_ -= bytes;
    }

    std::uint64_t messages() const { return messages_; }
    std::uint64_t bytes() const { return bytes_; }
    bool full() const { return messages_ >= limits_.unacknowledged_messages_max || bytes_ >= limits_.unacknowledged_bytes_max; }

    /// Asked before a consumer is given more. If the answer was no, room_again() will say when to ask all of them again.
    bool has_room() {
        if (!full()) return true;
        refused_ = true;
        return false;
    }
    /// True once.
    bool room_again() {
        if (!refused_ || full()) return false;
        refused_ = false;
        return true;
    }

private:
    const options& limits_;
    std::uint64_t messages_ = 0;
    std::uint64_t bytes_ = 0;
    bool refused_ = false;
};

}  // namespace causeway::amqp
