#include "app/log_lines.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <fstream>
#include <iterator>
#include <optional>
#include <regex>
#include <thread>

#include <catch2/catch.hpp>

#include "app/log_sink.hpp"
#include "tests/unit/app/temporary_folder.hpp"

using namespace causeway::app;
using causeway::log_level;

TEST_CASE("a line of text has the level, the message and the facts") {
    CHECK(log_text(log_level::info, "listening", {{"listener", "mqtt"}, {"port", 1883}}) ==
          "info  listening listener=mqtt port=1883");
    CHECK(log_text(log_level::warning, "slow", {}) == "warn  slow");
    CHECK(log_text(log_level::error, "broken", {}) == "error broken");
}

TEST_CASE("a fact that would not read as one word is quoted, so that no peer can forge lines or facts") {
    CHECK(log_text(log_level::info, "m", {{"k", "a b"}}) == "info  m k=\"a b\"");
    CHECK(log_text(log_level::info, "m", {{"k", ""}}) == "info  m k=\"\"");
    CHECK(log_text(log_level::info, "m", {{"k", "a=b"}}) == "info  m k=\"a=b\"");
    CHECK(log_text(log_level::info, "m", {{"k", "x\n2026 info  forged"}}) == "info  m k=\"x\\n2026 info  forged\"");
    CHECK(log_text(log_level::info, "m", {{"k", "say \"hi\""}}) == "info  m k=\"say \\\"hi\\\"\"");
}

TEST_CASE("a line of JSON has the same as members") {
    CHECK(log_json(log_level::info, "listening", {{"listener", "a\"b"}, {"port", 1883}}) ==
          R"("level":"info","message":"listening","listener":"a\"b","port":"1883")");
}

namespace {

std::string logged(log_format format) {
    const temporary_folder folder;
    const std::string file = folder.path + "/log";
    {
        log_config c;
        c.format = format;
        c.file = file;
        log_sink log(c);
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

TEST_CASE("lines that nobody can take in time are lost from the oldest on, and the next line says how many") {
    const temporary_folder folder;
    const std::string path = folder.path + "/pipe";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const int reading = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(reading >= 0);
    constexpr int count = 20'000;
    log_config c;
    c.file = path;
    std::string all;
    {
        std::optional<log_sink> log(std::in_place, c);
        for (int i = 0; i < count; ++i) log->info("line", {{"number", i}, {"padding", std::string(80, 'x')}});
        const std::jthread reader([&] {
            std::array<char, 65536> room{};
            ::fcntl(reading, F_SETFL, 0);
            for (ssize_t got; (got = ::read(reading, room.data(), room.size())) > 0;) all.append(room.data(), static_cast<std::size_t>(got));
        });
        log.reset();
    }
    ::close(reading);
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

TEST_CASE("lines that cannot be written are lost, and the next that can says how many") {
    const temporary_folder folder;
    const std::string path = folder.path + "/pipe";
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    const write_failures failures(SIGPIPE);
    const auto reader = [&path] { return ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC); };
    const int first = reader();
    log_config c;
    c.file = path;
    std::optional<log_sink> log(std::in_place, c);
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
        log_sink log(c);
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
