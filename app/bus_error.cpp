#include "app/bus_error.hpp"

#include <signal.h>
#include <unistd.h>

#include <string_view>

namespace causeway::app {

namespace {

constexpr std::string_view explanation =
    "causeway: the data cannot be read: a data.mdb was cut short, or its disk fails; restore it from a copy\n";

/// Only what is safe in a signal handler. Having returned, the same access ends the program.
void explain(int) { [[maybe_unused]] const auto written = ::write(STDERR_FILENO, explanation.data(), explanation.size()); }

}  // namespace

void explain_bus_errors() {
    struct sigaction action {};
    action.sa_handler = explain;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace causeway::app
