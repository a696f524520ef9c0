#pragma once
// A loop on a thread of its own. The test looks into it only through ask() and until(), which run on the broker thread.

#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <limits>
#include <list>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "net/loop.hpp"
#include "tests/unit/net/toy_endpoints.hpp"

namespace causeway::test {

/// Keeps its lines.
class noting_logger final : public logger {
public:
    noting_logger() { set_lowest(log_level::debug); }
    void write(log_level, std::string_view message, facts about) override {
        const std::lock_guard lock(guard_);
        std::string line(message);
        for (const fact& f : about) line.append(" ").append(f.key).append("=").append(f.value());
        lines_.push_back(std::move(line));
    }
    bool has(std::string_view part) const {
        const std::lock_guard lock(guard_);
        for (const std::string& line : lines_)
            if (line.find(part) != std::string::npos) return true;
        return false;
    }

private:
    mutable std::mutex guard_;
    std::vector<std::string> lines_;
};

class running_loop final : public net::turn {
public:
    explicit running_loop(net::loop_options options = {}) : loop_(options, *this, log) {}
    ~running_loop() override {
        stop();
        factory.acts = {};
    }

    std::uint16_t listen(const net::listener_options& options = {}) {
        const auto port = loop_.listen(options, factory);
        if (port.has_error()) throw std::runtime_error(port.error());
        return port.value();
    }
    std::string listen_error(const net::listener_options& options) {
        const auto port = loop_.listen(options, factory);
        return port.has_error() ? port.error() : "";
    }
    void start() {
        thread_ = std::thread([this] { loop_.run(); });
    }
    void stop() {
        if (!thread_.joinable()) return;
        loop_.stop();
        thread_.join();
    }
    void join() { thread_.join(); }

    /// Runs it in the next turn and gives its answer.
    template <class F>
    auto ask(F f) {
        std::packaged_task<decltype(f())()> task(std::move(f));
        auto answer = task.get_future();
        loop_.post([&task] { task(); });
        return answer.get();
    }

    /// Waits until it holds at the end of a turn. False: it did not within half a minute.
    bool until(std::function<bool()> holds) {
        std::promise<void> held;
        loop_.post([&] { waiting_.push_back({&holds, &held}); });
        const bool in_time = held.get_future().wait_for(std::chrono::seconds(30)) == std::future_status::ready;
        if (!in_time) ask([&] { waiting_.clear(); return 0; });
        return in_time;
    }

    // net::turn
    void begin(instant now) override {
        now_ = now;
        in_turn = true;
    }
    void end() override {
        waiting_.remove_if([](const wait& w) {
            if (!(*w.holds)()) return false;
            w.held->set_value();
            return true;
        });
        if (on_end) on_end();
        in_turn = false;
    }
    std::int64_t next_turn_steady_ms() const override { return next_turn; }

    instant now() const { return now_; }
    net::loop& loop() { return loop_; }

    noting_logger log;
    toy_factory factory;
    std::function<void()> on_end;
    std::int64_t next_turn = std::numeric_limits<std::int64_t>::max();
    bool in_turn = false;

private:
    struct wait {
        std::function<bool()>* holds;
        std::promise<void>* held;
    };
    std::list<wait> waiting_;
    instant now_;
    net::loop loop_;
    std::thread thread_;
};

}  // namespace causeway::test
