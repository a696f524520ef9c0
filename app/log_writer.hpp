#pragma once
// The lines of a log that wait, and how its thread writes them: together what has come within a few milliseconds, for a storm of
// connections is a storm of lines. If they come faster than they can be written, the oldest waiting ones are lost; if they cannot be
// written at all, these. The next line says how many. Nothing is written under the lock: who adds a line never waits for the file.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "app/config.hpp"
#include "base/log.hpp"

namespace causeway::app {

/// How long something is waited for.
struct log_pace {
    std::chrono::milliseconds gathering{5};  // others that are written together with a line
    // At the end, that all lines are taken. Whoever reads needs a fraction of it for all that may wait. Who reads nothing must not keep
    // the program: together with the time for its clients it stays below the ten seconds after which container engines kill.
    std::chrono::milliseconds farewell{1000};
};

class log_writer {
public:
    /// Throws std::runtime_error if the file cannot be opened.
    log_writer(const log_config& c, log_pace pace);
    ~log_writer();
    log_writer(const log_writer&) = delete;
    log_writer& operator=(const log_writer&) = delete;

    /// From any thread.
    void add(log_level level, std::string_view message, logger::facts about);

    /// Writes until finish() is called, then what still waits.
    void run();

    /// False: somebody holds run() up, and it may take for ever to return.
    bool finish();

private:
    using clock = std::chrono::system_clock;

    void append(std::string& to, clock::time_point at, log_level level, std::string_view message, logger::facts about);
    void lose_oldest();
    void write_out(std::string& lines, std::unique_lock<std::mutex>& lock);
    std::string_view put_out(std::string_view lines) const;

    const log_format format_;
    const log_pace pace_;
    const int file_;
    std::mutex guard_;
    std::condition_variable news_;
    std::condition_variable end_;
    // Guarded by guard_:
    std::string waiting_;
    std::uint64_t lost_ = 0;          // lines
    bool hurry_ = false;              // a warning, or the end: do not wait for more
    bool over_ = false;
    bool finished_ = false;
    std::int64_t second_ = -1;        // of time_text_
    std::string time_text_;           // "2026-01-01T00:00:00."

    bool torn_ = false;  // run()'s: the last line that was written has no end
};

}  // namespace causeway::app
