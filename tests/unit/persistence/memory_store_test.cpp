#include "persistence/memory_store.hpp"

#include <catch2/catch.hpp>

using namespace causeway;
using core::commit_status;
using core::table;
using persistence::memory_store;

namespace {

void put(memory_store& store, core::commit_number number, std::string_view key) {
    core::batch b;
    b.put(table::entries, key, "value");
    store.submit(number, std::move(b));
}

std::string keys_of(memory_store& store) {
    std::string keys;
    store.scan(table::entries, "", [&](std::string_view key, std::string_view) {
        keys += key;
        return true;
    });
    return keys;
}

std::vector<core::completion> collected(memory_store& store) {
    std::vector<core::completion> done;
    store.collect(done);
    return done;
}

}  // namespace

TEST_CASE("held batches complete when told, one by one or as a range") {
    int woken = 0;
    memory_store store([&] { ++woken; });
    store.hold(true);
    for (core::commit_number n = 1; n <= 4; ++n) put(store, n, std::string(1, static_cast<char>('a' + n - 1)));
    CHECK(woken == 0);
    CHECK(keys_of(store).empty());
    CHECK(collected(store).empty());

    CHECK(store.complete_next());
    CHECK(keys_of(store) == "a");
    CHECK(store.complete_next(2));
    CHECK(keys_of(store) == "abc");
    CHECK(woken == 2);
    const auto done = collected(store);
    REQUIRE(done.size() == 2);
    CHECK((done[0].first == 1 && done[0].last == 1));
    CHECK((done[1].first == 2 && done[1].last == 3));
    CHECK(store.complete_all());
    CHECK_FALSE(store.complete_next());
}

TEST_CASE("a crash leaves what was durable and, if wanted, a prefix of what was waiting") {
    memory_store store;
    put(store, 1, "a");
    store.hold(true);
    put(store, 2, "b");
    put(store, 3, "c");
    put(store, 4, "d");
    SECTION("nothing more") {
        store.crash();
        CHECK(keys_of(store) == "a");
    }
    SECTION("two of three") {
        store.crash(2);
        CHECK(keys_of(store) == "abc");
    }
    CHECK(collected(store).empty());
    CHECK(store.waiting() == 0);
    put(store, 1, "e");
    store.complete_all();
    CHECK(collected(store).size() == 1);
}

TEST_CASE("a held batch can fail, and acknowledgements are made up for when the store is mended") {
    memory_store store;
    put(store, 1, "a");
    store.hold(true);
    store.fail_next(commit_status::failed);
    CHECK(store.available());
    core::batch b;
    b.erase(table::entries, "a");
    b.put(table::entries, "b", "lost");
    store.submit(2, std::move(b));
    store.complete_all();
    CHECK_FALSE(store.available());
    CHECK(collected(store).back().status == commit_status::failed);
    CHECK(keys_of(store) == "a");
    store.mend();
    CHECK(store.available());
    CHECK(keys_of(store).empty());
}
