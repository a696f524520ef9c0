#include "persistence/disk_space.hpp"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

using causeway::persistence::preallocation;

namespace {

constexpr std::uint64_t mib = 1 << 20;

struct file {
    std::unique_ptr<FILE, int (*)(FILE*)> it{std::tmpfile(), &std::fclose};
    int fd = ::fileno(it.get());

    struct stat about() const {
        struct stat s {};
        REQUIRE(::fstat(fd, &s) == 0);
        return s;
    }
    /// In whole MiB: where free space lies in pieces, a file system counts some blocks of its own as well.
    std::uint64_t allocated_mib() const { return static_cast<std::uint64_t>(about().st_blocks) * 512 / mib; }
};

}  // namespace

TEST_CASE("what is allocated ahead doubles up to the step, and does not change the file's size") {
    file f;
    preallocation ahead(8 * mib);
    for (const auto& [end, allocated] : std::initializer_list<std::pair<std::uint64_t, std::uint64_t>>{{1, 1},
                                                                                                       {mib, 1},
                                                                                                       {mib + 1, 2},
                                                                                                       {2 * mib + 1, 4},
                                                                                                       {5 * mib, 8},
                                                                                                       {8 * mib, 8},
                                                                                                       {8 * mib + 1, 16},
                                                                                                       {17 * mib, 24}}) {
        REQUIRE(ahead.reach(f.fd, end));
        CHECK(f.allocated_mib() == allocated);
    }
    CHECK(f.about().st_size == 0);
}

TEST_CASE("a step of nothing allocates nothing") {
    file f;
    preallocation ahead(0);
    REQUIRE(ahead.reach(f.fd, 5 * mib));
    CHECK(f.allocated_mib() == 0);
}
