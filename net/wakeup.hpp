#pragma once
// Wakes the thread that runs an io_context. Ringing any number of times before it answers costs one wake-up.

#include <atomic>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace causeway::net {

class wakeup {
public:
    explicit wakeup(boost::asio::io_context& io) : io_(io) {}

    /// From any thread.
    void ring() {
        if (!rung_.exchange(true)) boost::asio::post(io_, [] {});
    }

    /// On the woken thread, before it looks for what there is to do.
    void answer() { rung_.store(false); }

private:
    boost::asio::io_context& io_;
    std::atomic<bool> rung_{false};
};

}  // namespace causeway::net
