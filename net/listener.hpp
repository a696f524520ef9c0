#pragma once
// A port: accepts connections and hands their sockets on. Belongs to the broker thread, except that options() and
// endpoints() never change and leave() may be called from any thread. Outlives its connections.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/basic_waitable_timer.hpp>

#include "base/log.hpp"
#include "base/result.hpp"
#include "net/counters.hpp"
#include "net/file_descriptor.hpp"
#include "net/fwd.hpp"
#include "net/listener_options.hpp"
#include "protocols/endpoint.hpp"

namespace causeway::net {

struct listener_counters {
    counter accepted, refused;
};

class listener {
public:
    using adopt = std::function<void(listener& from, file_descriptor socket, const boost::asio::ip::tcp::endpoint& remote)>;

    listener(boost::asio::io_context& io, listener_options options, protocols::endpoint_factory& endpoints,
             std::int64_t pause_ms, logger& log);

    /// Binds and listens; the bound port, or what is wrong.
    result<std::uint16_t, std::string> open();

    /// Accepts from now on.
    void start(adopt to);
    void stop();

    /// Connections wait although many have been accepted in this turn: go on in the next one.
    bool busy() const { return more_; }
    void accept_some();

    const listener_options& options() const { return options_; }
    protocols::endpoint_factory& endpoints() const { return endpoints_; }
    const listener_counters& counters() const { return counters_; }

    /// The layer for one connection; nullptr: none.
    std::unique_ptr<layer> make_layer() const;

    /// A connection of this listener is gone.
    void leave() { connections_.fetch_sub(1, std::memory_order_relaxed); }

private:
    using acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;
    using timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                                    boost::asio::io_context::executor_type>;

    void await();
    bool accept_one();
    void take(file_descriptor socket, const boost::asio::ip::tcp::endpoint& remote);
    void pause(int error);

    const listener_options options_;
    protocols::endpoint_factory& endpoints_;
    const std::int64_t pause_ms_;
    logger& log_;
    acceptor acceptor_;
    timer pause_timer_;
    adopt adopt_;
    bool more_ = false;
    std::atomic<std::size_t> connections_{0};
    listener_counters counters_;
};

}  // namespace causeway::net
