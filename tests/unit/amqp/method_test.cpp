// Methods as a whole. Bytes of each one: tests/vectors/amqp/frames.txt.

#include "protocols/amqp/method.hpp"

#include <catch2/catch.hpp>

#include <set>

#include "protocols/amqp/print.hpp"
#include "tests/unit/amqp/random_values.hpp"

using namespace causeway;
using namespace causeway::amqp;

TEST_CASE("every method with any fields is decoded to what was encoded (AMQP 4.2.4)") {
    test::dice dice;
    for (int round = 0; round < 200; ++round) {
        test::each_method([&dice](auto m) {
            test::method_filler filler(dice);
            test::fill(filler, m);
            std::string bytes;
            encode(bytes, m);
            const auto decoded = decode_method(bytes);
            if (!decoded || decoded.value() != method(m)) FAIL(m.name_of);
        });
    }
}

TEST_CASE("a method cut anywhere is refused with its own ids, once they are there (AMQP 4.2.4)") {
    test::dice dice;
    test::each_method([&dice](auto m) {
        test::method_filler filler(dice);
        test::fill(filler, m);
        std::string bytes;
        encode(bytes, m);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            const auto decoded = decode_method(std::string_view(bytes).substr(0, size));
            REQUIRE_FALSE(decoded);
            CHECK(decoded.error().code == (size < 4 ? reply_code::syntax_error : reply_code::frame_error));
            if (size >= 4) CHECK(method_ids{decoded.error().class_id, decoded.error().method_id} == ids_of(m));
        }
    });
}

TEST_CASE("no two methods share their ids or their name (AMQP 1.4 to 1.9)") {
    std::set<std::pair<int, int>> ids;
    std::set<std::string_view> names;
    test::each_method([&](auto m) {
        CHECK(ids.insert({m.class_id_of, m.method_id_of}).second);
        CHECK(names.insert(m.name_of).second);
    });
    CHECK(ids.size() == std::variant_size_v<method>);
}

TEST_CASE("ten bits take two octets, the first bit lowest (AMQP 4.2.5.2)") {
    std::string bytes;
    encode(bytes, exchange_declare{.reserved_1 = 0,
                                   .exchange = "e",
                                   .type = "t",
                                   .passive = true,
                                   .durable = false,
                                   .auto_delete = false,
                                   .internal = false,
                                   .no_wait = true,
                                   .arguments = {}});
    CHECK(bytes.substr(4) == std::string_view("\0\0\x01"
                                              "e\x01t\x11\0\0\0\0",
                                              11));
}

TEST_CASE("an unknown method is refused with the ids that it named (AMQP 4.2.4)") {
    const auto decoded = decode_method(std::string_view("\0\x3c\x03\xe7", 4));
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == reply_code::not_implemented);
    CHECK(decoded.error().class_id == 60);
    CHECK(decoded.error().method_id == 999);
}

TEST_CASE("a reply text names its constant and fits a short string (AMQP 1.2)") {
    CHECK(reply_text(reply_code::not_found, "no queue 'q' in vhost '/'") == "NOT_FOUND - no queue 'q' in vhost '/'");
    CHECK(reply_text(reply_code::not_found, "") == "NOT_FOUND");
    CHECK(reply_text(reply_code::not_found, std::string(300, 'x')).size() == 255);
    CHECK(closes_connection(reply_code::connection_forced));
    CHECK(closes_connection(reply_code::frame_error));
    CHECK_FALSE(closes_connection(reply_code::precondition_failed));
}

TEST_CASE("printing shows no secrets") {
    connection_start_ok m;
    m.response = std::string_view("\0guest\0hunter2", 14);
    CHECK(print(m).find("hunter2") == std::string::npos);
    CHECK(print(connection_update_secret{.new_secret = "hunter2", .reason = ""}).find("hunter2") == std::string::npos);
}
