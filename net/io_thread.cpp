#include "net/io_thread.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "net/clock.hpp"

namespace causeway::net {

namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t inbound_bytes_max = 1024 * 1024;  // not yet taken by the broker thread; beyond: nothing is read

}  // namespace

io_thread::io_thread(const loop_options& options, std::atomic<std::uint64_t>& ids, wakeup& broker, logger& log)
    : broker_(broker), stop_at_ms_(never), worker_(sockets_, options, ids, to_send_, log) {}

io_thread::~io_thread() {
    if (thread_.joinable()) stop(0);
}

void io_thread::start() {
    thread_ = std::thread([this] { run(); });
}

void io_thread::collect(uplink& to) {
    in_.take(arrived_);
    if (arrived_.weight() > inbound_bytes_max) self_.ring();
    arrived_.replay(to);
}

void io_thread::commit() {
    if (to_send_.empty()) return;
    out_.put(to_send_);
    self_.ring();
}

void io_thread::stop(std::int64_t deadline_steady_ms) {
    stop_at_ms_ = deadline_steady_ms;
    self_.ring();
    if (thread_.joinable()) thread_.join();
}

void io_thread::adopt(listener& from, file_descriptor socket, const remote_address& remote) {
    {
        const std::lock_guard lock(guard_);
        newcomers_.push_back({&from, std::move(socket), remote});
    }
    self_.ring();
}

void io_thread::run() {
    while (!stopped(steady_now_ms())) {
        wait();
        turn();
    }
}

void io_thread::turn() {
    self_.answer();
    adopt_newcomers();
    out_.take(commands_);
    commands_.replay(direct_);
    worker_.step(reports_, steady_now_ms(), held_);
    const bool news = !reports_.empty();
    held_ = in_.put(reports_) > inbound_bytes_max;
    if (news) broker_.ring();
}

void io_thread::adopt_newcomers() {
    std::vector<newcomer> taken;
    {
        const std::lock_guard lock(guard_);
        taken.swap(newcomers_);
    }
    for (newcomer& each : taken) worker_.adopt(*each.from, std::move(each.socket), each.remote);
}

void io_thread::wait() {
    const std::int64_t due_ms = std::min(worker_.next_step_ms(), stop_at_ms_.load());
    const bool at_once = worker_.busy() && !held_;
    sockets_.wait(at_once ? 0 : due_ms - steady_now_ms());
}

bool io_thread::stopped(std::int64_t now_ms) {
    const std::int64_t at = stop_at_ms_;
    if (at == never) return false;
    worker_.abort_unopened();
    if (now_ms >= at) worker_.abort_all();
    return now_ms >= at || worker_.empty();
}

}  // namespace causeway::net
