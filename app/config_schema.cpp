#include <algorithm>

#include "app/config_keys.hpp"
#include "app/config_text.hpp"
#include "app/json_text.hpp"

namespace causeway::app {

namespace {

void add_section(json_text& out, const section& s);

/// Alternatives for a single value; any of them may also hold a variable.
template <class Body>
void any_of(json_text& out, Body body) {
    out.begin_array("anyOf");
    body();
    out.begin_object().text("$ref", "#/$defs/expanded").end();
    out.end();
}

void add_number(json_text& out, const key& k) {
    any_of(out, [&] {
        out.begin_object().text("type", "integer");
        if (k.unit == unit::none) {
            out.number("minimum", k.least);
            if (!k.open_end()) out.number("maximum", k.most);
        }
        out.end();
        if (k.unit != unit::none)
            out.begin_object().text("$ref", k.unit == unit::bytes ? "#/$defs/size" : "#/$defs/duration").end();
        if (!k.word.empty()) out.begin_object().text("const", k.word).end();
    });
}

/// To a YAML editor 1.2 is a number.
bool numeric(std::string_view word) { return word.find_first_not_of("0123456789.") == std::string_view::npos; }

void add_choice(json_text& out, const key& k) {
    any_of(out, [&] {
        out.begin_object().begin_array("enum");
        for (const std::string_view choice : k.choices) {
            out.text("", choice);
            if (numeric(choice)) out.item("", choice);
        }
        out.end().end();
    });
}

void add_value(json_text& out, const key& k) {
    switch (k.what) {
        case kind::text: out.text("type", "string"); break;
        case kind::flag: any_of(out, [&] { out.begin_object().text("type", "boolean").end(); }); break;
        case kind::number: add_number(out, k); break;
        case kind::choice: add_choice(out, k); break;
        case kind::texts: out.text("type", "array").begin_object("items").text("type", "string").end(); break;
        case kind::section: add_section(out, k.member.inner()); break;
        case kind::sections:
            out.text("type", "array").begin_object("items");
            add_section(out, k.member.inner());
            out.end();
            break;
        case kind::arguments: out.text("type", "object"); break;
    }
}

void add_key(json_text& out, const section& s, const key& k) {
    out.begin_object(k.name);
    const std::string given = default_text(s, k);
    if (!k.about.empty()) out.text("description", k.about);
    if (!given.empty()) out.text("default", given);
    add_value(out, k);
    out.end();
}

void add_section(json_text& out, const section& s) {
    if (!s.about.empty()) out.text("description", s.about);
    out.text("type", "object").flag("additionalProperties", false);
    if (std::any_of(s.keys.begin(), s.keys.end(), [](const key& k) { return k.required; })) {
        out.begin_array("required");
        for (const key& k : s.keys)
            if (k.required) out.text("", k.name);
        out.end();
    }
    out.begin_object("properties");
    for (const key& k : s.keys) add_key(out, s, k);
    out.end();
}

void add_pattern(json_text& out, std::string_view name, std::string_view pattern) {
    out.begin_object(name).text("type", "string").text("pattern", pattern).end();
}

}  // namespace

std::string config_schema() {
    json_text out;
    out.begin_object()
        .text("$schema", "https://json-schema.org/draft/2020-12/schema")
        .text("title", "Causeway configuration");
    add_section(out, section_of<config>());
    out.begin_object("$defs");
    add_pattern(out, "expanded", "\\$\\{.*\\}");
    add_pattern(out, "size", "^[0-9][0-9_]* *(B|[KMGT]iB|[kMGT]B)?$");
    add_pattern(out, "duration", "^([0-9][0-9_]* *(ms|s|m|h|d))+$");
    out.end().end();
    return out.str() + "\n";
}

}  // namespace causeway::app
