#include "bench/usage.hpp"

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <string>

using namespace causeway::bench;

TEST_CASE("a line of /proc/<pid>/stat is read although the name holds brackets and blanks") {
    const std::string line =
        "4242 (a) b (c)) S 17 4242 4242 0 -1 4194304 100 0 0 0 250 50 7 8 20 0 4 0 12345 1000000 321 18446744073709551615 1 "
        "1";
    const auto stat = parse_stat(line);
    REQUIRE(stat);
    CHECK(stat->parent == 17);
    CHECK(stat->cpu_ticks == 300);
    CHECK(stat->resident_pages == 321);
}

TEST_CASE("what is no such line is refused") {
    CHECK_FALSE(parse_stat(""));
    CHECK_FALSE(parse_stat("1 (name"));
    CHECK_FALSE(parse_stat("1 (name)"));
    CHECK_FALSE(parse_stat("1 (name) S 17 4242"));
}

TEST_CASE("a process's memory includes that of the processes it has started") {
    const auto alone = usage_of(::getpid());
    REQUIRE(alone);
    CHECK(alone->resident_bytes > 0);
    int hold[2], ready[2];
    REQUIRE((::pipe(hold) == 0 && ::pipe(ready) == 0));
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(hold[1]);
        char byte = 1;
        (void)!::write(ready[1], &byte, 1);
        (void)!::read(hold[0], &byte, 1);
        ::_exit(0);
    }
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    const auto childs = usage_of(child), together = usage_of(::getpid());
    for (const int end : {hold[0], hold[1], ready[0], ready[1]}) ::close(end);
    ::waitpid(child, nullptr, 0);
    REQUIRE((childs && together));
    CHECK(together->resident_bytes >= alone->resident_bytes / 2 + childs->resident_bytes);
    CHECK_FALSE(usage_of(child));
}

TEST_CASE("CPU time is known to less than a tick of the system") {
    const auto before = usage_of(::getpid());
    const double own_before = own_cpu_seconds();
    volatile std::uint64_t sum = 0;
    while (own_cpu_seconds() - own_before < 0.002) sum = sum + 1;
    const auto after = usage_of(::getpid());
    REQUIRE((before && after));
    CHECK(after->cpu_seconds - before->cpu_seconds >= 0.001);
    CHECK(after->cpu_seconds > 0);
}
