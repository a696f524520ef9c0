#pragma once
// Who takes part where messages flow: senders, receivers, their clients, and who gets what from whom.

#include <cstdint>
#include <memory>
#include <vector>

#include "bench/phase.hpp"
#include "bench/pump.hpp"
#include "bench/receiver.hpp"
#include "bench/stage.hpp"

namespace causeway::bench {

class cast {
public:
    explicit cast(stage& on);

    /// Logs the receivers in, for such a visit; they count into `p`.
    bool bring_receivers(visit v, phase& p);
    bool bring_senders();
    void send_receivers_away() { on_.dismiss(receiving_); }

    /// Publishes, then waits until all is confirmed and, if it is to be received meanwhile, has come.
    void publish(phase& p);
    /// Waits for so many messages.
    void collect(phase& p, std::uint64_t expected);

    /// What outlives its connection: sessions and queues.
    void remove_what_stays();
    /// Everybody leaves.
    void close();

    /// How many receivers get each message in the end.
    std::uint64_t copies() const;

private:
    void make_senders(meter& counts);
    bool confirms() const;
    bool received_at_once() const;
    duty receiving_duty(std::uint32_t number, visit v);
    std::uint64_t unconfirmed(const phase& p) const;

    stage& on_;
    std::uint32_t sender_count_, receiver_count_;
    meter nobodys_{};  // counts what is of no interest
    senders senders_;
    std::vector<std::unique_ptr<receiver>> receivers_;
    clients sending_, receiving_;
};

}  // namespace causeway::bench
