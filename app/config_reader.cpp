#include "app/config_reader.hpp"

#include <yaml-cpp/yaml.h>

#include "app/config_keys.hpp"
#include "app/config_rules.hpp"
#include "app/scalar.hpp"
#include "app/suggestion.hpp"

namespace causeway::app {

namespace {

position position_of(const YAML::Mark& mark) {
    return {static_cast<std::size_t>(std::max(mark.line, 0)), static_cast<std::size_t>(std::max(mark.column, 0))};
}

std::string joined(const std::vector<std::string_view>& words) {
    std::string all;
    for (const std::string_view word : words) all += (all.empty() ? "" : ", ") + std::string(word);
    return all;
}

/// What a value is, for somebody who wrote another kind of it.
const char* wanted(kind what) {
    switch (what) {
        case kind::text:
        case kind::flag:
        case kind::number:
        case kind::choice: return "a single value";
        case kind::texts:
        case kind::sections: return "a list";
        case kind::section:
        case kind::arguments: return "a section of keys";
    }
    return "";
}

/// Walks the YAML and the table side by side. A value that is wrong is reported and left at its default.
class walk {
public:
    walk(problems& found, const environment& from) : found_(found), from_(from) {}

    void read_section(const YAML::Node& node, const section& s, void* owner, const std::string& path) {
        found_.note(path, position_of(node.Mark()));
        if (node.IsNull()) return check_required(node, s, {});
        if (!node.IsMap()) return found_.add(position_of(node.Mark()), subject(path) + " must be a section of keys");
        std::map<std::string, std::size_t> lines;
        for (const auto& entry : node) read_entry(entry.first, entry.second, s, owner, path, lines);
        check_required(node, s, lines);
    }

private:
    static std::string subject(const std::string& path) { return path.empty() ? "the file" : "'" + path + "'"; }

    void read_entry(const YAML::Node& name, const YAML::Node& value, const section& s, void* owner, const std::string& path,
                    std::map<std::string, std::size_t>& lines) {
        const position at = position_of(name.Mark());
        const std::string text = name.IsScalar() ? name.Scalar() : "";
        const auto [before, first] = lines.emplace(text, at.line);
        if (!first)
            return found_.add(at, "key '" + text + "' is already there, on line " + std::to_string(before->second + 1));
        const key* k = s.find(text);
        if (!k) return add_unknown(at, text, s);
        read_value(value, *k, owner, path.empty() ? text : path + "." + text);
    }

    void add_unknown(position at, const std::string& name, const section& s) {
        const std::vector<std::string_view> known = s.names();
        const std::string hint = did_you_mean(name, known);
        found_.add(at, "unknown key '" + name + "'" + (hint.empty() ? "; known here: " + joined(known) : hint));
    }

    void check_required(const YAML::Node& node, const section& s, const std::map<std::string, std::size_t>& present) {
        for (const key& k : s.keys)
            if (k.required && !present.contains(std::string(k.name)))
                found_.add(position_of(node.Mark()), "required key '" + std::string(k.name) + "' is missing");
    }

    void read_value(const YAML::Node& node, const key& k, void* owner, const std::string& path) {
        found_.note(path, position_of(node.Mark()));
        switch (k.what) {
            case kind::section: return read_section(node, k.member.inner(), k.member.enter(owner), path);
            case kind::sections: return read_sections(node, k, owner, path);
            case kind::texts: return read_texts(node, k, owner, path);
            case kind::arguments: return read_arguments(node, k, owner, path);
            case kind::text:
            case kind::flag:
            case kind::number:
            case kind::choice: return read_scalar(node, k, owner);
        }
    }

    void add_wrong_shape(const YAML::Node& node, const key& k) {
        const std::string must = "'" + std::string(k.name) + "' must be " + wanted(k.what);
        found_.add(position_of(node.Mark()), node.IsNull() ? must + ", but has no value" : must);
    }

    /// The text of a scalar, its variables expanded; nothing if that failed (reported).
    std::optional<std::string> expanded(const YAML::Node& node) {
        auto text = expand(node.Scalar(), from_);
        if (text) return std::move(text).value();
        found_.add(position_of(node.Mark()), text.error().text);
        return std::nullopt;
    }

    void read_scalar(const YAML::Node& node, const key& k, void* owner) {
        if (!node.IsScalar()) return add_wrong_shape(node, k);
        const auto text = expanded(node);
        if (!text) return;
        if (const auto put = put_scalar(k, owner, *text); !put)
            found_.add(position_of(node.Mark()), "'" + std::string(k.name) + "' must be " + put.error().text);
    }

    // A list whose items are all commented out reads as null: it is empty.
    void read_sections(const YAML::Node& node, const key& k, void* owner, const std::string& path) {
        if (!node.IsSequence() && !node.IsNull()) return add_wrong_shape(node, k);
        std::size_t index = 0;
        for (const YAML::Node& item : node)
            read_section(item, k.member.inner(), k.member.enter(owner), path + "[" + std::to_string(index++) + "]");
    }

    void read_texts(const YAML::Node& node, const key& k, void* owner, const std::string& path) {
        if (!node.IsSequence() && !node.IsNull()) return add_wrong_shape(node, k);
        std::size_t index = 0;
        for (const YAML::Node& item : node) {
            found_.note(path + "[" + std::to_string(index++) + "]", position_of(item.Mark()));
            if (!item.IsScalar())
                found_.add(position_of(item.Mark()), "'" + std::string(k.name) + "' must be a list of single values");
            else if (auto text = expanded(item))
                k.member.texts(owner).push_back(std::move(*text));
        }
    }

    void read_arguments(const YAML::Node& node, const key& k, void* owner, const std::string& path) {
        if (node.IsNull()) return;
        if (!node.IsMap()) return add_wrong_shape(node, k);
        for (const auto& entry : node) found_.note(path + "." + entry.first.Scalar(), position_of(entry.first.Mark()));
        k.member.arguments(owner) = table_of(node);
    }

    core::field_table table_of(const YAML::Node& node) {
        core::field_table table;
        for (const auto& entry : node) {
            const std::string name = entry.first.Scalar();
            if (core::find(table, name))
                found_.add(position_of(entry.first.Mark()), "argument '" + name + "' is already there");
            else
                table.emplace_back(name, field_of(entry.second));
        }
        return table;
    }

    core::field_value field_of(const YAML::Node& node) {
        if (node.IsMap()) return table_of(node);
        if (node.IsSequence()) {
            core::field_array array;
            for (const YAML::Node& item : node) array.push_back(field_of(item));
            return array;
        }
        if (!node.IsScalar()) return core::no_value{};
        const std::string text = expanded(node).value_or("");
        const bool quoted = node.Tag() == "!";
        return quoted ? core::field_value(text) : argument_of(text);
    }

    problems& found_;
    const environment& from_;
};

}  // namespace

loaded_config load_config(std::string_view yaml, const std::string& file, const environment& from) {
    loaded_config loaded{.config = {}, .problems = problems(file, yaml)};
    try {
        const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(yaml));
        if (documents.size() > 1)
            loaded.problems.add(position_of(documents[1].Mark()), "one file holds one document; a second one begins here");
        walk(loaded.problems, from)
            .read_section(documents.empty() ? YAML::Node() : documents[0], section_of<config>(), &loaded.config, "");
    } catch (const YAML::Exception& wrong) {
        loaded.problems.add(position_of(wrong.mark), "not YAML: " + wrong.msg);
        return loaded;
    }
    check_rules(loaded.config, loaded.problems);
    return loaded;
}

}  // namespace causeway::app
