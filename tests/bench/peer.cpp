#include "tests/bench/peer.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace causeway::bench {

void give_up(std::string_view why) {
    std::fprintf(stderr, "load: %.*s: %s\n", static_cast<int>(why.size()), why.data(), std::strerror(errno));
    std::exit(1);
}

peer::peer(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (socket_ < 0 || ::connect(socket_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) give_up("connect");
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

peer::~peer() { ::close(socket_); }

void peer::send_all(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) give_up("send");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::string peer::receive_exactly(std::size_t count) {
    std::string bytes(count, '\0');
    for (std::size_t done = 0; done < count;) {
        const ssize_t got = ::recv(socket_, bytes.data() + done, count - done, 0);
        if (got <= 0) give_up("the server closed the connection while logging in");
        done += static_cast<std::size_t>(got);
    }
    return bytes;
}

void peer::become_nonblocking() { ::fcntl(socket_, F_SETFL, ::fcntl(socket_, F_GETFL) | O_NONBLOCK); }

void peer::read() {
    static std::array<char, 256 * 1024> buffer;  // one for all: the program has one thread
    const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) give_up("the server closed the connection");
    if (got < 0) return;
    const std::string_view fresh(buffer.data(), static_cast<std::size_t>(got));
    if (in_.empty()) {
        in_ = fresh.substr(receive(fresh));
        return;
    }
    in_ += fresh;
    in_.erase(0, receive(in_));
}

void peer::flush() {
    if (out_.empty()) return;
    const ssize_t sent = ::send(socket_, out_.data(), out_.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) give_up("send");
    if (sent > 0) out_.erase(0, static_cast<std::size_t>(sent));
}

loop::loop() : epoll_(::epoll_create1(0)) {
    if (epoll_ < 0) give_up("epoll_create1");
}

loop::~loop() { ::close(epoll_); }

void loop::add(peer& p) {
    p.become_nonblocking();
    epoll_event interest{};
    interest.events = EPOLLIN;
    interest.data.ptr = &p;
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, p.socket_, &interest) != 0) give_up("epoll_ctl");
    peers_.push_back(&p);
}

void loop::turn(int timeout_ms) {
    for (peer* p : peers_) p->flush();
    std::array<epoll_event, 256> events;
    const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout_ms);
    for (int i = 0; i < count; ++i) static_cast<peer*>(events[static_cast<std::size_t>(i)].data.ptr)->read();
    for (peer* p : peers_) p->flush();
}

}  // namespace causeway::bench
