#pragma once
// The data is read through a memory map: a file that was cut short, or a disk that fails, ends the program by SIGBUS.

namespace causeway::app {

/// From now on that end has a line on standard error. It stays an end by the signal.
void explain_bus_errors();

}  // namespace causeway::app
