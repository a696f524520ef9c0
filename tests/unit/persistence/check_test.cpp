#include "persistence/check.hpp"

#include <catch2/catch.hpp>

#include "core/queue.hpp"
#include "core/record.hpp"
#include "persistence/lmdb_store.hpp"
#include "persistence/memory_store.hpp"
#include "tests/contract/temporary_directory.hpp"

using namespace causeway;
using core::table;
using persistence::memory_store;
namespace record = core::record;

namespace {

template <class T>
std::string encoded(const T& what) {
    std::string out;
    record::encode(out, what);
    return out;
}

core::message_ptr some_message() {
    core::message_parts parts;
    parts.name = "key";
    parts.payload = "payload";
    return core::message::make(std::move(parts));
}

std::string entry_record(std::uint64_t shared) {
    core::entry e;
    e.options = core::options_ptr(new core::delivery_options);
    e.message = some_message();
    e.message->stored.id = message_id{shared};
    return encoded(e);
}

std::string binding_record(std::uint64_t source, std::uint64_t queue) {
    record::binding_record b;
    b.source = exchange_id{source};
    b.to_queue = queue_id{queue};
    b.options = core::options_ptr(new core::delivery_options);
    return encoded(b);
}

/// Queue 10, bound to amq.* 4 and to exchange 11, with one entry that holds its message and two that share one; session 12
/// with its inbox 13.
core::batch sound() {
    core::batch b;
    std::string format;
    record::encode_meta(format);
    b.put(table::meta, "format", format);
    b.put(table::queues, record::key(10), encoded(core::queue_definition{"q", true, false, false, {}}));
    b.put(table::exchanges, record::key(11),
          encoded(core::exchange_definition{"x", core::exchange_type::direct, true, false, false, {}}));
    record::session_record session;
    session.client_id = "client";
    session.inbox = queue_id{13};
    b.put(table::sessions, record::key(12), encoded(session));
    b.put(table::received, record::key(12, std::uint16_t{1}), "");
    b.put(table::bindings, record::key(14), binding_record(4, 10));
    b.put(table::bindings, record::key(15), binding_record(11, 13));
    b.put(table::messages, record::key(16), encoded(*some_message()));
    b.put(table::entries, record::key(10, std::uint64_t{1}), entry_record(0));
    b.put(table::entries, record::key(10, std::uint64_t{2}), entry_record(16));
    b.put(table::entries, record::key(13, std::uint64_t{1}), entry_record(16));
    b.put(table::retained, record::key(17), encoded(*some_message()));
    b.put(table::shares, record::key(18), encoded(record::share_record{"$share/g/t"}));
    b.put(table::members, record::key(18, std::uint64_t{12}), encoded(record::member_record{core::options_ptr(new core::delivery_options)}));
    b.put(table::bindings, record::key(19), binding_record(4, 18));
    b.put(table::entries, record::key(18, std::uint64_t{1}), entry_record(0));
    b.put(table::delayed, record::key(1'700'000'000'000, std::uint64_t{20}), encoded(record::delayed_record{"x", {"cc"}, some_message()}));
    return b;
}

std::vector<std::string> findings_after(const std::function<void(core::batch&)>& spoil) {
    core::batch b = sound();
    spoil(b);
    memory_store store;
    store.submit(1, std::move(b));
    std::vector<std::string> texts;
    for (const persistence::finding& f : persistence::check(store).findings)
        texts.push_back(std::string(core::name_of(f.where)) + " " + f.key + " " + f.what);
    return texts;
}

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a sound store has no findings, and its records are counted") {
    memory_store store;
    store.submit(1, sound());
    const persistence::check_report report = persistence::check(store);
    CHECK(report.findings.empty());
    CHECK(report.records[static_cast<std::size_t>(table::entries)] == 4);
    CHECK(report.records[static_cast<std::size_t>(table::bindings)] == 3);
    CHECK(report.records[static_cast<std::size_t>(table::members)] == 1);
}

TEST_CASE("damage is found and named") {
    const std::string id = "000000000000000a";
    CHECK(findings_after([](core::batch& b) { b.put(table::queues, record::key(10), "nonsense"); }) ==
          texts{"queues " + id + " checksum"});
    CHECK(findings_after([](core::batch& b) { b.put(table::queues, "odd", encoded(core::queue_definition{})); }) ==
          texts{"queues 6f6464 key"});
    CHECK(findings_after([](core::batch& b) { b.put(table::delayed, record::key(1, std::uint64_t{2}), "nonsense"); }) ==
          texts{"delayed 00000000000000010000000000000002 checksum"});
    CHECK(findings_after([](core::batch& b) { b.put(table::meta, "other", ""); }) == texts{"meta 6f74686572 unknown key"});
}

TEST_CASE("what refers to something that is not there is found") {
    CHECK(findings_after([](core::batch& b) { b.erase(table::messages, record::key(16)); }) ==
          texts{"entries 000000000000000a0000000000000002 its message is missing"});  // not that of a QoS 2 delivery under way
    CHECK(findings_after([](core::batch& b) { b.erase(table::exchanges, record::key(11)); }) ==
          texts{"bindings 000000000000000f its exchange is missing"});
    CHECK(findings_after([](core::batch& b) { b.erase(table::queues, record::key(10)); }) ==
          texts{"bindings 000000000000000e its destination is missing",
                "entries 000000000000000a0000000000000001 its queue is missing",
                "entries 000000000000000a0000000000000002 its queue is missing"});
    CHECK(findings_after([](core::batch& b) { b.put(table::received, record::key(99, std::uint16_t{1}), ""); }) ==
          texts{"received 00000000000000630001 its session is missing"});
    CHECK(findings_after([](core::batch& b) { b.erase(table::shares, record::key(18)); }) ==
          texts{"members 0000000000000012000000000000000c its share is missing",
                "bindings 0000000000000013 its destination is missing",
                "entries 00000000000000120000000000000001 its queue is missing"});
    CHECK(findings_after([](core::batch& b) {
              b.put(table::members, record::key(18, std::uint64_t{99}), encoded(record::member_record{core::options_ptr(new core::delivery_options)}));
          }) == texts{"members 00000000000000120000000000000063 its session is missing"});
    CHECK(findings_after([](core::batch& b) { b.put(table::shares, record::key(13), encoded(record::share_record{"x"})); }) ==
          texts{"shares 000000000000000d its queue is also another"});
    CHECK(findings_after([](core::batch& b) { b.put(table::messages, record::key(18), encoded(*some_message())); }) ==
          texts{"messages 0000000000000012 no entry refers to it"});
}

TEST_CASE("a directory is checked while no broker uses it") {
    const test::temporary_directory directory;
    silent_logger log;
    CHECK_THROWS_AS(persistence::check(directory.path(), log), std::runtime_error);
    persistence::lmdb_store_options options;
    options.directory = directory.path();
    options.preallocate_bytes = 0;
    options.ballast_bytes = 0;
    {
        persistence::lmdb_store store(options, log, [] {});
        store.submit(1, sound());
        CHECK_THROWS_AS(persistence::check(directory.path(), log), std::runtime_error);
    }
    CHECK(persistence::check(directory.path(), log).findings.empty());
}
