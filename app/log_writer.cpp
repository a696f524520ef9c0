#include "app/log_writer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <stdexcept>
#include <utility>

#include "app/log_lines.hpp"

namespace causeway::app {

namespace {

constexpr std::size_t waiting_bytes_max = 256 * 1024;

int open_file(const std::string& name) {
    if (name == "stderr") return STDERR_FILENO;
    const int file = ::open(name.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0) throw std::runtime_error("cannot open the log file " + name + ": " + std::strerror(errno));
    return file;
}

std::uint64_t lines_in(std::string_view text) { return static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')); }

std::string text_of_second(std::time_t second) {
    std::tm parts{};
    ::gmtime_r(&second, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S.", &parts)};
}

}  // namespace

log_writer::log_writer(const log_config& c, log_pace pace) : format_(c.format), pace_(pace), file_(open_file(c.file)) {}

log_writer::~log_writer() {
    if (file_ != STDERR_FILENO) ::close(file_);
}

void log_writer::add(log_level level, std::string_view message, logger::facts about) {
    const bool urgent = level >= log_level::warning;
    bool first = false;
    {
        const std::lock_guard lock(guard_);
        first = waiting_.empty();
        append(waiting_, clock::now(), level, message, about);
        if (waiting_.size() > waiting_bytes_max) lose_oldest();
        hurry_ = hurry_ || urgent;
    }
    if (first || urgent) news_.notify_one();
}

bool log_writer::finish() {
    std::unique_lock lock(guard_);
    over_ = hurry_ = true;
    news_.notify_one();
    return end_.wait_for(lock, pace_.farewell, [this] { return finished_; });
}

void log_writer::append(std::string& to, clock::time_point at, log_level level, std::string_view message, logger::facts about) {
    using namespace std::chrono;
    const std::int64_t ms = duration_cast<milliseconds>(at.time_since_epoch()).count();
    if (ms / 1000 != second_) {
        second_ = ms / 1000;
        time_text_ = text_of_second(static_cast<std::time_t>(second_));
    }
    const auto rest = static_cast<int>(ms % 1000);
    const char millis[] = {static_cast<char>('0' + rest / 100), static_cast<char>('0' + rest / 10 % 10), static_cast<char>('0' + rest % 10), 'Z'};
    switch (format_) {
        case log_format::text:
            to.append(time_text_).append(millis, sizeof millis).append(" ");
            append_text(to, level, message, about);
            to.append("\n");
            return;
        case log_format::json:
            to.append("{\"time\":\"").append(time_text_).append(millis, sizeof millis).append("\",");
            append_json(to, level, message, about);
            to.append("}\n");
            return;
    }
}

/// A half, so that it is not done for every line.
void log_writer::lose_oldest() {
    const std::size_t end = waiting_.find('\n', waiting_.size() / 2) + 1;
    lost_ += lines_in(std::string_view(waiting_).substr(0, end));
    waiting_.erase(0, end);
}

void log_writer::run() {
    std::string lines;
    std::unique_lock lock(guard_);
    for (;;) {
        news_.wait(lock, [this] { return over_ || !waiting_.empty(); });
        if (waiting_.empty()) break;
        news_.wait_for(lock, pace_.gathering, [this] { return hurry_; });
        hurry_ = over_;
        lines.clear();
        lines.swap(waiting_);
        write_out(lines, lock);
    }
    finished_ = true;
    end_.notify_one();
}

/// Behind them, which ones before are lost. What cannot be written is lost, too: that is told with the next ones.
void log_writer::write_out(std::string& lines, std::unique_lock<std::mutex>& lock) {
    const std::uint64_t lost = std::exchange(lost_, 0);
    if (lost > 0)
        append(lines, clock::now(), log_level::warning, "log lines are lost: they could not be written, or not as fast as they came",
               {{"lines", lost}});
    lock.unlock();
    if (torn_) torn_ = !put_out("\n").empty();
    const std::string_view left = put_out(lines);
    lock.lock();
    if (left.size() < lines.size()) torn_ = lines[lines.size() - left.size() - 1] != '\n';
    if (!left.empty()) lost_ += lines_in(left) + lost - (lost > 0);
}

/// Returns what cannot be written.
std::string_view log_writer::put_out(std::string_view lines) const {
    while (!lines.empty()) {
        const ssize_t count = ::write(file_, lines.data(), lines.size());
        if (count > 0) {
            lines.remove_prefix(static_cast<std::size_t>(count));
        } else if (count < 0 && errno == EAGAIN) {  // somebody else has made our standard error non-blocking
            pollfd room{.fd = file_, .events = POLLOUT, .revents = 0};
            ::poll(&room, 1, -1);
        } else if (count == 0 || errno != EINTR) {
            break;
        }
    }
    return lines;
}

}  // namespace causeway::app
