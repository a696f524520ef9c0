// Field tables: round trips, limits and the cursor. Bytes of each kind: tests/vectors/amqp/tables.txt.

#include "protocols/amqp/table.hpp"

#include <catch2/catch.hpp>

#include "tests/unit/amqp/random_values.hpp"

using namespace causeway;
using namespace causeway::amqp;

namespace {

std::string written(const core::field_table& table) {
    std::string out;
    write_table(out, table);
    return out;
}

/// The bytes of a table in a table in a table …
std::string nested(std::size_t depth) {
    core::field_table table;
    for (; depth > 1; --depth) {
        core::field_table outer;
        outer.emplace_back("in", std::move(table));
        table = std::move(outer);
    }
    return written(table);
}

bool readable(std::string_view bytes) {
    byte_reader in(bytes);
    (void)read_table(in);
    return !in.failed();
}

}  // namespace

TEST_CASE("a written table is read back equal, and writing it again gives the same bytes (AMQP 4.2.5.5)") {
    test::dice dice;
    for (int i = 0; i < 20'000; ++i) {
        const core::field_table table = test::random_table(dice, 4);
        const std::string bytes = written(table);
        byte_reader in(bytes);
        const core::field_table read = read_table(in);
        if (in.failed() || !in.empty() || read != table || written(read) != bytes) FAIL("case " << i);
    }
}

TEST_CASE("a table cut anywhere, or with any byte changed, is read or refused but never misread beyond its end") {
    test::dice dice;
    for (int i = 0; i < 20'000; ++i) {
        std::string bytes = written(test::random_table(dice, 3));
        if (dice.one_in(2))
            bytes.resize(dice.below(bytes.size()));
        else
            bytes[dice.below(bytes.size())] = static_cast<char>(dice.bits());
        byte_reader in(bytes);
        const core::field_table read = read_table(in);
        if (!in.failed() && written(read).size() + in.remaining() != bytes.size()) FAIL("case " << i);
    }
}

TEST_CASE("tables nest to a limit, so no peer can exhaust the stack") {
    CHECK(readable(nested(table_depth_max)));
    CHECK_FALSE(readable(nested(table_depth_max + 1)));
    CHECK_FALSE(readable(nested(1'000)));
}

TEST_CASE("a name over 255 bytes fits in no table and is left out (AMQP 4.2.5.5)") {
    const core::field_table table{{std::string(256, 'n'), true}, {std::string(255, 'n'), true}};
    const std::string bytes = written(table);
    byte_reader in(bytes);
    const core::field_table read = read_table(in);
    REQUIRE(read.size() == 1);
    CHECK(read[0].first.size() == 255);
}

TEST_CASE("the cursor visits what reading builds (AMQP 4.2.5.5)") {
    test::dice dice;
    for (int i = 0; i < 5'000; ++i) {
        const core::field_table table = test::random_table(dice, 3);
        std::string entries;
        write_table_entries(entries, table);
        table_cursor at(entries);
        core::field_table visited;
        while (at.next()) visited.emplace_back(std::string(at.name()), at.value());
        if (at.failed() || visited != table) FAIL("case " << i);
    }
}

TEST_CASE("the cursor stops at malformed bytes and says so (AMQP 4.2.5.5)") {
    std::string entries;
    write_table_entries(entries, {{"good", true}, {"bad", core::field_array{core::field_value(std::int32_t{1})}}});
    entries[entries.size() - 5] = 'Z';  // the letter inside the array
    table_cursor at(entries);
    CHECK(at.next());
    CHECK_FALSE(at.next());
    CHECK(at.failed());
}

TEST_CASE("AMQPLAIN's entries stand without a length (RabbitMQ)") {
    std::string entries;
    write_table_entries(entries, {{"LOGIN", std::string("guest")}, {"PASSWORD", std::string("secret")}});
    byte_reader in(entries);
    const core::field_table read = read_table_entries(in);
    REQUIRE(read.size() == 2);
    CHECK(*core::as_text(read[1].second) == "secret");
}
