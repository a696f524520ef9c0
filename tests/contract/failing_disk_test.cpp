// The LMDB store when writes, syncs and allocations fail, at every step in turn, and when its map is full.

#include <catch2/catch.hpp>

#include "core/record.hpp"
#include "tests/contract/harness.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

using lmdb = opened<lmdb_harness>;

core::batch before_trouble() {
    core::batch b;
    for (std::uint64_t n = 0; n < 50; ++n) b.put(table::entries, core::record::key(n), "before");
    return b;
}

/// Several kinds of change, and a value of several pages.
core::batch in_trouble() {
    core::batch b;
    for (std::uint64_t n = 0; n < 10; ++n) b.erase(table::entries, core::record::key(n));
    for (std::uint64_t n = 50; n < 80; ++n) b.put(table::entries, core::record::key(n), "in trouble");
    b.put(table::messages, "large", std::string(20'000, 'm'));
    return b;
}

/// Erased are 0-9 in any case; 50-79 and the large value are there all together if it was stored, else not at all, unless
/// the disk kept what it reported as failed.
void check_contents(core::store& store, bool stored) {
    const contents entries = all_of(store, table::entries);
    const bool large = value_of(store, table::messages, "large").has_value();
    CHECK(entries.front().first == core::record::key(10));
    CHECK(entries.size() == (large ? 70U : 40U));
    if (stored) CHECK(large);
}

/// Returns false when the trouble came too late to be met.
bool survives(int step, int error, bool from_then_on) {
    lmdb at;
    at.batches->submit(before_trouble());
    REQUIRE(at.batches->last_status() == commit_status::stored);

    commit_status status{};
    bool met = false;
    {
        const faulty_disk::trouble trouble(step, error, from_then_on);
        at.batches->submit(in_trouble());
        status = at.batches->last_status();
        met = faulty_disk::steps() > step;
    }
    CHECK((status != commit_status::stored) <= met);
    REQUIRE(at.batches->available_again());
    at.batches->put(table::retained, "after", "trouble");
    REQUIRE(at.batches->last_status() == commit_status::stored);
    check_contents(at.store(), status == commit_status::stored);
    at.reopen();
    check_contents(at.store(), status == commit_status::stored);
    CHECK(value_of(at.store(), table::retained, "after") == "trouble");
    return met;
}

void survives_every_step(int error, bool from_then_on) {
    int step = 0;
    while (survives(step, error, from_then_on)) {
        ++step;
        REQUIRE(step < 200);
    }
    CHECK(step >= 3);  // at least pages, sync and meta page
}

}  // namespace

TEST_CASE("a disk that fails once, at whatever step of a commit, loses nothing that was stored") {
    SECTION("with an I/O error") { survives_every_step(EIO, false); }
    SECTION("without space") { survives_every_step(ENOSPC, false); }
}

TEST_CASE("a disk that fails for a while, from whatever step of a commit, loses nothing that was stored") {
    SECTION("with I/O errors") { survives_every_step(EIO, true); }
    SECTION("without space") { survives_every_step(ENOSPC, true); }
}

TEST_CASE("while the disk fails every batch completes as failed, and none is lost of those that come after") {
    lmdb at;
    at.batches->put(table::queues, "q", "1");
    REQUIRE(at.batches->last_status() == commit_status::stored);
    faulty_disk::fail_at(0, EIO, true);
    for (std::uint64_t n = 0; n < 20; ++n) {
        at.batches->put(table::entries, core::record::key(n), "lost");
        CHECK(at.batches->last_status() == commit_status::failed);
    }
    CHECK_FALSE(at.store().available());
    faulty_disk::mend();
    REQUIRE(at.batches->available_again());
    at.batches->put(table::entries, "kept", "1");
    REQUIRE(at.batches->last_status() == commit_status::stored);
    at.reopen();
    CHECK(all_of(at.store(), table::entries) == contents{{"kept", "1"}});
    CHECK(value_of(at.store(), table::queues, "q") == "1");
}

TEST_CASE("acknowledgements that failed are written when the store closes and the disk works again") {
    lmdb at;
    at.batches->put(table::entries, "k", "1");
    REQUIRE(at.batches->last_status() == commit_status::stored);
    faulty_disk::fail_at(0, EIO, true);
    at.batches->erase(table::entries, "k");
    REQUIRE(at.batches->last_status() == commit_status::failed);
    faulty_disk::mend();
    at.reopen();
    CHECK(all_of(at.store(), table::entries).empty());
}

TEST_CASE("a full map is reported as full, and erasing makes room again") {
    opened<lmdb_harness> at{lmdb_harness(2 << 20)};
    std::uint64_t stored = 0;
    for (; stored < 1000; ++stored) {
        at.batches->put(table::messages, core::record::key(stored), std::string(10'000, 'm'));
        if (at.batches->last_status() != commit_status::stored) break;
    }
    REQUIRE(stored > 50);
    REQUIRE(stored < 1000);
    CHECK(at.batches->last_status() == commit_status::full);

    core::batch erases;
    for (std::uint64_t n = 0; n < 40; ++n) erases.erase(table::messages, core::record::key(n));
    at.batches->submit(std::move(erases));
    at.batches->last_status();
    REQUIRE(at.batches->available_again());
    CHECK(all_of(at.store(), table::messages).size() == stored - 40);
    for (int tries = 0; at.batches->last_status() != commit_status::stored; ++tries) {
        REQUIRE(tries < 5);  // what a commit frees is used by the second one after it
        REQUIRE(at.batches->available_again());
        at.batches->put(table::messages, core::record::key(stored), std::string(10'000, 'm'));
    }
}

TEST_CASE("the ballast is given up when the disk is full and taken back when there is room") {
    lmdb at;
    const std::string ballast = at.harness.directory() + "/ballast";
    CHECK(std::filesystem::file_size(ballast) > 0);
    faulty_disk::fail_at(0, ENOSPC, true);
    at.batches->put(table::entries, "k", "1");
    CHECK(at.batches->last_status() == commit_status::full);
    CHECK_FALSE(std::filesystem::exists(ballast));
    faulty_disk::mend();
    REQUIRE(at.batches->available_again());
    CHECK(std::filesystem::file_size(ballast) > 0);
}

TEST_CASE("many large batches at once are split into transactions, each batch whole") {
    lmdb at;
    constexpr std::uint64_t batches = 30;
    constexpr std::uint64_t each = 5000;
    for (std::uint64_t b = 0; b < batches; ++b) {
        core::batch what;
        for (std::uint64_t n = 0; n < each; ++n) what.put(table::entries, core::record::key(b, n), "entry");
        at.batches->submit(std::move(what));
    }
    REQUIRE(at.batches->last_status() == commit_status::stored);
    std::uint64_t found = 0;
    at.store().scan(table::entries, "", [&](auto, auto) { return ++found > 0; });
    CHECK(found == batches * each);
}
