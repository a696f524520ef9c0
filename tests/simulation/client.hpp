#pragma once
// A simulated client: keeps what a real one would keep over lost connections, acts at random, tells the ledger.

#include "tests/simulation/cable.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/ledger.hpp"

namespace causeway::simulation {

class client {
public:
    virtual ~client() = default;

    /// A connection is there: begin to speak.
    virtual void connected(test::fake_link& into) = 0;
    /// It is gone.
    virtual void disconnected() = 0;
    /// Handles what has arrived.
    virtual void read() = 0;
    /// Publishes, acknowledges, or does nothing.
    virtual void act(dice& chance) = 0;
    /// Acknowledges everything at once: the run comes to its end.
    virtual void settle() = 0;
    /// Subscribed, bound, ready to publish.
    virtual bool ready() const = 0;
    /// Nothing of its own waits for an acknowledgement.
    virtual bool idle() const = 0;
    virtual bool speaks_mqtt() const = 0;

    simulation::cable cable;
};

}  // namespace causeway::simulation
