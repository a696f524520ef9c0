#include "bench/interrupt.hpp"

#include <csignal>

namespace causeway::bench {

namespace {

volatile std::sig_atomic_t came = 0;  // a signal handler has nobody else to tell

void note(int) { came = 1; }

}  // namespace

void watch_for_interrupts() {
    struct sigaction action {};
    action.sa_handler = note;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return came != 0; }

}  // namespace causeway::bench
