#include "app/log_sink.hpp"

#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "app/log_lines.hpp"

namespace causeway::app {

namespace {

constexpr std::size_t waiting_lines_max = 512;

spdlog::sink_ptr open_sink(const std::string& file) {
    if (file == "stderr") return std::make_shared<spdlog::sinks::stderr_sink_mt>();
    return std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
}

const char* pattern(log_format format) {
    switch (format) {
        case log_format::text: return "%Y-%m-%dT%H:%M:%S.%eZ %v";
        case log_format::json: return "{\"time\":\"%Y-%m-%dT%H:%M:%S.%eZ\",%v}";
    }
    return "";
}

}  // namespace

log_sink::log_sink(const log_config& c)
    : format_(c.format),
      thread_(std::make_shared<spdlog::details::thread_pool>(waiting_lines_max, 1)),
      lines_(std::make_shared<spdlog::async_logger>("causeway", open_sink(c.file), thread_,
                                                    spdlog::async_overflow_policy::overrun_oldest)) {
    lines_->set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern(format_), spdlog::pattern_time_type::utc));
    lines_->flush_on(spdlog::level::info);
    set_lowest(c.level);
}

log_sink::~log_sink() = default;

void log_sink::write(log_level level, std::string_view message, facts about) {
    const std::string line = format_ == log_format::json ? log_json(level, message, about) : log_text(level, message, about);
    lines_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace causeway::app
