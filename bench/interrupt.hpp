#pragma once
// Ctrl-C ends the work early, and what was measured is still told.

namespace causeway::bench {

/// From now on SIGINT and SIGTERM are noticed.
void watch_for_interrupts();
bool interrupted();

}  // namespace causeway::bench
