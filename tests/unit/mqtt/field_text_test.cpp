#include <catch2/catch.hpp>

#include "base/base64.hpp"
#include "protocols/mqtt/field_text.hpp"

using namespace causeway;
using namespace causeway::mqtt;

TEST_CASE("base64 reads back what it wrote and nothing else [RFC 4648]") {
    CHECK(base64_of("") == "");
    CHECK(base64_of("f") == "Zg==");
    CHECK(base64_of("fo") == "Zm8=");
    CHECK(base64_of("foobar") == "Zm9vYmFy");
    for (const std::string_view text : {"Zg==", "Zm8=", "Zm9vYmFy"}) CHECK(base64_of(*bytes_of_base64(text)) == text);
    for (const std::string_view wrong : {"Zg", "Zg=", "Zh==", "Zg==x", "Z", "Zm9v YmFy", "===="}) CHECK_FALSE(bytes_of_base64(wrong));
}

TEST_CASE("tables and arrays become JSON and come back") {
    const core::field_table table = {{"a", std::int64_t{-5}},
                                     {"b", core::field_array{true, core::no_value{}, 1.5, std::string("q\"\\\n")}},
                                     {"c", core::field_table{}},
                                     {"d", 2.0}};
    const std::string text = json_of(table);
    CHECK(text == R"({"a":-5,"b":[true,null,1.5,"q\"\\\u000a"],"c":{},"d":2.0})");
    const auto back = value_of_json(text);
    REQUIRE(back);
    CHECK(*back == core::field_value(table));
}

TEST_CASE("JSON that would not be written the same way is left alone") {
    for (const std::string_view text : {"{\"a\": 1}", "[1,]", "[", "{", "[01]", "[1e400]", "{\"a\"}", "[\"\\n\"]", "\"open", "12",
                                        "[1]x", "[\"open]", "[tru]", "[\"\\u00", "[,]"}) {
        INFO(text);
        CHECK_FALSE(value_of_json(text));
    }
    CHECK_FALSE(value_of_json(std::string(100, '[') + std::string(100, ']')));
}

TEST_CASE("scalars are plain text, bytes base64 [mapping.md, Properties]") {
    CHECK(text_of(core::field_value(true)).text == "true");
    CHECK(text_of(core::field_value(std::int8_t{-3})).text == "-3");
    CHECK(text_of(core::field_value(std::uint64_t{18446744073709551615ULL})).text == "18446744073709551615");
    CHECK(text_of(core::field_value(core::decimal{2, 314})).text == "3.14");
    CHECK(text_of(core::field_value(core::decimal{3, -5})).text == "-0.005");
    CHECK(text_of(core::field_value(core::timestamp{1700000000})).text == "1700000000");
    CHECK(text_of(core::field_value(std::string("plain"))).suffix == "");
    CHECK(text_of(core::field_value(core::byte_array{"\xFF"})).suffix == ";b64");
    CHECK(text_of(core::field_value(std::string("\xFF"))).text == "/w==");
    CHECK(text_of(core::field_value(core::field_array{})).suffix == ";json");
}
