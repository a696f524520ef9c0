// Property blocks and their neutral form. Bytes of each property: tests/vectors/amqp/properties.txt.

#include "protocols/amqp/properties.hpp"

#include <catch2/catch.hpp>

#include "protocols/amqp/origin.hpp"
#include "protocols/amqp/print.hpp"
#include "tests/unit/amqp/random_values.hpp"

using namespace causeway;
using namespace causeway::amqp;

namespace {

core::properties random_properties(test::dice& dice) {
    core::properties p;
    for (std::string* text :
         {&p.content_type, &p.content_encoding, &p.message_id, &p.type, &p.user_id, &p.app_id, &p.cluster_id})
        if (dice.one_in(2)) *text = dice.bytes(255);
    if (dice.one_in(2)) p.correlation_id = dice.bytes(255);
    if (dice.one_in(2)) p.reply_to = dice.bytes(255);
    if (dice.one_in(2)) p.timestamp_s = dice.bits();
    if (dice.one_in(2)) p.priority = static_cast<std::uint8_t>(dice.bits());
    p.headers = test::random_table(dice, 3);
    return p;
}

}  // namespace

TEST_CASE("neutral properties survive their way through a block (AMQP 4.2.6.1)") {
    test::dice dice;
    const amqp::origin origin(core::topic_mapping::levels);
    for (int i = 0; i < 5'000; ++i) {
        const core::properties p = random_properties(dice);
        const std::string block = to_block(p, dice.one_in(2) ? std::optional<std::uint8_t>(2) : std::nullopt, std::nullopt);
        if (!(origin.parse_properties(block) == p)) FAIL("case " << i << ": " << print_block(block));
    }
}

TEST_CASE("a block cut anywhere is malformed or another block, never read beyond its end (AMQP 4.2.6.1)") {
    test::dice dice;
    for (int i = 0; i < 2'000; ++i) {
        const std::string block = to_block(random_properties(dice), 2, 1000);
        for (std::size_t size = 1; size < block.size(); size += 1 + dice.below(40))
            if (read_block(std::string_view(block).substr(0, size))) FAIL("case " << i << " cut to " << size);
    }
}

TEST_CASE("other headers change nothing else in a block") {
    core::properties p;
    p.content_type = "text/plain";
    p.headers = {{"CC", true}, {"BCC", true}};
    const std::string block = to_block(p, 2, 60'000);
    CHECK(print_block(with_headers(block, {{"CC", true}})) ==
          "[content_type=\"text/plain\", headers={\"CC\": t true}, delivery_mode=2, expiration=\"60000\"]");
    CHECK(print_block(with_headers(block, {})) == "[content_type=\"text/plain\", headers={}, delivery_mode=2, expiration=\"60000\"]");
    CHECK(with_headers(block, headers_of(block)) == block);
    CHECK(print_block(with_headers("", {{"a", true}})) == "[headers={\"a\": t true}]");
    CHECK(headers_of("").empty());
}

TEST_CASE("a text that no short string holds is left out of a block (AMQP 4.2.5.3)") {
    core::properties p;
    p.content_type = std::string(256, 'x');
    p.type = "t";
    CHECK(print_block(to_block(p, {}, {})) == "[type=\"t\"]");
}

TEST_CASE("a content header gives the body's size and its block untouched (AMQP 4.2.6.1)") {
    std::string payload("\0\x3c\0\0\0\0\0\0\0\0\0\x05", 12);
    const std::string block = to_block({}, 2, {});
    const std::string whole = payload + block;
    const auto header = decode_content_header(whole);
    REQUIRE(header);
    CHECK(header.value().body_bytes == 5);
    CHECK(header.value().block == block);
    CHECK(header.value().properties.delivery_mode == 2);
}

TEST_CASE("a malformed block that never came through an endpoint has no properties") {
    CHECK(amqp::origin(core::topic_mapping::levels).parse_properties("\x80") == core::properties());
}
