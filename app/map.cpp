// The command `map`, as it is told.

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "app/commands.hpp"
#include "app/exit_code.hpp"
#include "app/json_text.hpp"
#include "app/mapped.hpp"

namespace causeway::app {

namespace {

const char* name_of(core::topic_mapping mapping) {
    switch (mapping) {
        case core::topic_mapping::levels: return "levels";
        case core::topic_mapping::rabbitmq: return "rabbitmq";
        case core::topic_mapping::slash: return "slash";
    }
    return "";
}

std::string return_of(const mapped_name& each, const std::string& name) {
    if (!each.there) return "";
    if (!each.back) return "nothing comes back";
    return *each.back == name ? "comes back the same" : "comes back as " + printable(*each.back);
}

/// In columns that are as wide as their widest cell.
std::string aligned(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (widths.size() <= i) widths.push_back(0);
            widths[i] = std::max(widths[i], row[i].size());
        }
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) line += row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
        line.erase(line.find_last_not_of(' ') + 1);
        text += "  " + line + "\n";
    }
    return text;
}

/// Of a shared subscription, the part that is mapped.
std::string mapped_part(const map_command& what, const mapped_names& names) {
    if (names.kind != "filter of a shared subscription") return what.name;
    const std::size_t group = what.name.find('/') + 1;
    return what.name.substr(what.name.find('/', group) + 1);
}

std::string told(const map_command& what, const mapped_names& names) {
    std::vector<std::vector<std::string>> rows;
    for (const mapped_name& each : names.by_mapping)
        rows.push_back({name_of(each.mapping), each.there ? names.other_kind : "-", each.there ? printable(*each.there) : "",
                        each.note.empty() ? return_of(each, mapped_part(what, names)) : each.note});
    return names.kind + " " + printable(what.name) + "\n" + aligned(rows);
}

std::string told(const map_command& what, const mapped_properties& all) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& [name, text] : all.there) rows.push_back({printable(name), printable(text)});
    std::string out = std::string("properties in ") + (what.from_amqp ? "MQTT 5" : "AMQP") + "\n" + aligned(rows);
    if (all.lost.empty()) return out + "  all of it comes back the same\n";
    for (const auto& [before, after] : all.lost)
        out += "  " + printable(before) + (after.empty() ? " does not come back" : " comes back as " + printable(after)) + "\n";
    return out;
}

void tell(json_text& to, const mapped_names& names) {
    to.text("kind", names.kind).text("becomes", names.other_kind).begin_object("mappings");
    for (const mapped_name& each : names.by_mapping) {
        to.begin_object(name_of(each.mapping));
        each.there ? to.text("there", printable(*each.there)) : to.item("there", "null");
        each.back ? to.text("back", printable(*each.back)) : to.item("back", "null");
        if (!each.note.empty()) to.text("note", each.note);
        to.end();
    }
    to.end();
}

void tell(json_text& to, const mapped_properties& all) {
    to.begin_array("properties");
    for (const auto& [name, text] : all.there) to.begin_object().text("name", printable(name)).text("value", printable(text)).end();
    to.end().begin_array("lost");
    for (const auto& [before, after] : all.lost) to.begin_object().text("was", printable(before)).text("comes_back_as", printable(after)).end();
    to.end();
}

int refuse(const std::string& why) {
    std::cerr << "causeway map: " << printable(why) << '\n';
    return exit_code::wrong;
}

}  // namespace

int perform(const map_command& what) {
    const bool named = !what.name.empty() || (what.from_amqp && what.properties.empty());
    if (!named && what.properties.empty()) return refuse("needs a name or properties; see causeway map --help");
    std::string text;
    json_text json;
    json.begin_object().text("from", what.from_amqp ? "amqp" : "mqtt").text("name", printable(what.name));
    if (named) {
        const auto names = map_name(what);
        if (!names) return refuse("'" + what.name + "': " + names.error());
        text = told(what, names.value());
        tell(json, names.value());
    }
    if (!what.properties.empty()) {
        const auto all = map_properties(what);
        if (!all) return refuse(all.error());
        text += (text.empty() ? "" : "\n") + told(what, all.value());
        tell(json, all.value());
    }
    json.end();
    std::cout << (what.json ? json.str() + "\n" : text) << std::flush;
    return std::cout ? exit_code::ok : exit_code::wrong;
}

}  // namespace causeway::app
