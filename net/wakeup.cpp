#include "net/wakeup.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace causeway::net {

namespace {

int make_counter() {
    const int counter = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (counter < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    return counter;
}

}  // namespace

wakeup::wakeup(poller& sleeper) : counter_(make_counter()) { sleeper.add_bell(counter_.get()); }

void wakeup::ring() {
    if (rung_.exchange(true)) return;
    constexpr std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(counter_.get(), &one, sizeof one);  // fails only after 2^64 of them
}

}  // namespace causeway::net
