#include "app/expansion.hpp"

#include <catch2/catch.hpp>

using namespace causeway::app;

namespace {

const environment some = [](const std::string& name) -> std::optional<std::string> {
    if (name == "PORT") return "1884";
    if (name == "EMPTY") return "";
    return std::nullopt;
};

std::string expanded(std::string_view text) { return expand(text, some).value(); }
std::string complaint_about(std::string_view text) { return expand(text, some).error().text; }

}  // namespace

TEST_CASE("a variable that is set takes the place of its name") {
    CHECK(expanded("${PORT}") == "1884");
    CHECK(expanded("a${PORT}b${PORT}") == "a1884b1884");
    CHECK(expanded("${PORT:-1}") == "1884");
    CHECK(expanded("${EMPTY}").empty());
}

TEST_CASE("a default serves where the variable is unset or empty") {
    CHECK(expanded("${NOT_SET:-1883}") == "1883");
    CHECK(expanded("${EMPTY:-1883}") == "1883");
    CHECK(expanded("${NOT_SET:-}").empty());
    CHECK(expanded("${NOT_SET:-a:-b}") == "a:-b");
}

TEST_CASE("text without variables stays as it is, hashes with dollars too") {
    CHECK(expanded("").empty());
    CHECK(expanded("$argon2id$v=19$m=65536") == "$argon2id$v=19$m=65536");
    CHECK(expanded("costs 5$") == "costs 5$");
    CHECK(expanded("$${PORT}") == "${PORT}");
}

TEST_CASE("a variable that is unset and has no default is an error that says how to give it one") {
    CHECK(complaint_about("${NOT_SET}") ==
          "environment variable 'NOT_SET' is not set; write ${NOT_SET:-default} to give it a default");
    CHECK(complaint_about("${PORT") == "'${' has no closing '}'");
    CHECK(complaint_about("${}") == "'${}' does not name an environment variable");
    CHECK(complaint_about("${a b}") == "'${a b}' does not name an environment variable");
}
