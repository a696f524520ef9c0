// kill -9 at any moment: what was reported as stored is there, and no batch is there by half.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

#include "core/record.hpp"
#include "tests/contract/harness.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

constexpr std::uint64_t lives = 20;  // a batch's entries are erased by the batch that comes so much later

/// Batch n: one message, two entries of the same value, and the end of the entries of batch n - lives.
core::batch nth(std::uint64_t n) {
    const std::string value = std::to_string(n) + std::string(n * 37 % 3000, 'v');
    core::batch b;
    b.put(table::messages, core::record::key(n), value);
    b.put(table::entries, core::record::key(1, n), value);
    b.put(table::entries, core::record::key(2, n), value);
    if (n < lives) return b;
    b.erase(table::entries, core::record::key(1, n - lives));
    b.erase(table::entries, core::record::key(2, n - lives));
    return b;
}

persistence::lmdb_store_options options_for(const std::string& directory) {
    persistence::lmdb_store_options options;
    options.directory = directory;
    options.ballast_bytes = 0;
    options.preallocate_bytes = 1 << 20;
    return options;
}

/// The child: writes on from batch `from` and reports the last stored one as 8 bytes, until it is killed.
[[noreturn]] void write_until_killed(const std::string& directory, std::uint64_t from, int report_fd) {
    silent_logger log;
    bell stored;
    persistence::lmdb_store store(options_for(directory), log, [&] { stored.ring(); });
    submitter batches(store, stored);
    std::uint64_t reported = 0;
    for (;;) {
        while (batches.last() < batches.done() + 30) batches.submit(nth(from + batches.last()));
        batches.status_of(reported + 1);
        reported = batches.done();
        const std::uint64_t last = from + reported - 1;
        if (::write(report_fd, &last, sizeof last) != sizeof last) ::_exit(1);
    }
}

/// Lets a child write, kills it after so many reports and returns the last batch that it reported.
std::uint64_t write_and_kill(const std::string& directory, std::uint64_t from, int reports) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();  // nothing else runs in this process: every store here is closed
    REQUIRE(child >= 0);
    if (child == 0) {
        ::close(ends[0]);
        write_until_killed(directory, from, ends[1]);
    }
    ::close(ends[1]);
    std::uint64_t last = 0;
    std::uint64_t read_now = 0;
    bool killed = false;
    while (::read(ends[0], &read_now, sizeof read_now) == sizeof read_now) {
        last = read_now;
        if (--reports <= 0 && !std::exchange(killed, true)) ::kill(child, SIGKILL);
    }
    ::close(ends[0]);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));
    return last;
}

/// The first `count` batches were written, nothing else: compares the whole store with what it must hold.
void check_exactly(core::store& store, std::uint64_t count) {
    const contents messages = all_of(store, table::messages);
    const contents entries = all_of(store, table::entries);
    const std::uint64_t alive = std::min(count, lives);
    REQUIRE(entries.size() == 2 * alive);
    bool exact = true;
    for (std::uint64_t n = 0; n < count; ++n) exact = exact && messages[n].first == core::record::key(n);
    for (std::uint64_t i = 0; i < alive; ++i) {
        const std::uint64_t n = count - alive + i;
        exact = exact && entries[i] == std::pair(std::string(core::record::key(1, n)), messages[n].second);
        exact = exact && entries[alive + i] == std::pair(std::string(core::record::key(2, n)), messages[n].second);
    }
    CHECK(exact);
}

}  // namespace

TEST_CASE("after kill -9 every batch that was reported stored is there, and no batch by half") {
    const temporary_directory directory;
    std::mt19937 random(20'240'229);
    std::uint64_t written = 0;
    for (int life = 0; life < 12; ++life) {
        const std::uint64_t last = write_and_kill(directory.path(), written, 1 + static_cast<int>(random() % 40));
        silent_logger log;
        persistence::lmdb_store store(options_for(directory.path()), log, [] {});
        const std::uint64_t count = all_of(store, table::messages).size();
        REQUIRE(count >= last + 1);
        check_exactly(store, count);
        written = count;
    }
}
