#pragma once
// The broker thread's loop and everything between it and the network: listeners, connections, I/O threads.
//
// run() is the broker thread. All calls of endpoints, factories, turn and posted functions happen on it, inside a turn:
//   turn.begin(now) → posted functions → what the peers sent, closed or took → turn.end() → one write per touched link.
// post(), stop(), waker() and counters() may be called from any thread; everything else before run() or on the broker thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>

#include "base/log.hpp"
#include "base/result.hpp"
#include "net/listener_options.hpp"
#include "net/turn.hpp"
#include "protocols/endpoint.hpp"

namespace causeway::net {

struct loop_options {
    unsigned io_threads = 0;                        // 0: the broker thread does the network's work itself
    std::size_t read_bytes_per_turn = 128 * 1024;   // of one connection, so that a fast one does not starve the others
    std::int64_t drain_ms = 5'000;                  // stop(): how long peers may take to say goodbye
    std::int64_t stalled_close_ms = 10'000;         // after close(): how long the peer may take nothing of its last output
    std::int64_t linger_ms = 2'000;                 // after that: how long we wait for the peer's own close
    std::int64_t accept_pause_ms = 200;             // after accept failed, e.g. for want of file descriptors
};

/// Since the start. Consistent enough for metrics, not with each other.
struct loop_counters {
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;        // over the listener's limits, or not a proxy of it
    std::uint64_t closed = 0;
    std::uint64_t handshakes_failed = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    std::uint64_t reads = 0;          // system calls
    std::uint64_t writes = 0;         // system calls
    std::uint64_t turns = 0;
};

class loop {
public:
    loop(loop_options options, turn& around, logger& log);
    ~loop();
    loop(const loop&) = delete;
    loop& operator=(const loop&) = delete;

    /// Opens the port at once, accepts from run() on. Returns the bound port (0 for a Unix-domain socket), or e.g.
    /// "127.0.0.1:1883: Address already in use".
    result<std::uint16_t, std::string> listen(const listener_options& options, protocols::endpoint_factory& endpoints);

    /// Runs turns until stopped. Afterwards every endpoint has been told closed() and is destroyed.
    void run();

    /// Stops accepting, lets every endpoint shut_down(), waits for them at most drain_ms; then run() returns.
    void stop();

    /// Runs at the start of the next turn.
    void post(std::function<void()> action);

    /// Calling it causes a turn soon. Cheap and thread-safe; must not be called after the loop is gone.
    std::function<void()> waker();

    /// The action runs in a turn whenever one of these signals arrives.
    void on_signal(std::initializer_list<int> signals, std::function<void(int)> action);

    /// Connections that have an endpoint. On the broker thread.
    std::size_t connections() const;

    loop_counters counters() const;

private:
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace causeway::net
