#include "net/poller.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "net/connection.hpp"

namespace causeway::net {

namespace {

constexpr std::int64_t timeout_max_ms = 3'600'000;  // it is an int in epoll_wait

// In the place of a connection.
constexpr void* bell = nullptr;
char foreign_mark = 0;
void* const foreign = &foreign_mark;

int make_set() {
    const int set = ::epoll_create1(EPOLL_CLOEXEC);
    if (set < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    return set;
}

epoll_event interest(std::uint32_t events, void* of) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET | events;
    event.data.ptr = of;
    return event;
}

}  // namespace

poller::poller() : set_(make_set()) {}

int poller::add(int socket, connection& c) {
    epoll_event event = interest(EPOLLRDHUP, &c);
    return ::epoll_ctl(set_.get(), EPOLL_CTL_ADD, socket, &event) == 0 ? 0 : errno;
}

/// Asking anew also tells what is so already.
void poller::await_room(int socket, connection& c) {
    epoll_event event = interest(EPOLLRDHUP | EPOLLOUT, &c);
    ::epoll_ctl(set_.get(), EPOLL_CTL_MOD, socket, &event);
}

void poller::add_foreign(int descriptor) { add(descriptor, foreign); }

void poller::add_bell(int descriptor) { add(descriptor, bell); }

void poller::add(int descriptor, void* mark) {
    epoll_event event = interest(0, mark);
    if (::epoll_ctl(set_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

poller::news poller::wait(std::int64_t timeout_ms) {
    news found;
    int timeout = static_cast<int>(std::clamp<std::int64_t>(timeout_ms, 0, timeout_max_ms));
    int count = 0;
    do {
        count = ::epoll_wait(set_.get(), events_.data(), static_cast<int>(events_.size()), timeout);
        for (int i = 0; i < count; ++i) tell(events_[static_cast<std::size_t>(i)], found);
        timeout = 0;
    } while (count == static_cast<int>(events_.size()));
    return found;
}

void poller::tell(const epoll_event& event, news& so_far) {
    so_far.any = true;
    if (event.data.ptr == bell) return;
    if (event.data.ptr == foreign)
        so_far.foreign = true;
    else
        static_cast<connection*>(event.data.ptr)->happened(event.events);
}

}  // namespace causeway::net
