#pragma once
// A thread with a worker of its own, and the two mailboxes between it and the broker thread. Each side writes down its calls
// and hands them over once per turn; a mailbox that was put into rings the other side. See docs/threads.md.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "net/inbound.hpp"
#include "net/mailbox.hpp"
#include "net/outbound.hpp"
#include "net/poller.hpp"
#include "net/remote_address.hpp"
#include "net/wakeup.hpp"
#include "net/worker.hpp"

namespace causeway::net {

class io_thread {
public:
    /// `broker` wakes the broker thread.
    io_thread(const loop_options& options, std::atomic<std::uint64_t>& ids, wakeup& broker, logger& log);
    ~io_thread();

    // From the broker thread.
    void start();
    /// Makes the calls that the I/O thread has handed over.
    void collect(uplink& to);
    /// Hands over the calls to the I/O thread.
    void commit();
    /// Ends the thread once its connections are gone, at the latest then.
    void stop(std::int64_t deadline_steady_ms);

    // From any thread.
    /// Takes over a connected socket.
    void adopt(listener& from, file_descriptor socket, const remote_address& remote);
    const worker_counters& counted() const { return worker_.counted(); }

private:
    struct newcomer {
        listener* from;
        file_descriptor socket;
        remote_address remote;
    };

    void run();
    void turn();
    void adopt_newcomers();
    void wait();
    bool stopped(std::int64_t now_ms);

    poller sockets_;
    wakeup self_{sockets_};
    wakeup& broker_;

    // The broker thread's.
    outbound to_send_;       // being written down
    inbound arrived_;        // being replayed

    // Between the two.
    mailbox<inbound> in_;
    mailbox<outbound> out_;
    std::mutex guard_;
    std::vector<newcomer> newcomers_;  // guarded by guard_
    std::atomic<std::int64_t> stop_at_ms_;

    // The I/O thread's.
    inbound reports_;        // being written down
    outbound commands_;      // being replayed
    direct_downlink direct_;
    worker worker_;
    bool held_ = false;      // the broker thread is behind: nothing is read

    std::thread thread_;
};

}  // namespace causeway::net
