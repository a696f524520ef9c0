#include "net/listener.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include <boost/asio/ip/tcp.hpp>
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
    : options_(std::move(options)), endpoints_(endpoints), pause_ms_(pause_ms), log_(log), acceptor_(io), pause_timer_(io),
      addresses_(options_.connections_per_address_max) {}

result<std::uint16_t, std::string> listener::open() {
    const std::string path(socket_path_of(options_.address));
    const auto wrong = [&](const std::string& what) {
        const bool v6 = options_.address.find(':') != std::string::npos;
        const std::string port = path.empty() ? ":" + std::to_string(options_.port) : "";
        return (v6 && path.empty() ? "[" + options_.address + "]" : options_.address) + port + ": " + what;
    };
    if (wants_tls(options_.kind) && !options_.tls) return wrong("a certificate is needed for TLS");
    if (const auto known = learn_proxies(); !known) return wrong(known.error());
    const auto port = path.empty() ? open_port() : open_file(path);
    if (!port) return wrong(port.error());
    error_code error;
    acceptor_.listen(options_.backlog, error);
    if (!error) acceptor_.non_blocking(true, error);
    if (error) return wrong(error.message());
    return port;
}

result<std::uint16_t, std::string> listener::open_port() {
    error_code error;
    const auto address = boost::asio::ip::make_address(options_.address, error);
    if (error) return std::string("not an IP address");
    const tcp::endpoint local(address, options_.port);
    acceptor_.open(local.protocol(), error);
    if (!error) acceptor_.set_option(boost::asio::socket_base::reuse_address(true), error);
    if (!error && address.is_v6()) acceptor_.set_option(boost::asio::ip::v6_only(false), error);
    // Linux hands these two on to the sockets that are accepted, which saves as many system calls for each.
    if (!error) acceptor_.set_option(tcp::no_delay(true), error);
    if (!error) acceptor_.set_option(boost::asio::socket_base::keep_alive(true), error);
    if (!error) acceptor_.bind(local, error);
    if (error) return error.message();
    tcp::endpoint bound;
    auto size = static_cast<socklen_t>(bound.capacity());
    if (::getsockname(acceptor_.native_handle(), bound.data(), &size) != 0) return std::string(std::strerror(errno));
    return bound.port();
}

result<std::uint16_t, std::string> listener::open_file(const std::string& path) {
    TRY(file_descriptor socket, file_.bind(path, options_.socket_mode));
    error_code error;
    acceptor_.assign(boost::asio::generic::stream_protocol(AF_UNIX, 0), socket.get(), error);
    if (error) return error.message();
    socket.release();
    return std::uint16_t{0};
}

result<void, std::string> listener::learn_proxies() {
    for (const std::string& text : options_.proxies) {
        const auto network = ip_network::parse(text);
        if (!network) return "'" + text + "' is neither an address nor a network";
        proxies_.push_back(*network);
    }
    return success();
}

void listener::start(adopt to) {
    adopt_ = std::move(to);
    await();
}

void listener::stop() {
    error_code ignored;
    acceptor_.close(ignored);
    file_.remove();
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
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    file_descriptor socket(::accept4(acceptor_.native_handle(), reinterpret_cast<sockaddr*>(&from), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.get() < 0) return false;
    const remote_address remote = file_.path().empty() ? remote_of(from) : remote_of_process(socket.get(), file_.path());
    take(std::move(socket), remote);
    return true;
}

void listener::take(file_descriptor socket, const remote_address& remote) {
    if (!welcome(remote)) return counters_.refused.add(1);
    connections_.fetch_add(1, std::memory_order_relaxed);
    counters_.accepted.add(1);
    adopt_(*this, std::move(socket), remote);
}

bool listener::welcome(const remote_address& remote) {
    if (connections_.load(std::memory_order_relaxed) >= options_.connections_max) {
        log_.warning("connection refused: the listener has all it may have",
                     {{"listener", options_.name}, {"peer", remote.text()}, {"connections_max", options_.connections_max}});
        return false;
    }
    if (!options_.proxy_protocol) return admit(remote);
    const auto here = [&remote](const ip_network& n) { return n.contains(*remote.ip()); };
    if (proxies_.empty() || !remote.ip() || std::any_of(proxies_.begin(), proxies_.end(), here)) return true;
    log_.warning("connection refused: not one of the proxies", {{"listener", options_.name}, {"peer", remote.text()}});
    return false;
}

bool listener::admit(const remote_address& client) {
    if (addresses_.enter(client.key())) return true;
    log_.warning("connection refused: the address has all it may have",
                 {{"listener", options_.name}, {"peer", client.text()}, {"connections_per_address_max", options_.connections_per_address_max}});
    return false;
}

void listener::leave(address_key client) {
    connections_.fetch_sub(1, std::memory_order_relaxed);
    addresses_.leave(client);
}

/// Out of file descriptors or memory: trying again at once would only spin, since the connection stays in the backlog.
void listener::pause(int error) {
    log_.warning("cannot accept for now", {{"listener", options_.name}, {"reason", std::strerror(error)}, {"pause_ms", pause_ms_}});
    pause_timer_.expires_after(std::chrono::milliseconds(pause_ms_));
    pause_timer_.async_wait([this](const error_code& cancelled) {
        if (!cancelled) accept_some();
    });
}

std::unique_ptr<layer> listener::make_layer(websocket::deflater& packs) const {
    switch (options_.kind) {
        case transport_kind::tcp: return nullptr;
        case transport_kind::tls: return std::make_unique<tls_layer>(*options_.tls);
        case transport_kind::ws: return std::make_unique<websocket_layer>(options_, endpoints_, packs);
        case transport_kind::wss:
            return std::make_unique<layer_pair>(std::make_unique<tls_layer>(*options_.tls),
                                                std::make_unique<websocket_layer>(options_, endpoints_, packs));
    }
    return nullptr;
}

}  // namespace causeway::net
