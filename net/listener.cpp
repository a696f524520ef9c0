#include "net/listener.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include <boost/asio/ip/v6_only.hpp>

#include "net/layer_pair.hpp"
#include "net/tls_layer.hpp"
#include "net/websocket_layer.hpp"

namespace causeway::net {

namespace {

using boost::asio::ip::tcp;
using error_code = boost::system::error_code;

constexpr int accepts_max = 64;  // in one turn, so that a storm of connections does not starve the others

/// The connection is at fault, not the port: it is gone before it was accepted.
bool concerns_one_connection(int error) {
    return error == ECONNABORTED || error == EINTR || error == EPROTO || error == EPERM || error == ENETDOWN || error == EHOSTUNREACH ||
           error == ENETUNREACH || error == ETIMEDOUT;
}

bool wants_tls(transport_kind kind) { return kind == transport_kind::tls || kind == transport_kind::wss; }

}  // namespace

listener::listener(boost::asio::io_context& io, listener_options options, protocols::endpoint_factory& endpoints, std::int64_t pause_ms,
                   logger& log)
    : options_(std::move(options)), endpoints_(endpoints), pause_ms_(pause_ms), log_(log), acceptor_(io), pause_timer_(io) {}

result<std::uint16_t, std::string> listener::open() {
    const auto wrong = [this](const std::string& what) {
        const bool v6 = options_.address.find(':') != std::string::npos;
        return (v6 ? "[" + options_.address + "]:" : options_.address + ":") + std::to_string(options_.port) + ": " + what;
    };
    if (wants_tls(options_.kind) && !options_.tls) return wrong("a certificate is needed for TLS");
    error_code error;
    const auto address = boost::asio::ip::make_address(options_.address, error);
    if (error) return wrong("not an IP address");
    const tcp::endpoint local(address, options_.port);

    acceptor_.open(local.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && address.is_v6()) acceptor_.set_option(boost::asio::ip::v6_only(false), error);
    if (!error) acceptor_.bind(local, error);
    if (!error) acceptor_.listen(options_.backlog, error);
    if (!error) acceptor_.non_blocking(true, error);
    if (error) return wrong(error.message());
    return acceptor_.local_endpoint(error).port();
}

void listener::start(adopt to) {
    adopt_ = std::move(to);
    await();
}

void listener::stop() {
    error_code ignored;
    acceptor_.close(ignored);
    more_ = false;
    pause_timer_.cancel();
}

void listener::await() {
    if (!acceptor_.is_open()) return;
    acceptor_.async_wait(acceptor::wait_read, [this](const error_code& error) {
        if (!error) accept_some();
    });
}

void listener::accept_some() {
    more_ = false;
    if (!acceptor_.is_open()) return;
    for (int i = 0; i < accepts_max; ++i) {
        if (accept_one()) continue;
        const int error = errno;
        if (error == EAGAIN || error == EWOULDBLOCK) return await();
        if (!concerns_one_connection(error)) return pause(error);
    }
    more_ = true;
}

/// False: errno says why not.
bool listener::accept_one() {
    tcp::endpoint remote;
    auto size = static_cast<socklen_t>(remote.capacity());
    const int socket = ::accept4(acceptor_.native_handle(), remote.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) return false;
    remote.resize(size);
    take(file_descriptor(socket), remote);
    return true;
}

void listener::take(file_descriptor socket, const tcp::endpoint& remote) {
    if (connections_.load(std::memory_order_relaxed) >= options_.connections_max) {
        counters_.refused.add(1);
        log_.warning("connection refused: the listener has all it may have",
                     {{"listener", options_.name}, {"peer", remote.address().to_string()}, {"connections_max", options_.connections_max}});
        return;
    }
    connections_.fetch_add(1, std::memory_order_relaxed);
    counters_.accepted.add(1);
    adopt_(*this, std::move(socket), remote);
}

/// Out of file descriptors or memory: trying again at once would only spin, since the connection stays in the backlog.
void listener::pause(int error) {
    log_.warning("cannot accept for now", {{"listener", options_.name}, {"reason", std::strerror(error)}, {"pause_ms", pause_ms_}});
    pause_timer_.expires_after(std::chrono::milliseconds(pause_ms_));
    pause_timer_.async_wait([this](const error_code& cancelled) {
        if (!cancelled) accept_some();
    });
}

std::unique_ptr<layer> listener::make_layer() const {
    switch (options_.kind) {
        case transport_kind::tcp: return nullptr;
        case transport_kind::tls: return std::make_unique<tls_layer>(*options_.tls);
        case transport_kind::ws: return std::make_unique<websocket_layer>(options_.websocket_path);
        case transport_kind::wss:
            return std::make_unique<layer_pair>(std::make_unique<tls_layer>(*options_.tls),
                                                std::make_unique<websocket_layer>(options_.websocket_path));
    }
    return nullptr;
}

}  // namespace causeway::net
