#pragma once
// Where log lines go: standard error or a file, written by a thread of its own so that a slow disk or pipe never holds up
// the broker. It writes what has come within a few milliseconds at once: a storm of connections is a storm of lines. If they come
// faster than they can be written, the oldest waiting ones are lost; if they cannot be written at all, these. The next line says how many.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "app/config.hpp"
#include "base/log.hpp"

namespace causeway::app {

/// How long something is waited for.
struct log_pace {
    std::chrono::milliseconds gathering{5};  // others that are written together with a line
};

class log_sink final : public logger {
public:
    /// Throws std::runtime_error if the file cannot be opened.
    explicit log_sink(const log_config& c, log_pace pace = {});
    /// Writes what waits.
    ~log_sink() override;
    log_sink(const log_sink&) = delete;
    log_sink& operator=(const log_sink&) = delete;

    void write(log_level level, std::string_view message, facts about) override;

private:
    using clock = std::chrono::system_clock;

    void run();
    void append(std::string& to, clock::time_point at, log_level level, std::string_view message, facts about);
    void lose_oldest();
    void write_out(std::string& lines, std::unique_lock<std::mutex>& lock);
    std::string_view put_out(std::string_view lines) const;

    const log_format format_;
    const log_pace pace_;
    const int file_;
    std::mutex guard_;
    std::condition_variable news_;
    // Guarded by guard_:
    std::string waiting_;
    std::uint64_t lost_ = 0;          // lines
    bool hurry_ = false;              // a warning, or the end: do not wait for more
    bool over_ = false;
    std::int64_t second_ = -1;        // of time_text_
    std::string time_text_;           // "2026-01-01T00:00:00."

    bool torn_ = false;  // the thread's: the last line that was written has no end
    std::thread thread_;
};

}  // namespace causeway::app
