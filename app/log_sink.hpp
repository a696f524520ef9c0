#pragma once
// Where log lines go: standard error or a file, written by a thread of its own so that a slow disk or pipe never holds up
// the broker. If lines come faster than they can be written, the oldest waiting ones are lost.

#include <memory>

#include "app/config.hpp"
#include "base/log.hpp"

namespace spdlog {
class logger;
namespace details {
class thread_pool;
}
}  // namespace spdlog

namespace causeway::app {

class log_sink final : public logger {
public:
    /// Throws std::runtime_error if the file cannot be opened.
    explicit log_sink(const log_config& c);
    /// Writes what waits.
    ~log_sink() override;

    void write(log_level level, std::string_view message, facts about) override;

private:
    log_format format_;
    std::shared_ptr<spdlog::details::thread_pool> thread_;
    std::shared_ptr<spdlog::logger> lines_;
};

}  // namespace causeway::app
