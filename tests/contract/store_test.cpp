// What core/store.hpp promises, held against every store.

#include <catch2/catch.hpp>

#include <thread>

#include "core/record.hpp"
#include "tests/contract/harness.hpp"

using namespace causeway;
using namespace causeway::test;

namespace {

std::string numbered_key(std::uint64_t n) { return core::record::key(n); }

}  // namespace

#define FOR_EACH_STORE(title) TEMPLATE_TEST_CASE(title, "[store]", memory_harness, lmdb_harness)

FOR_EACH_STORE("what is put is found, in its own table only") {
    opened<TestType> at;
    at.batches->put(table::queues, "a", "1");
    at.batches->put(table::queues, "b", "");
    REQUIRE(at.batches->last_status() == commit_status::stored);
    CHECK(all_of(at.store(), table::queues) == contents{{"a", "1"}, {"b", ""}});
    CHECK(all_of(at.store(), table::exchanges).empty());
}

FOR_EACH_STORE("the operations of a batch apply in their order") {
    opened<TestType> at;
    core::batch b;
    b.put(table::entries, "put, erased", "1");
    b.erase(table::entries, "put, erased");
    b.erase(table::entries, "erased, put");
    b.put(table::entries, "erased, put", "2");
    b.put(table::entries, "put twice", "3");
    b.put(table::entries, "put twice", "4");
    at.batches->submit(std::move(b));
    REQUIRE(at.batches->last_status() == commit_status::stored);
    CHECK(all_of(at.store(), table::entries) == contents{{"erased, put", "2"}, {"put twice", "4"}});
}

FOR_EACH_STORE("a key that is on disk, put again and erased is gone") {
    opened<TestType> at;
    at.batches->put(table::entries, "k", "old");
    REQUIRE(at.batches->last_status() == commit_status::stored);
    at.batches->put(table::entries, "k", "new");
    at.batches->erase(table::entries, "k");
    REQUIRE(at.batches->last_status() == commit_status::stored);
    at.reopen();
    CHECK(all_of(at.store(), table::entries).empty());
}

FOR_EACH_STORE("erasing what is not there is no error") {
    opened<TestType> at;
    at.batches->erase(table::bindings, "nothing");
    REQUIRE(at.batches->last_status() == commit_status::stored);
    at.batches->put(table::bindings, "b", "1");
    at.batches->erase(table::bindings, "a");
    at.batches->erase(table::bindings, "c");
    REQUIRE(at.batches->last_status() == commit_status::stored);
    CHECK(all_of(at.store(), table::bindings) == contents{{"b", "1"}});
}

FOR_EACH_STORE("an empty batch completes like any other") {
    opened<TestType> at;
    at.batches->submit({});
    CHECK(at.batches->last_status() == commit_status::stored);
}

FOR_EACH_STORE("completions come in order and without gaps") {
    opened<TestType> at;
    for (std::uint64_t n = 0; n < 500; ++n) {
        at.batches->put(table::messages, numbered_key(n), "value");
        if (n % 7 == 0) at.batches->collect();  // the submitter insists on the order
    }
    REQUIRE(at.batches->last_status() == commit_status::stored);
    CHECK(at.batches->done() == 500);
    CHECK(all_of(at.store(), table::messages).size() == 500);
}

FOR_EACH_STORE("a scan is in the order of keys as unsigned bytes, shorter first") {
    opened<TestType> at;
    for (const char* key : {"b", "\xff", "a", "aa", "\x01", "ab"}) at.batches->put(table::retained, key, key);
    REQUIRE(at.batches->last_status() == commit_status::stored);
    std::vector<std::string> keys;
    for (const auto& [key, value] : all_of(at.store(), table::retained)) keys.push_back(key);
    CHECK(keys == std::vector<std::string>{"\x01", "a", "aa", "ab", "b", "\xff"});
}

FOR_EACH_STORE("a scan begins at the first key that is not below `from` and ends when the visitor says so") {
    opened<TestType> at;
    for (const char* key : {"a", "c", "e", "g"}) at.batches->put(table::sessions, key, "");
    REQUIRE(at.batches->last_status() == commit_status::stored);
    CHECK(all_of(at.store(), table::sessions, "c") == contents{{"c", ""}, {"e", ""}, {"g", ""}});
    CHECK(all_of(at.store(), table::sessions, "d") == contents{{"e", ""}, {"g", ""}});
    CHECK(all_of(at.store(), table::sessions, "h").empty());
    int visited = 0;
    at.store().scan(table::sessions, "", [&](auto, auto) { return ++visited < 2; });
    CHECK(visited == 2);
}

FOR_EACH_STORE("a scan goes on over many pages, and the visitor may scan another table") {
    opened<TestType> at;
    constexpr std::uint64_t count = 5000;
    core::batch b;
    for (std::uint64_t n = 0; n < count; ++n) b.put(table::entries, numbered_key(n), std::string(n % 900, 'x'));
    b.put(table::queues, "q", "1");
    at.batches->submit(std::move(b));
    REQUIRE(at.batches->last_status() == commit_status::stored);
    std::uint64_t next = 0;
    bool exact = true;
    at.store().scan(table::entries, "", [&](std::string_view key, std::string_view value) {
        exact = exact && key == numbered_key(next) && value.size() == next % 900;
        if (next++ % 1000 == 0) exact = exact && all_of(at.store(), table::queues).size() == 1;
        return true;
    });
    CHECK(exact);
    CHECK(next == count);
}

FOR_EACH_STORE("keys of 511 bytes and values of 16 MiB are stored") {
    opened<TestType> at;
    const std::string key(511, '\xee');
    std::string value(16 << 20, '\0');
    for (std::size_t i = 0; i < value.size(); ++i) value[i] = static_cast<char>(i * 31 + (i >> 12));
    core::batch b;
    b.put(table::messages, key, value);
    b.put(table::messages, "short", "value");
    at.batches->submit(std::move(b));
    REQUIRE(at.batches->last_status() == commit_status::stored);
    at.reopen();
    CHECK(value_of(at.store(), table::messages, key) == value);
    CHECK(value_of(at.store(), table::messages, "short") == "value");
}

FOR_EACH_STORE("keys that share their first 16 bytes, or differ in trailing zeros, are different") {
    opened<TestType> at;
    const std::string stem(16, 's');
    const std::vector<std::string> keys{stem, stem + std::string(1, '\0'), stem + "a", stem + "b", std::string("z"),
                                        std::string("z\0", 2)};
    core::batch b;
    for (const std::string& key : keys) b.put(table::retained, key, key);
    b.erase(table::retained, stem + "a");
    at.batches->submit(std::move(b));
    REQUIRE(at.batches->last_status() == commit_status::stored);
    CHECK(all_of(at.store(), table::retained).size() == keys.size() - 1);
    CHECK(value_of(at.store(), table::retained, std::string("z\0", 2)) == std::string("z\0", 2));
    CHECK_FALSE(value_of(at.store(), table::retained, stem + "a"));
}

FOR_EACH_STORE("what was stored is there after reopening, and numbers start anew") {
    opened<TestType> at;
    at.batches->put(table::exchanges, "x", "1");
    at.batches->put(table::queues, "q", "2");
    REQUIRE(at.batches->last_status() == commit_status::stored);
    at.reopen();
    CHECK(value_of(at.store(), table::exchanges, "x") == "1");
    at.batches->erase(table::queues, "q");
    REQUIRE(at.batches->last_status() == commit_status::stored);
    at.reopen();
    CHECK(all_of(at.store(), table::queues).empty());
    CHECK(value_of(at.store(), table::exchanges, "x") == "1");
}

FOR_EACH_STORE("a failed commit drops its puts, keeps its erases, and the store is available again once it is mended") {
    opened<TestType> at;
    at.batches->put(table::entries, "acknowledged later", "1");
    at.batches->put(table::entries, "replaced later", "2");
    REQUIRE(at.batches->last_status() == commit_status::stored);

    at.harness.break_down();
    core::batch b;
    b.put(table::entries, "new", "3");
    b.erase(table::entries, "acknowledged later");
    b.put(table::entries, "replaced later", "4");
    b.erase(table::entries, "new");
    b.put(table::entries, "new", "5");
    at.batches->submit(std::move(b));
    CHECK(at.batches->last_status() == commit_status::full);
    CHECK_FALSE(at.store().available());
    at.batches->erase(table::entries, "another");
    CHECK(at.batches->last_status() == commit_status::full);

    at.harness.mend();
    REQUIRE(at.batches->available_again());
    CHECK(all_of(at.store(), table::entries) == contents{{"replaced later", "2"}});
    at.batches->put(table::entries, "acknowledged later", "6");
    REQUIRE(at.batches->last_status() == commit_status::stored);
    at.reopen();
    CHECK(all_of(at.store(), table::entries) == contents{{"acknowledged later", "6"}, {"replaced later", "2"}});
}

FOR_EACH_STORE("one thread may scan while another submits: whole batches are seen at the end") {
    opened<TestType> at;
    constexpr std::uint64_t count = 3000;
    std::thread producer([&] {
        for (std::uint64_t n = 0; n < count; ++n) {
            core::batch b;
            b.put(table::messages, numbered_key(n), "message");
            b.put(table::entries, numbered_key(n), "entry");
            if (n >= 100) b.erase(table::entries, numbered_key(n - 100));
            at.batches->submit(std::move(b));
        }
    });
    bool ascending = true;
    for (int i = 0; i < 20; ++i) {
        std::string last;
        at.store().scan(table::messages, "", [&](std::string_view key, std::string_view) {
            ascending = ascending && key > last;
            last = key;
            return true;
        });
    }
    producer.join();
    REQUIRE(at.batches->last_status() == commit_status::stored);
    CHECK(ascending);
    CHECK(all_of(at.store(), table::messages).size() == count);
    CHECK(all_of(at.store(), table::entries).size() == 100);
}

FOR_EACH_STORE("a page has the pairs between two keys, these included, in their order") {
    opened<TestType> at;
    for (const char* key : {"a", "c", "e", "g"}) at.batches->put(table::entries, key, std::string("of ") + key);
    REQUIRE(at.batches->last_status() == commit_status::stored);
    const auto read = [&](const char* from, const char* to) {
        const core::page p = page_of(at.store(), at.harness.waker(),
                                     {.where = table::entries, .from = from, .to = to, .records_max = 100, .bytes_max = 10'000});
        CHECK_FALSE(p.failed);
        CHECK_FALSE(p.more);
        std::string all;
        for (std::size_t i = 0; i < p.size(); ++i) all.append(p.key(i)).append("=").append(p.value(i)).append(" ");
        return all;
    };
    CHECK(read("a", "g") == "a=of a c=of c e=of e g=of g ");
    CHECK(read("b", "e") == "c=of c e=of e ");
    CHECK(read("c", "c") == "c=of c ");
    CHECK(read("h", "z").empty());
}

FOR_EACH_STORE("a page ends at its bounds and says that there is more; one pair comes whatever its size") {
    opened<TestType> at;
    for (std::uint64_t n = 0; n < 10; ++n) at.batches->put(table::entries, numbered_key(n), std::string(100, 'x'));
    REQUIRE(at.batches->last_status() == commit_status::stored);
    const auto read = [&](std::size_t records, std::size_t bytes) {
        return page_of(at.store(), at.harness.waker(),
                       {.where = table::entries, .from = numbered_key(0), .to = numbered_key(9), .records_max = records, .bytes_max = bytes});
    };
    CHECK(read(3, 10'000).size() == 3);
    CHECK(read(3, 10'000).more);
    CHECK(read(100, 1).size() == 1);
    CHECK(read(100, 1).more);
    CHECK(read(10, 10'000).size() == 10);
    CHECK_FALSE(read(10, 10'000).more);
}

FOR_EACH_STORE("a page of given keys has those that are there, in the order in which they were asked for") {
    opened<TestType> at;
    for (std::uint64_t n : {1, 2, 3}) at.batches->put(table::messages, numbered_key(n), std::to_string(n));
    REQUIRE(at.batches->last_status() == commit_status::stored);
    const core::page p = page_of(at.store(), at.harness.waker(),
                                 {.where = table::messages,
                                  .from = {},
                                  .to = {},
                                  .keys = {numbered_key(3), numbered_key(7), numbered_key(1)},
                                  .records_max = 100,
                                  .bytes_max = 10'000});
    REQUIRE(p.size() == 2);
    CHECK(p.value(0) == "3");
    CHECK(p.value(1) == "1");
    CHECK_FALSE(p.more);
}

FOR_EACH_STORE("a page shows all that was reported as stored before it was asked for, and answers come in the order of questions") {
    opened<TestType> at;
    for (std::uint64_t n = 1; n <= 50; ++n) {
        at.batches->put(table::entries, numbered_key(n), "new");
        at.batches->erase(table::entries, numbered_key(n - 1));
        REQUIRE(at.batches->last_status() == commit_status::stored);
        at.store().read({.id = n, .where = table::entries, .from = numbered_key(0), .to = numbered_key(99), .records_max = 9, .bytes_max = 999});
    }
    std::vector<core::page> pages;
    REQUIRE(at.harness.waker().until([&] {
        at.store().collect_pages(pages);
        return pages.size() == 50;
    }));
    for (std::uint64_t n = 1; n <= 50; ++n) {
        CHECK(pages[n - 1].id == n);
        REQUIRE(pages[n - 1].size() == 1);
        CHECK(pages[n - 1].key(0) >= numbered_key(n));
    }
}

FOR_EACH_STORE("one pair is found by its key, or nothing is") {
    opened<TestType> at;
    at.batches->put(table::messages, "here", "value");
    REQUIRE(at.batches->last_status() == commit_status::stored);
    std::string found;
    const auto visit = [&found](std::string_view key, std::string_view value) {
        found.append(key).append("=").append(value);
        return true;
    };
    at.store().find(table::messages, "her", visit);
    at.store().find(table::queues, "here", visit);
    CHECK(found.empty());
    at.store().find(table::messages, "here", visit);
    CHECK(found == "here=value");
}
