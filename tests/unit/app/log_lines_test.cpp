#include "app/log_lines.hpp"

#include <catch2/catch.hpp>

using namespace causeway::app;
using causeway::log_level;

TEST_CASE("a line of text has the level, the message and the facts") {
    CHECK(log_text(log_level::info, "listening", {{"listener", "mqtt"}, {"port", 1883}}) ==
          "info  listening listener=mqtt port=1883");
    CHECK(log_text(log_level::warning, "slow", {}) == "warn  slow");
    CHECK(log_text(log_level::error, "broken", {}) == "error broken");
}

TEST_CASE("a fact that would not read as one word is quoted, so that no peer can forge lines or facts") {
    CHECK(log_text(log_level::info, "m", {{"k", "a b"}}) == "info  m k=\"a b\"");
    CHECK(log_text(log_level::info, "m", {{"k", ""}}) == "info  m k=\"\"");
    CHECK(log_text(log_level::info, "m", {{"k", "a=b"}}) == "info  m k=\"a=b\"");
    CHECK(log_text(log_level::info, "m", {{"k", "x\n2026 info  forged"}}) == "info  m k=\"x\\n2026 info  forged\"");
    CHECK(log_text(log_level::info, "m", {{"k", "say \"hi\""}}) == "info  m k=\"say \\\"hi\\\"\"");
}

TEST_CASE("a line of JSON has the same as members") {
    CHECK(log_json(log_level::info, "listening", {{"listener", "a\"b"}, {"port", 1883}}) ==
          R"("level":"info","message":"listening","listener":"a\"b","port":"1883")");
}
