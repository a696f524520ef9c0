#include "bench/loop.hpp"

#include <netdb.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.hpp"
#include "bench/clock.hpp"

namespace causeway::bench {

namespace {

constexpr std::size_t read_bytes = 256 * 1024;
constexpr int events_max = 256;

}  // namespace

loop::loop(std::size_t packet_bytes_max) : epoll_(::epoll_create1(EPOLL_CLOEXEC)), now_ns_(now_ns()) {
    ENSURE(epoll_ >= 0);
    buffer_.resize(std::max(read_bytes, 2 * packet_bytes_max));
}

loop::~loop() { ::close(epoll_); }

void loop::give_up(std::string why) {
    if (why_.empty()) why_ = std::move(why);
}

void loop::flush() {
    for (std::size_t i = 0; i < dirty_.size(); ++i) {
        dirty_[i]->dirty_ = false;
        dirty_[i]->flush();
    }
    dirty_.clear();
}

void loop::wait(std::uint64_t until_ns) {
    const std::uint64_t before = now_ns();
    const std::uint64_t for_ns = until_ns > before ? until_ns - before : 0;
    epoll_event events[events_max];
    int count = -1;
    if (fine_waits_) {
        const timespec time{static_cast<time_t>(for_ns / second_ns), static_cast<long>(for_ns % second_ns)};
        count = ::epoll_pwait2(epoll_, events, events_max, &time, nullptr);
        fine_waits_ = count >= 0 || errno != ENOSYS;
    }
    if (!fine_waits_) count = ::epoll_wait(epoll_, events, events_max, static_cast<int>(for_ns / 1'000'000));
    now_ns_ = now_ns();
    for (int i = 0; i < count && !failed(); ++i) static_cast<connection*>(events[i].data.ptr)->handle(events[i].events);
}

result<remote, std::string> resolve(const url& where) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(where.host.c_str(), std::to_string(where.port).c_str(), &hints, &found);
    if (error != 0) return "there is no host '" + where.host + "': " + ::gai_strerror(error);
    remote to;
    to.where = where;
    to.place = where.place();
    std::memcpy(&to.address, found->ai_addr, found->ai_addrlen);
    to.length = found->ai_addrlen;
    ::freeaddrinfo(found);
    return to;
}

}  // namespace causeway::bench
