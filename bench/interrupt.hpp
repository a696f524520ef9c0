#pragma once
// Ctrl-C ends the work early: what was measured is still told, and nothing stays behind in the server. The second one ends
// the program at once.

namespace causeway::bench {

/// From now on the first SIGINT and the first SIGTERM are noticed.
void watch_for_interrupts();
bool interrupted();

}  // namespace causeway::bench
