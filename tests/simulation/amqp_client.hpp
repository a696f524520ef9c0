#pragma once
// An AMQP application: consumes a durable queue that is bound to everything, acknowledging when it likes, and publishes
// persistent messages with confirms; what was not confirmed it publishes again on its next connection. Every other one publishes to an
// exchange that holds its messages back for a while.

#include <deque>
#include <string>
#include <vector>

#include "protocols/amqp/framing.hpp"
#include "protocols/amqp/method.hpp"
#include "tests/simulation/client.hpp"

namespace causeway::simulation {

class amqp_client final : public client {
public:
    amqp_client(int number, ledger& books);

    void connected(test::fake_link& into) override;
    void disconnected() override;
    void read() override;
    void act(dice& chance) override;
    void settle() override;
    bool ready() const override { return consuming_; }
    bool idle() const override { return unconfirmed_.empty() && unacknowledged_.empty(); }
    bool speaks_mqtt() const override { return false; }

private:
    struct outgoing {
        serial what;
        std::uint64_t tag;
    };

    void handle(const amqp::frame& f);
    void handle(const amqp::method& m);
    void step(const amqp::method& m);
    void confirmed(std::uint64_t tag, bool multiple);
    void refused(std::uint64_t tag, bool multiple);
    void closed();
    void publish(serial what);
    std::string properties_of(serial what) const;
    void acknowledge(std::size_t count);

    int number_;
    ledger& books_;
    int receiver_;
    std::string queue_;
    bool delays_;

    bool hangs_up_ = false;
    std::deque<outgoing> unconfirmed_;  // kept over lost connections
    int next_serial_ = 0;

    bool consuming_ = false;
    std::uint64_t next_tag_ = 1;
    std::deque<std::uint64_t> unacknowledged_;
    bool redelivered_ = false;  // of the delivery whose body comes
};

}  // namespace causeway::simulation
