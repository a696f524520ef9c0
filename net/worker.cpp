#include "net/worker.hpp"

#include <limits>

namespace causeway::net {

namespace {

constexpr std::int64_t expire_interval_ms = 100;  // how late a deadline may be noticed

}  // namespace

worker::worker(poller& sockets, const loop_options& options, std::atomic<std::uint64_t>& ids, downlink& commands, logger& log)
    : sockets_(sockets), options_(options), ids_(ids), commands_(commands), log_(log), room_(options.read_bytes_per_turn) {}

worker::~worker() {
    all_.clear_and_dispose([](connection* c) { delete c; });
}

void worker::adopt(listener& from, file_descriptor socket, const remote_address& remote) {
    const auto id = static_cast<connection_id>(ids_.fetch_add(1, std::memory_order_relaxed) + 1);
    auto* made = new connection(*this, from, std::move(socket), id, remote);
    all_.push_back(*made);
    made->start();
}

void worker::step(uplink& up, std::int64_t now_ms, bool hold) {
    if (now_ms >= next_expire_ms_) expire(now_ms);
    handling_.swap(queue_);
    for (connection* c : handling_) {
        c->queued = false;
        c->step(up, hold);
        if (c->finished()) delete c;
    }
    handling_.clear();
}

std::int64_t worker::next_step_ms() const { return watched_.empty() ? std::numeric_limits<std::int64_t>::max() : next_expire_ms_; }

void worker::expire(std::int64_t now_ms) {
    next_expire_ms_ = now_ms + expire_interval_ms;
    for (auto it = watched_.begin(); it != watched_.end();) {
        connection& c = (it++)->of;  // expiring takes it out of the list
        c.expire(now_ms);
    }
}

void worker::abort_unopened() {
    for (connection& c : all_)
        if (!c.opened()) c.abort();
}

void worker::abort_all() {
    for (connection& c : all_) c.abort();
}

}  // namespace causeway::net
