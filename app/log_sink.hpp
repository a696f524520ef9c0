#pragma once
// Where log lines go: standard error or a file, written by a thread of its own so that a slow disk or pipe never holds up
// the broker.

#include <memory>
#include <string_view>
#include <thread>

#include "app/config.hpp"
#include "app/log_writer.hpp"
#include "base/log.hpp"

namespace causeway::app {

class log_sink final : public logger {
public:
    /// Throws std::runtime_error if the file cannot be opened.
    explicit log_sink(const log_config& c, log_pace pace = {});
    /// Writes what waits. If that takes longer than the pace's farewell, as with a pipe that nobody reads, it goes without: these lines
    /// are lost unless somebody takes them before the program is gone.
    ~log_sink() override;
    log_sink(const log_sink&) = delete;
    log_sink& operator=(const log_sink&) = delete;

    void write(log_level level, std::string_view message, facts about) override { writer_->add(level, message, about); }

private:
    const std::shared_ptr<log_writer> writer_;  // the thread's, too, which may be left behind
    std::thread thread_;
};

}  // namespace causeway::app
