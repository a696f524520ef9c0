#include "net/loop.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>

#include "net/clock.hpp"
#include "net/io_thread.hpp"
#include "net/listener.hpp"
#include "net/peers.hpp"
#include "net/poller.hpp"
#include "net/wakeup.hpp"
#include "net/worker.hpp"

namespace causeway::net {

namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

constexpr std::int64_t patience_ms = 10;  // after so long without anything Asio sleeps; until then it is asked as often

using descriptor = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;
using signal_set = boost::asio::basic_signal_set<boost::asio::io_context::executor_type>;
using action = std::function<void()>;

}  // namespace

struct loop::parts {
    parts(loop_options o, turn& t, logger& l);
    ~parts() { sockets_as_one.release(); }  // which belongs to the poller

    void run();
    void wait();
    void sleep(std::int64_t due_ms);
    std::int64_t due_ms() const;
    bool busy() const;
    void one_turn();
    void run_posted();
    void begin_stop(std::int64_t now_ms);
    bool stopped(std::int64_t now_ms);
    void hand_on(listener& from, file_descriptor socket, const remote_address& remote);
    void await_signal(signal_set& signals, std::function<void(int)> then);

    const loop_options options;
    turn& around;
    logger& log;
    boost::asio::io_context io{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
    poller sockets;
    wakeup bell{sockets};
    descriptor sockets_as_one{io, sockets.descriptor()};
    bool asio_waits = false;         // for sockets_as_one
    std::int64_t asio_due_ms = 0;    // when it is asked again, at the latest
    std::atomic<std::uint64_t> ids{0};

    peers people;
    direct_downlink direct;
    std::vector<std::unique_ptr<listener>> listeners;  // before the workers: connections refer to them
    std::optional<worker> local;                       // without I/O threads
    std::vector<std::unique_ptr<io_thread>> threads;   // or these
    std::vector<std::unique_ptr<signal_set>> signals;
    std::size_t next_thread = 0;                       // gets the next connection

    std::mutex guard;
    std::vector<action> posted;  // guarded by guard
    std::vector<action> running;
    std::atomic<bool> stop_wanted{false};
    std::optional<std::int64_t> stop_at_ms;  // stopping: no longer than that
    counter turns;
};

loop::parts::parts(loop_options o, turn& t, logger& l) : options(o), around(t), log(l) {
    if (options.io_threads == 0) local.emplace(sockets, options, ids, direct, log);
    for (unsigned i = 0; i < options.io_threads; ++i) threads.push_back(std::make_unique<io_thread>(options, ids, bell, log));
}

void loop::parts::run() {
    for (auto& thread : threads) thread->start();
    for (auto& port : listeners)
        port->start([this](listener& from, file_descriptor socket, const remote_address& remote) {
            hand_on(from, std::move(socket), remote);
        });
    while (!stopped(steady_now_ms())) {
        wait();
        one_turn();
    }
    const std::int64_t latest = std::min(*stop_at_ms, steady_now_ms() + options.linger_ms);
    for (auto& thread : threads) thread->stop(latest);
}

void loop::parts::hand_on(listener& from, file_descriptor socket, const remote_address& remote) {
    if (local) return local->adopt(from, std::move(socket), remote);
    threads[next_thread++ % threads.size()]->adopt(from, std::move(socket), remote);
}

/// Sleeps until something happens, then notes what has. What it means is found out in the turn.
///
/// While things happen all the time it sleeps on its sockets alone, which takes one system call, and looks every now and then what else
/// Asio has: signals and timers. Asio has to be told each time that it shall wait for the sockets, too, and says no more of them than that
/// there is something. So it sleeps there only when nothing has happened for a moment. Listeners are in both places.
void loop::parts::wait() {
    const std::int64_t now_ms = steady_now_ms();
    const std::int64_t left_ms = busy() ? 0 : due_ms() - now_ms;
    poller::news found = sockets.wait(std::min(left_ms, patience_ms));
    if (!found.any && left_ms > patience_ms) {
        sleep(now_ms + left_ms);
        found = sockets.wait(0);
    }
    if (!found.foreign && now_ms < asio_due_ms) return;
    io.poll();
    asio_due_ms = now_ms + patience_ms;
}

void loop::parts::sleep(std::int64_t due_ms) {
    if (!std::exchange(asio_waits, true))
        sockets_as_one.async_wait(descriptor::wait_read, [this](const boost::system::error_code&) { asio_waits = false; });
    io.run_one_until(steady_time(due_ms));
}

std::int64_t loop::parts::due_ms() const {
    std::int64_t due = around.next_turn_steady_ms();
    if (local) due = std::min(due, local->next_step_ms());
    if (stop_at_ms) due = std::min(due, *stop_at_ms);
    return due;
}

/// There is something to do at once.
bool loop::parts::busy() const {
    const bool accepting = std::any_of(listeners.begin(), listeners.end(), [](const auto& port) { return port->busy(); });
    return accepting || people.busy() || (local && local->busy());
}

void loop::parts::one_turn() {
    bell.answer();
    const instant at = now();
    turns.add(1);
    around.begin(at);
    run_posted();
    if (stop_wanted && !stop_at_ms) begin_stop(at.steady_ms);
    for (auto& port : listeners)
        if (port->busy()) port->accept_some();
    if (local) local->step(people, at.steady_ms);
    for (auto& thread : threads) thread->collect(people);
    people.deliver_kept();
    if (stop_at_ms && at.steady_ms >= *stop_at_ms) people.abandon();
    around.end();
    people.flush();
    for (auto& thread : threads) thread->commit();
}

void loop::parts::run_posted() {
    {
        const std::lock_guard lock(guard);
        running.swap(posted);
    }
    for (const action& run : running) run();
    running.clear();
}

void loop::parts::begin_stop(std::int64_t now_ms) {
    stop_at_ms = now_ms + options.drain_ms;
    for (auto& port : listeners) port->stop();
    for (auto& set : signals) set->cancel();
    people.shut_down();
}

/// All endpoints are gone; their sockets may linger a little.
bool loop::parts::stopped(std::int64_t now_ms) {
    if (!stop_at_ms || people.size() > 0) return false;
    if (!local) return true;
    stop_at_ms = std::min(*stop_at_ms, now_ms + options.linger_ms);
    local->abort_unopened();
    if (now_ms >= *stop_at_ms) local->abort_all();
    return local->empty() || now_ms >= *stop_at_ms;
}

void loop::parts::await_signal(signal_set& signals_of, std::function<void(int)> then) {
    signals_of.async_wait([this, &signals_of, then](const boost::system::error_code& error, int number) {
        if (error) return;
        {
            const std::lock_guard lock(guard);
            posted.push_back([then, number] { then(number); });
        }
        await_signal(signals_of, then);
    });
}

loop::loop(loop_options options, turn& around, logger& log) : parts_(std::make_unique<parts>(options, around, log)) {}

loop::~loop() = default;

result<std::uint16_t, std::string> loop::listen(const listener_options& options, protocols::endpoint_factory& endpoints) {
    auto made = std::make_unique<listener>(parts_->io, options, endpoints, parts_->options.accept_pause_ms, parts_->log);
    TRY(const std::uint16_t port, made->open());
    parts_->sockets.add_foreign(made->socket());
    parts_->listeners.push_back(std::move(made));
    return port;
}

void loop::run() { parts_->run(); }

void loop::stop() {
    parts_->stop_wanted = true;
    parts_->bell.ring();
}

void loop::post(std::function<void()> run) {
    {
        const std::lock_guard lock(parts_->guard);
        parts_->posted.push_back(std::move(run));
    }
    parts_->bell.ring();
}

std::function<void()> loop::waker() {
    return [bell = &parts_->bell] { bell->ring(); };
}

void loop::on_signal(std::initializer_list<int> numbers, std::function<void(int)> then) {
    auto set = std::make_unique<signal_set>(parts_->io);
    for (const int number : numbers) set->add(number);
    parts_->await_signal(*set, std::move(then));
    parts_->signals.push_back(std::move(set));
}

std::size_t loop::connections() const { return parts_->people.size(); }

loop_counters loop::counters() const {
    loop_counters sum;
    sum.turns = parts_->turns.value();
    for (const auto& port : parts_->listeners) {
        sum.accepted += port->counters().accepted.value();
        sum.refused += port->counters().refused.value();
    }
    if (parts_->local) parts_->local->counted().add_to(sum);
    for (const auto& thread : parts_->threads) thread->counted().add_to(sum);
    return sum;
}

}  // namespace causeway::net
