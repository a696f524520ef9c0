#pragma once
// A client of either protocol: logs in, makes ready what it needs, and then publishes, receives, or just stays.

#include <cstdint>
#include <memory>
#include <string>

#include "bench/connection.hpp"
#include "bench/histogram.hpp"
#include "bench/plan.hpp"
#include "bench/receiver.hpp"
#include "bench/sender.hpp"

namespace causeway::bench {

/// What all clients of a run have in common, and tell.
struct crowd {
    std::uint64_t ready = 0;
    std::uint64_t answered = 0;  // fences
    histogram logins{};          // ns from connecting to being ready
};

/// Where messages go, in the words of both protocols. MQTT meets AMQP on amq.topic.
struct route {
    std::string topic{};     // MQTT, with "/" between levels
    std::string exchange{};  // AMQP
    std::string key{};
    std::string queue{};
};

/// What a receiver comes for.
enum class visit : std::uint8_t {
    stay,     // subscribe, or declare and consume
    prepare,  // subscribe, or declare; then leave
    collect,  // what is there for it already
    remove,   // the session, or the queue
};

struct duty {
    std::string id{};  // MQTT: the client id
    bench::route route{};
    bench::sender* sender = nullptr;      // it publishes
    bench::receiver* receiver = nullptr;  // it receives
    bench::visit visit = visit::stay;     // as a receiver
    bool retain = false;                  // MQTT: publish retained messages
    bool numbered_topic = false;          // MQTT: the route's topic is followed by a number
    std::uint32_t filters = 0;            // MQTT: subscribe to that many, numbered
    std::uint64_t filter_step = 1;        // from one's number to that of the next
    bool wildcards = false;               // MQTT: in these filters
};

class client : public connection {
public:
    client(loop& on, const remote& to, const plan& how, crowd& all, duty d);

    bool ready() const { return ready_; }
    /// Asks for an answer that comes after everything sent so far has been handled; counted in crowd::answered.
    virtual void fence() = 0;
    /// Says goodbye as the protocol has it.
    virtual void say_goodbye() = 0;

protected:
    void become_ready();
    void drained() final {
        if (duty_.sender) duty_.sender->drained();
    }
    std::string_view doing() const final { return ready_ ? "in the middle of the work" : "during the login"; }

    const plan& how_;
    crowd& all_;
    const duty duty_;

private:
    std::uint64_t began_ns_;
    bool ready_ = false;
};

/// Of the protocol that the url says.
std::unique_ptr<client> make_client(protocol p, loop& on, const remote& to, const plan& how, crowd& all, duty d);

}  // namespace causeway::bench
