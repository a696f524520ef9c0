#pragma once
// One I/O side: the connections of one poller, the memory they share, their deadlines. Belongs to one thread: the broker
// thread (loop_options::io_threads = 0) or an I/O thread.

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <boost/intrusive/list.hpp>

#include "base/log.hpp"
#include "net/connection.hpp"
#include "net/counters.hpp"
#include "net/loop.hpp"
#include "net/poller.hpp"
#include "net/uplink.hpp"
#include "net/websocket/compression.hpp"

namespace causeway::net {

class worker {
public:
    /// `ids`: the last connection's number, of all workers. `commands`: how the broker side reaches connections of this one.
    worker(poller& sockets, const loop_options& options, std::atomic<std::uint64_t>& ids, downlink& commands, logger& log);
    ~worker();
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;

    /// Takes over a connected, non-blocking socket.
    void adopt(listener& from, file_descriptor socket, const remote_address& remote);

    /// Handles and reports everything that has happened. With `hold` nothing is read; what is readable waits.
    void step(uplink& up, std::int64_t now_ms, bool hold = false);

    /// Another step() would do something at once, unless it has to hold.
    bool busy() const { return !queue_.empty(); }
    /// When step() is due even if nothing happens; INT64_MAX: never.
    std::int64_t next_step_ms() const;

    void abort_all();
    void abort_unopened();
    bool empty() const { return all_.empty(); }
    const worker_counters& counted() const { return counters_; }

    // For its connections.
    void queue(connection& c) { queue_.push_back(&c); }
    void watch(passage& p) { watched_.push_back(p); }
    poller& sockets() { return sockets_; }
    std::span<char> room() { return room_; }
    std::string& scratch() { return scratch_; }
    websocket::deflater& packs() { return packs_; }
    worker_counters& counters() { return counters_; }
    const loop_options& options() const { return options_; }
    downlink& commands() { return commands_; }
    logger& log() { return log_; }

private:
    template <class T, class Tag>
    using list = boost::intrusive::list<T, boost::intrusive::base_hook<list_place<Tag>>, boost::intrusive::constant_time_size<false>>;

    void expire(std::int64_t now_ms);

    poller& sockets_;
    const loop_options options_;
    std::atomic<std::uint64_t>& ids_;
    downlink& commands_;
    logger& log_;
    worker_counters counters_;
    std::vector<char> room_;             // what is read lands here first
    std::string scratch_;                // between a layer and the endpoint
    websocket::deflater packs_;          // messages of WebSockets
    std::vector<connection*> queue_;     // those with something to handle
    std::vector<connection*> handling_;  // the same, during step()
    list<connection, by_worker> all_;    // owns them
    list<passage, by_deadline> watched_;
    std::int64_t next_expire_ms_ = 0;
};

/// The downlink without I/O threads: plain calls.
class direct_downlink final : public downlink {
public:
    output_buffer* output_of(connection& of) override { return &of.outgoing(); }
    std::size_t send(connection& to, output_buffer& bytes, bool notify) override {
        to.send(bytes, notify);
        return 0;
    }
    void read(connection& from, bool on) override { from.read(on); }
    void close(connection& which) override { which.close(); }
    void abort(connection& which) override { which.abort(); }
    void release(connection& which) override { which.release(); }
};

}  // namespace causeway::net
