#include "app/config_text.hpp"

#include <fstream>
#include <iterator>
#include <set>

#include <catch2/catch.hpp>

#include "app/config_keys.hpp"
#include "app/json_text.hpp"
#include "tests/unit/app/config_support.hpp"

using namespace causeway::app;

namespace {

std::string content(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    REQUIRE(in);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

template <class Visit>
void each_section(const section& s, std::set<const section*>& seen, Visit visit) {
    if (!seen.insert(&s).second) return;
    visit(s);
    for (const key& k : s.keys)
        if (k.member.inner) each_section(k.member.inner(), seen, visit);
}

template <class Visit>
void each_section(Visit visit) {
    std::set<const section*> seen;
    each_section(section_of<config>(), seen, visit);
}

}  // namespace

TEST_CASE("docs/configuration.md is what the table of keys says") {
    CHECK(content("docs/configuration.md") == config_docs());
}

TEST_CASE("configs/causeway.schema.json is what the table of keys says") {
    CHECK(content("configs/causeway.schema.json") == config_schema());
}

TEST_CASE("configs/causeway.yaml shows every key of the table") {
    CHECK(content("configs/causeway.yaml") == config_sample());
}

TEST_CASE("the configurations that come with the program are valid") {
    for (const char* file : {"configs/causeway.yaml", "configs/demo.yaml"}) {
        CAPTURE(file);
        CHECK(load(content(file)).problems.text() == "");
    }
}

TEST_CASE("every key has a meaning, and names stand once in a section") {
    each_section([](const section& s) {
        std::set<std::string_view> names;
        for (const key& k : s.keys) {
            CAPTURE(k.name);
            CHECK(names.insert(k.name).second);
            CHECK(!(k.member.inner ? k.member.inner().about : k.about).empty());
            CHECK((k.what == kind::choice) == !k.choices.empty());
        }
    });
}

TEST_CASE("defaults, written out, lie in their own limits") {
    each_section([](const section& s) {
        for (const key& k : s.keys) {
            CAPTURE(k.name);
            if (k.what != kind::number || k.required) continue;
            const std::uint64_t value = k.member.number(s.defaults.get());
            CHECK(((value >= k.least && value <= k.most) || (!k.word.empty() && value == k.word_value)));
        }
    });
}

TEST_CASE("the documentation names every section and the schema closes every one") {
    const std::string docs = config_docs();
    for (const char* heading :
         {"## `listeners[]`", "## `listeners[].tls`", "## `users[].rights[]`", "## `vhosts[].bindings[]`", "## `log`"})
        CHECK(docs.find(heading) != std::string::npos);
    CHECK(docs.find("| `heartbeat` | duration, 0s to 65535s | `1m` |") != std::string::npos);
    CHECK(config_schema().find("\"additionalProperties\": true") == std::string::npos);
}

TEST_CASE("JSON is escaped and indented") {
    CHECK(json_quoted("a\"b\\c\n\x01") == "\"a\\\"b\\\\c\\n\\u0001\"");
    json_text out;
    out.begin_object()
        .text("a", "b")
        .number("n", 1)
        .begin_array("list")
        .text("", "x")
        .end()
        .begin_object("none")
        .end()
        .end();
    CHECK(out.str() ==
          "{\n"
          "  \"a\": \"b\",\n"
          "  \"n\": 1,\n"
          "  \"list\": [\n"
          "    \"x\"\n"
          "  ],\n"
          "  \"none\": {}\n"
          "}");
}
