#pragma once
// Logging: a constant message and facts as key=value. Nothing per message above trace. Where the lines go is the
// caller's choice: a logger is an argument. write() may be called from any thread.

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace causeway {

enum class log_level { trace, debug, info, warning, error };

/// Refers to its text: it lives no longer than the call that it is an argument of.
class fact {
public:
    fact(std::string_view k, std::string_view v) : key(k), text_(v) {}
    fact(std::string_view k, const char* v) : key(k), text_(v) {}
    fact(std::string_view k, const std::string& v) : key(k), text_(v) {}
    template <std::integral T>
    fact(std::string_view k, T v) : key(k) {
        using widest = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
        const char* const end = std::to_chars(digits_.data(), digits_.data() + digits_.size(), static_cast<widest>(v)).ptr;
        digit_count_ = static_cast<std::uint8_t>(end - digits_.data());
    }

    std::string_view value() const { return digit_count_ == 0 ? text_ : std::string_view(digits_.data(), digit_count_); }

    std::string_view key;

private:
    std::string_view text_;
    std::array<char, 20> digits_{};  // of a number
    std::uint8_t digit_count_ = 0;
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
