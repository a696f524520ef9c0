// The thread that writes: when it does, and what becomes of lines that nobody takes.
#include "app/log_sink.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <fstream>
#include <future>
#include <iterator>
#include <optional>
#include <regex>
#include <thread>

#include <catch2/catch.hpp>

#include "base/check.hpp"
#include "tests/unit/app/temporary_folder.hpp"

using namespace causeway::app;
using namespace std::chrono_literals;

namespace {

/// The reading end of a named pipe. What a test waits for here comes within moments, or never.
class named_pipe {
public:
    named_pipe() {
        ENSURE(::mkfifo(path().c_str(), 0600) == 0);
        reading_ = ::open(path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        ENSURE(reading_ >= 0);
    }
    ~named_pipe() { ::close(reading_); }
    named_pipe(const named_pipe&) = delete;
    named_pipe& operator=(const named_pipe&) = delete;

    /// Everything up to this text. Without it, if it does not come within `patience`, or the writer closes.
    std::string up_to(std::string_view text, std::chrono::milliseconds patience = 20s) {
        std::string all;
        while (all.find(text) == std::string::npos) {
            pollfd more{.fd = reading_, .events = POLLIN, .revents = 0};
            if (::poll(&more, 1, static_cast<int>(patience.count())) <= 0) break;
            std::array<char, 65536> room{};
            const ssize_t got = ::read(reading_, room.data(), room.size());
            if (got <= 0) break;
            all.append(room.data(), static_cast<std::size_t>(got));
        }
        return all;
    }

    /// Everything until nobody has it open for writing.
    std::string rest() { return up_to(std::string_view("\0", 1)); }

    /// Nobody can write to it any more without waiting. That says nothing of how many bytes it holds: pages need not be full.
    void await_full() const {
        pollfd room{.fd = writer(), .events = POLLOUT, .revents = 0};
        while (::poll(&room, 1, 0) != 0) std::this_thread::yield();
        ::close(room.fd);
    }

    std::string path() const { return folder_.path + "/pipe"; }
    /// For writing, without waiting.
    int writer() const { return ::open(path().c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC); }

private:
    const temporary_folder folder_;
    int reading_ = -1;
};

/// A thread that waits for more lines until it is told otherwise.
constexpr log_pace patient{.gathering = 1h, .farewell = 20s};
/// Its end waits for whoever may come.
constexpr log_pace loyal{.gathering = 5ms, .farewell = 1min};
/// Its end does not wait long.
constexpr log_pace brief{.gathering = 5ms, .farewell = 100ms};

log_config writing_to(const std::string& file) {
    log_config c;
    c.file = file;
    return c;
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string logged(log_format format) {
    const temporary_folder folder;
    const std::string file = folder.path + "/log";
    {
        log_config c = writing_to(file);
        c.format = format;
        log_sink log(c, loyal);
        log.debug("hidden");
        log.info("hello", {{"k", "v"}});
        log.info("100%v {} %s");
    }
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

TEST_CASE("lines are written with their time, and messages are never taken for formats") {
    const std::string time = R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)";
    CHECK(std::regex_match(logged(log_format::text),
                           std::regex(time + " info  hello k=v\n" + time + R"( info  100%v \{\} %s)" + "\n")));
    CHECK(
        std::regex_match(logged(log_format::json),
                         std::regex(R"(\{"time":")" + time + R"(","level":"info","message":"hello","k":"v"\})" + "\n.*\n")));
}

TEST_CASE("a line is written a moment later, whatever follows") {
    named_pipe pipe;
    log_sink log(writing_to(pipe.path()));
    log.info("alone");
    CHECK(has(pipe.up_to("\n"), "alone"));
    log.info("the next");
    CHECK(has(pipe.up_to("\n"), "the next"));
}

TEST_CASE("warnings and errors are written at once, with what waits; other lines wait") {
    named_pipe pipe;
    log_sink log(writing_to(pipe.path()), patient);
    log.warning("first");
    CHECK(has(pipe.up_to("first"), "first"));
    log.info("second");
    CHECK(pipe.up_to("second", 100ms).empty());
    log.error("third");
    CHECK(std::regex_match(pipe.up_to("third"), std::regex(R"(\S+ info  second\n\S+ error third\n)")));
}

TEST_CASE("the end of a log does not wait for more lines") {
    named_pipe pipe;
    std::optional<log_sink> log(std::in_place, writing_to(pipe.path()), patient);
    log->info("last");
    log.reset();
    CHECK(has(pipe.up_to("last", 0ms), "last"));
}

namespace {

/// This program's standard error is another file, for as long as it lives.
class standard_error {
public:
    explicit standard_error(int file) : before_(::dup(STDERR_FILENO)) { become(file); }
    ~standard_error() { become(before_); }
    /// Takes the file over.
    static void become(int file) {
        ENSURE(::dup2(file, STDERR_FILENO) == STDERR_FILENO);
        ::close(file);
    }

private:
    const int before_;
};

/// How many system calls of this program have written, or tried to.
std::uint64_t writes_so_far() {
    std::ifstream in("/proc/self/io");
    std::string key;
    std::uint64_t value = 0;
    while (in >> key >> value)
        if (key == "syscw:") return value;
    ENSURE(!"the system does not count them");
    return 0;
}

}  // namespace

TEST_CASE("a standard error that somebody has made non-blocking gets every line, too") {
    named_pipe pipe;
    const standard_error ours(pipe.writer());
    std::optional<log_sink> log(std::in_place, log_config(), loyal);
    constexpr int count = 1000;  // more than the pipe holds, less than may wait
    for (int i = 0; i < count; ++i) log->info("line", {{"padding", std::string(100, 'x')}});
    log->warning("last");
    pipe.await_full();
    const std::string all = pipe.up_to("last");
    log.reset();
    CHECK(std::count(all.begin(), all.end(), '\n') == count + 1);
}

TEST_CASE("a full disk costs the lines that do not fit, and the next that fits says how many") {
    named_pipe pipe;
    const standard_error ours(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    log_sink log(log_config(), patient);
    const std::uint64_t before = writes_so_far();
    log.info("one");
    log.info("two");
    log.warning("three");
    while (writes_so_far() == before) std::this_thread::yield();
    standard_error::become(pipe.writer());
    log.warning("four");
    CHECK(std::regex_match(pipe.up_to("lines="), std::regex(R"(\S+ warn  four\n\S+ warn  log lines are lost: .* lines=3\n)")));
}

TEST_CASE("lines that nobody can take in time are lost from the oldest on, and the next line says how many") {
    named_pipe pipe;
    constexpr int count = 20'000;
    std::optional<log_sink> log(std::in_place, writing_to(pipe.path()), loyal);
    for (int i = 0; i < count; ++i) log->info("line", {{"number", i}, {"padding", std::string(80, 'x')}});
    auto reading = std::async(std::launch::async, [&pipe] { return pipe.rest(); });
    log.reset();
    const std::string all = reading.get();
    long lines = std::count(all.begin(), all.end(), '\n');
    const std::regex said("log lines are lost: .* lines=(\\d+)");
    const auto reports = std::sregex_iterator(all.begin(), all.end(), said);
    CHECK(reports != std::sregex_iterator());
    for (auto report = reports; report != std::sregex_iterator(); ++report) lines += std::stoi((*report)[1]) - 1;
    CHECK(lines == count);
    CHECK(all.find(" number=" + std::to_string(count - 1) + " ") != std::string::npos);
}

namespace {

std::atomic<int> failed_writes{0};

/// Signals of writes that fail are counted, for as long as it lives.
class write_failures {
public:
    explicit write_failures(int number) : number_(number), before_(::signal(number, [](int) { ++failed_writes; })) { failed_writes = 0; }
    ~write_failures() { ::signal(number_, before_); }
    void await(int count) const {
        while (failed_writes < count) std::this_thread::yield();
    }

private:
    int number_;
    sighandler_t before_;
};

}  // namespace

TEST_CASE("the end of a log does not wait for a reader that takes nothing") {
    named_pipe pipe;
    std::optional<log_sink> log(std::in_place, writing_to(pipe.path()), brief);
    for (int i = 0; i < 1000; ++i) log->info("line", {{"padding", std::string(100, 'x')}});
    log->warning("last");
    pipe.await_full();
    const auto end = std::async(std::launch::async, [&log] { log.reset(); });
    CHECK(end.wait_for(20s) == std::future_status::ready);
    CHECK(has(pipe.rest(), "last"));  // the pipe is closed, so that the thread that was left behind has gone, too
}

TEST_CASE("the end of a log waits for a reader that comes in time") {
    named_pipe pipe;
    std::optional<log_sink> log(std::in_place, writing_to(pipe.path()), loyal);
    constexpr int count = 1000;
    for (int i = 0; i < count; ++i) log->info("line", {{"padding", std::string(100, 'x')}});
    log->warning("last");
    pipe.await_full();
    const auto end = std::async(std::launch::async, [&log] { log.reset(); });
    CHECK(end.wait_for(100ms) == std::future_status::timeout);
    const std::string all = pipe.rest();
    CHECK(std::count(all.begin(), all.end(), '\n') == count + 1);
}

TEST_CASE("lines that cannot be written are lost, and the next that can says how many") {
    const temporary_folder folder;
    const std::string path = folder.path + "/pipe";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const write_failures failures(SIGPIPE);
    const auto reader = [&path] { return ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC); };
    const int first = reader();
    log_config c;
    c.file = path;
    std::optional<log_sink> log(std::in_place, c, loyal);
    ::close(first);
    for (int i = 1; i <= 3; ++i) {
        log->warning("nobody reads this");
        failures.await(i);
    }
    const int second = reader();
    log->warning("somebody does");
    log.reset();
    std::array<char, 1024> room{};
    const ssize_t got = ::read(second, room.data(), room.size());
    ::close(second);
    const std::string text(room.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    CHECK(std::regex_search(text, std::regex(R"(^\S+ warn  somebody does\n\S+ warn  log lines are lost: .* lines=3\n$)")));
}

TEST_CASE("a line of which a part could be written does not run into the next") {
    const temporary_folder folder;
    log_config c;
    c.file = folder.path + "/log";
    const write_failures failures(SIGXFSZ);
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &limit) == 0);
    const rlimit little{.rlim_cur = 50, .rlim_max = limit.rlim_max};
    {
        log_sink log(c, loyal);
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &little) == 0);
        log.warning("long", {{"padding", std::string(80, 'x')}});
        failures.await(1);
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
        log.warning("whole");
    }
    std::ifstream in(c.file);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    CHECK(std::regex_match(text, std::regex(R"(\S+ warn  long padding=x+\n\S+ warn  whole\n\S+ warn  log lines are lost: .* lines=1\n)")));
}
