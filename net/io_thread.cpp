#include "net/io_thread.hpp"

#include <limits>

#include <boost/asio/post.hpp>

#include "net/clock.hpp"

namespace causeway::net {

namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t inbound_bytes_max = 1024 * 1024;  // not yet taken by the broker thread; beyond: nothing is read

}  // namespace

io_thread::io_thread(const loop_options& options, std::atomic<std::uint64_t>& ids, wakeup& broker, logger& log)
    : broker_(broker), stop_at_ms_(never), worker_(io_, options, ids, to_send_, log) {}

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
    boost::asio::post(io_, [this, &from, socket = std::move(socket), remote]() mutable {
        worker_.adopt(from, std::move(socket), remote);
    });
}

void io_thread::run() {
    while (!stopped(steady_now_ms())) {
        wait();
        turn();
    }
}

void io_thread::turn() {
    self_.answer();
    out_.take(commands_);
    commands_.replay(direct_);
    worker_.step(reports_, steady_now_ms(), held_);
    const bool news = !reports_.empty();
    held_ = in_.put(reports_) > inbound_bytes_max;
    if (news) broker_.ring();
}

void io_thread::wait() {
    const std::int64_t due = std::min(worker_.next_step_ms(), stop_at_ms_.load());
    if (held_ || !worker_.busy()) {
        worker_.arm();
        io_.run_one_until(steady_time(due));
        if (worker_.armed()) io_.poll();
    } else {
        io_.poll();
    }
    worker_.collect();
}

bool io_thread::stopped(std::int64_t now_ms) {
    const std::int64_t at = stop_at_ms_;
    if (at == never) return false;
    worker_.abort_unopened();
    if (now_ms >= at) worker_.abort_all();
    return now_ms >= at || worker_.empty();
}

}  // namespace causeway::net
