#include "bench/connection.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "bench/clock.hpp"
#include "bench/loop.hpp"

namespace causeway::bench {

namespace {

constexpr std::uint32_t connections_per_address = 20'000;  // an address has about 28,000 ports to connect from

std::string system_says(int error) { return std::strerror(error); }

/// On the loopback there are many addresses of our own: use them in turn, or more than 28,000 connections are impossible.
void bind_for_many(int socket, const remote& to, std::uint32_t number) {
    if (number < connections_per_address || to.address.ss_family != AF_INET) return;
    const auto& there = reinterpret_cast<const sockaddr_in&>(to.address);
    if (ntohl(there.sin_addr.s_addr) >> 24 != 127) return;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK + number / connections_per_address);
    ::bind(socket, reinterpret_cast<const sockaddr*>(&here), sizeof here);  // if not: the system's choice
}

}  // namespace

connection::connection(loop& on, const remote& to) : on_(on), to_(to) { start(); }

connection::~connection() {
    if (dirty_) std::erase(on_.dirty_, this);
    close();
}

void connection::start() {
    socket_ = ::socket(to_.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_ < 0) return on_.give_up("cannot open another connection: " + system_says(errno));
    const int yes = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    bind_for_many(socket_, to_, on_.opened_++);
    epoll_event interest{};
    interest.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;  // never changed again: a system call less each time
    interest.data.ptr = this;
    ::epoll_ctl(on_.epoll_, EPOLL_CTL_ADD, socket_, &interest);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&to_.address), to_.length) != 0 && errno != EINPROGRESS)
        on_.give_up("cannot connect to " + to_.place + ": " + system_says(errno));
}

void connection::close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
}

void connection::mark_dirty() {
    if (dirty_) return;
    dirty_ = true;
    on_.dirty_.push_back(this);
}

char* connection::send(std::string_view bytes) {
    mark_dirty();
    const std::size_t at = out_.size();
    out_.append(bytes);
    return out_.data() + at;
}

void connection::give_up(std::string_view why) { on_.give_up(to_.place + " " + std::string(why)); }

void connection::leave() {
    leaving_ = true;
    mark_dirty();
}

void connection::handle(std::uint32_t events) {
    if (closed()) return;
    if (connecting_) return finish_connecting(events);
    if (blocked_ && (events & EPOLLOUT)) {
        blocked_ = false;
        mark_dirty();
    }
    constexpr std::uint32_t ending = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
    if (!(events & (EPOLLIN | ending))) return;
    // Less than there was room for means that nothing is left (epoll(7)), unless the end comes right behind it.
    arrived now = read();
    while (!on_.failed() && (now == arrived::all_there_was_room_for || (now == arrived::some && (events & ending))))
        now = read();
}

void connection::finish_connecting(std::uint32_t events) {
    int error = 0;
    socklen_t size = sizeof error;
    if (events & EPOLLERR) ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return on_.give_up("cannot connect to " + to_.place + ": " + system_says(error));
    connecting_ = false;
    connected();
}

connection::arrived connection::read() {
    std::vector<char>& buffer = on_.buffer_;
    const std::size_t kept = rest_.size(), room = buffer.size() - kept;
    if (room == 0) {
        give_up("sends a larger packet than there can be");
        return arrived::nothing;
    }
    std::memcpy(buffer.data(), rest_.data(), kept);
    const ssize_t got = ::recv(socket_, buffer.data() + kept, room, 0);
    if (got < 0 && errno == EAGAIN) return arrived::nothing;
    if (got <= 0) {
        if (!leaving_)
            give_up((got == 0 ? "closed a connection " : "broke a connection (" + system_says(errno) + ") ") +
                    std::string(doing()));
        close();
        return arrived::nothing;
    }
    on_.now_ns_ = now_ns();
    ++on_.reads_;
    const std::string_view bytes(buffer.data(), kept + static_cast<std::size_t>(got));
    const std::size_t consumed = receive(bytes);
    rest_.assign(bytes.substr(consumed));
    return static_cast<std::size_t>(got) == room ? arrived::all_there_was_room_for : arrived::some;
}

void connection::flush() {
    if (connecting_ || blocked_ || closed()) return;
    if (sent_ < out_.size()) {
        const ssize_t sent = ::send(socket_, out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) {
            if (!leaving_) read();  // the server may have said why
            if (!leaving_) give_up("broke a connection " + std::string(doing()));
            return close();
        }
        sent_ += sent > 0 ? static_cast<std::size_t>(sent) : 0;
    }
    if (sent_ < out_.size()) {
        blocked_ = true;
        if (sent_ > out_.size() / 2) out_.erase(0, std::exchange(sent_, 0));
        return;
    }
    out_.clear();
    sent_ = 0;
    if (leaving_) ::shutdown(socket_, SHUT_WR);
    drained();
}

}  // namespace causeway::bench
