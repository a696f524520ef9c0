#pragma once
// Logging: a constant message and facts as key=value. Nothing per message above trace. Where the lines go is the
// caller's choice: a logger is an argument. write() may be called from any thread.

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace causeway {

enum class log_level { trace, debug, info, warning, error };

struct fact {
    std::string_view key;
    std::string value;

    fact(std::string_view k, std::string_view v) : key(k), value(v) {}
    fact(std::string_view k, const char* v) : key(k), value(v) {}
    fact(std::string_view k, const std::string& v) : key(k), value(v) {}
    template <std::integral T>
    fact(std::string_view k, T v) : key(k), value(std::to_string(v)) {}
};

class logger {
public:
    using facts = std::initializer_list<fact>;

    virtual ~logger() = default;
    virtual void write(log_level level, std::string_view message, facts about) = 0;

    void debug(std::string_view message, facts about = {}) { log(log_level::debug, message, about); }
    void info(std::string_view message, facts about = {}) { log(log_level::info, message, about); }
    void warning(std::string_view message, facts about = {}) { log(log_level::warning, message, about); }
    void error(std::string_view message, facts about = {}) { log(log_level::error, message, about); }

    bool enabled(log_level level) const { return level >= lowest_; }
    void set_lowest(log_level level) { lowest_ = level; }

private:
    void log(log_level level, std::string_view message, facts about) {
        if (enabled(level)) write(level, message, about);
    }

    log_level lowest_ = log_level::info;
};

/// Says nothing. For tests and tools.
class silent_logger final : public logger {
public:
    void write(log_level, std::string_view, facts) override {}
};

}  // namespace causeway
