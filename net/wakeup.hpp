#pragma once
// Wakes the thread that sleeps on a poller. Ringing any number of times before it answers costs one wake-up.

#include <atomic>

#include "net/file_descriptor.hpp"
#include "net/poller.hpp"

namespace causeway::net {

class wakeup {
public:
    /// Throws std::system_error.
    explicit wakeup(poller& sleeper);

    /// From any thread.
    void ring();

    /// On the woken thread, before it looks for what there is to do.
    void answer() { rung_.store(false); }

private:
    file_descriptor counter_;  // eventfd(2); nobody reads it, since each write is an edge
    std::atomic<bool> rung_{false};
};

}  // namespace causeway::net
