#pragma once
// A port or a socket file: accepts connections and hands their sockets on. Belongs to the broker thread, except that options() and
// endpoints() never change and leave() may be called from any thread. Outlives its connections.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include "base/log.hpp"
#include "base/result.hpp"
#include "net/address_counts.hpp"
#include "net/counters.hpp"
#include "net/file_descriptor.hpp"
#include "net/fwd.hpp"
#include "net/ip_address.hpp"
#include "net/listener_options.hpp"
#include "net/remote_address.hpp"
#include "net/socket_file.hpp"
#include "net/websocket/compression.hpp"
#include "protocols/endpoint.hpp"

namespace causeway::net {

struct listener_counters {
    counter accepted, refused;
};

class listener {
public:
    using adopt = std::function<void(listener& from, file_descriptor socket, const remote_address& remote)>;

    listener(boost::asio::io_context& io, listener_options options, protocols::endpoint_factory& endpoints,
             std::int64_t pause_ms, logger& log);

    /// Binds and listens; the bound port (0: a socket file), or what is wrong.
    result<std::uint16_t, std::string> open();

    /// It is readable while connections wait.
    int socket() { return acceptor_.native_handle(); }

    /// Accepts from now on.
    void start(adopt to);
    void stop();

    /// Connections wait although many have been accepted in this turn: go on in the next one.
    bool busy() const { return more_; }
    void accept_some();

    const listener_options& options() const { return options_; }
    protocols::endpoint_factory& endpoints() const { return endpoints_; }
    const listener_counters& counters() const { return counters_; }

    /// The layer for one connection; nullptr: none. `packs`: of the connection's thread.
    std::unique_ptr<layer> make_layer(websocket::deflater& packs) const;

    /// The client of a connection that has been handed on is known only now. False: it has all the connections it may
    /// have, which has been logged. From any thread.
    bool admit(const remote_address& client);

    /// A connection of this listener is gone, and with it a place of whom admit() has let in, or none.
    void leave(address_key client);

private:
    using acceptor = boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol, boost::asio::io_context::executor_type>;
    using timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                                    boost::asio::io_context::executor_type>;

    result<std::uint16_t, std::string> open_port();
    result<std::uint16_t, std::string> open_file(const std::string& path);
    result<void, std::string> learn_proxies();
    void await();
    bool accept_one();
    void take(file_descriptor socket, const remote_address& remote);
    bool welcome(const remote_address& remote);
    void pause(int error);

    const listener_options options_;
    protocols::endpoint_factory& endpoints_;
    const std::int64_t pause_ms_;
    logger& log_;
    socket_file file_;
    std::vector<ip_network> proxies_;
    acceptor acceptor_;
    timer pause_timer_;
    adopt adopt_;
    bool more_ = false;
    std::atomic<std::size_t> connections_{0};
    address_counts addresses_;
    listener_counters counters_;
};

}  // namespace causeway::net
