// docs/limits.md against the table of keys.

#include <fstream>
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "app/config_keys.hpp"

using namespace causeway::app;

namespace {

/// Path and default of every number, as docs/limits.md writes them.
void collect(const section& s, const std::string& path, std::map<std::string, std::string>& out) {
    for (const key& k : s.keys) {
        const std::string inner = path + (path.empty() ? "" : ".") + std::string(k.name) + (k.what == kind::sections ? "[]" : "");
        if (k.member.inner)
            collect(k.member.inner(), inner, out);
        else if (k.what == kind::number)
            out[inner] = default_text(s, k);
    }
}

std::map<std::string, std::string> numbers() {
    std::map<std::string, std::string> all;
    collect(section_of<config>(), "", all);
    return all;
}

std::string cell(const std::string& line, std::size_t index) {
    std::size_t from = 0;
    for (std::size_t i = 0; i <= index; ++i) from = line.find('|', from) + 1;
    std::string text = line.substr(from, line.find('|', from) - from);
    std::erase(text, ' ');
    std::erase(text, '`');
    return text;
}

/// Key and default of each row.
std::multimap<std::string, std::string> documented() {
    std::ifstream in("docs/limits.md");
    REQUIRE(in);
    std::multimap<std::string, std::string> rows;
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("| `")) rows.emplace(cell(line, 0), cell(line, 1));
    return rows;
}

bool is_limit(const std::string& path) {
    return path.ends_with("_max") || path.ends_with("_timeout");
}

}  // namespace

TEST_CASE("docs/limits.md names only keys that exist, with their defaults") {
    const auto known = numbers();
    for (const auto& [path, value] : documented()) {
        CAPTURE(path);
        REQUIRE(known.contains(path));
        CHECK(known.at(path) == value);
    }
}

TEST_CASE("docs/limits.md names every limit") {
    const auto rows = documented();
    for (const auto& [path, value] : numbers()) {
        CAPTURE(path);
        CHECK((!is_limit(path) || rows.contains(path)));
    }
}
