#include "bench/loop.hpp"

#include <netdb.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "bench/clock.hpp"

namespace causeway::bench {

namespace {

constexpr std::size_t read_bytes = 256 * 1024;
constexpr int events_max = 256;

bool answers(const addrinfo& at) {
    const int socket = ::socket(at.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connected = socket >= 0 && ::connect(socket, at.ai_addr, at.ai_addrlen) == 0;
    if (socket >= 0) ::close(socket);
    return connected;
}

/// Of several addresses ("localhost" has two) the first where somebody listens; if there is none, the first.
const addrinfo& best_of(const addrinfo& found) {
    if (!found.ai_next) return found;
    for (const addrinfo* one = &found; one; one = one->ai_next)
        if (answers(*one)) return *one;
    return found;
}

}  // namespace

loop::loop(std::size_t packet_bytes_max) : epoll_(::epoll_create1(EPOLL_CLOEXEC)), now_ns_(now_ns()) {
    if (epoll_ < 0) give_up(std::string("cannot wait for connections: ") + std::strerror(errno));
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
    const addrinfo& best = best_of(*found);
    std::memcpy(&to.address, best.ai_addr, best.ai_addrlen);
    to.length = best.ai_addrlen;
    ::freeaddrinfo(found);
    return to;
}

}  // namespace causeway::bench
