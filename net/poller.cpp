#include "net/poller.hpp"

#include <cerrno>
#include <system_error>

#include "net/connection.hpp"

namespace causeway::net {

namespace {

int make_set() {
    const int set = ::epoll_create1(EPOLL_CLOEXEC);
    if (set < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    return set;
}

epoll_event interest(std::uint32_t events, connection& c) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP | EPOLLET | events;
    event.data.ptr = &c;
    return event;
}

}  // namespace

poller::poller(boost::asio::io_context& io) : set_(io, make_set()) {}

int poller::add(int socket, connection& c) {
    epoll_event event = interest(0, c);
    return ::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, socket, &event) == 0 ? 0 : errno;
}

/// Asking anew also tells what is so already.
void poller::await_room(int socket, connection& c) {
    epoll_event event = interest(EPOLLOUT, c);
    ::epoll_ctl(set_.native_handle(), EPOLL_CTL_MOD, socket, &event);
}

void poller::arm() {
    if (armed_) return;
    armed_ = true;
    set_.async_wait(set_.wait_read, [this](const boost::system::error_code&) { armed_ = false; });
}

void poller::collect() {
    int count = 0;
    do {
        count = ::epoll_wait(set_.native_handle(), events_.data(), static_cast<int>(events_.size()), 0);
        for (int i = 0; i < count; ++i) static_cast<connection*>(events_[i].data.ptr)->happened(events_[i].events);
    } while (count == static_cast<int>(events_.size()));
}

}  // namespace causeway::net
