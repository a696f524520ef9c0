#pragma once
// A publisher, whatever its protocol: a packet made beforehand, in which only the number, the time and the packet identifier
// change, and the windows that say whether another one may go.

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "bench/connection.hpp"
#include "bench/in_flight.hpp"
#include "bench/meter.hpp"
#include "bench/stamp.hpp"
#include "bench/topics.hpp"

namespace causeway::bench {

/// One message on the wire, and where the changing parts are; 0: there is none.
struct message_template {
    std::string bytes{};
    std::size_t stamp_at = 0;
    std::size_t packet_id_at = 0;
    std::size_t digits_at = 0;  // of the topic: its number
};

class sender {
public:
    struct terms {
        std::uint32_t run = 0;
        std::uint32_t index = 0;
        std::uint32_t window = 0;
        std::uint32_t copies = 0;  // how many receivers get each message, where the window waits for them
        bool confirms = false;
        std::uint64_t topics = topics_max;  // a numbered topic's number stays below
        std::uint64_t topic_step = 1;       // from one message's number to that of the next
    };

    sender(const terms& t, meter& counts, std::vector<sender*>& woken);

    /// The connection is ready. `in_flight_max`: what the server allows.
    void attach(connection& over, message_template t, std::size_t in_flight_max);

    /// No more than that in all.
    void limit(std::uint64_t messages) { quota_ = messages; }
    void wake() {
        if (awake_) return;
        awake_ = true;
        woken_.push_back(this);
    }

    bool may_publish();
    void publish(std::uint64_t due_ns);

    // --- what the connection tells ---
    void confirmed(std::uint64_t tag, std::uint64_t now_ns, bool refused);
    void confirmed_up_to(std::uint64_t tag, std::uint64_t now_ns, bool refused);
    void drained() {
        if (stalled_) wake();
    }

    /// Receivers need not wait for that many copies any more.
    void settled(std::uint64_t copies) {
        settled_ += copies;
        wake();
    }

    /// Taken out of the list of those that may be able to go on.
    void fall_asleep() { awake_ = false; }
    std::uint64_t published() const { return published_; }
    bool all_confirmed() const { return !in_flight_ || in_flight_->empty(); }

private:
    void count(std::uint64_t due_ns, std::uint64_t now_ns, bool refused);

    terms terms_;
    meter& counts_;
    std::vector<sender*>& woken_;
    connection* over_ = nullptr;
    message_template template_;
    std::unique_ptr<in_flight> in_flight_;  // if it waits for confirms
    std::uint64_t next_tag_ = 1;
    std::uint64_t quota_ = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t published_ = 0;
    std::uint64_t settled_ = 0;
    bool stalled_ = false;  // the connection has to send first
    bool awake_ = false;
};

}  // namespace causeway::bench
