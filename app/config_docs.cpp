#include <map>

#include "app/config_keys.hpp"
#include "app/config_text.hpp"

namespace causeway::app {

namespace {

constexpr const char* introduction = R"(# Configuration

This page is printed by `causeway check --docs` from the program's own table of keys.

A configuration is one YAML file: `causeway run --config FILE` starts with it, `causeway check --config FILE` says what is wrong
with it, all at once. Unknown keys are errors. [configs/causeway.yaml](../configs/causeway.yaml) shows every key in place, and
[configs/causeway.schema.json](../configs/causeway.schema.json) lets editors complete and check them.

* Sizes are written `512`, `64KiB`, `10MiB`, `1GiB` (powers of 1024) or `10MB` (powers of 1000).
* Durations are written `500ms`, `30s`, `5m`, `1h`, `7d` or `1h30m`; a plain number counts seconds.
* `${NAME}` inside a value is replaced by that environment variable, `${NAME:-default}` by the default if it is unset or empty;
  `$${` stands for `${`.

)";

std::string range_text(const key& k) {
    if (k.least == 0 && k.open_end()) return "";
    if (k.open_end()) return ", at least " + number_text(k, k.least);
    return ", " + number_text(k, k.least) + " to " + number_text(k, k.most);
}

std::string number_kind(const key& k) {
    const char* what = k.unit == unit::none ? "number" : k.unit == unit::bytes ? "size" : "duration";
    const std::string word = k.word.empty() ? "" : ", or `" + std::string(k.word) + "`";
    return what + range_text(k) + word;
}

std::string choices_text(const key& k) {
    std::string all;
    for (const std::string_view choice : k.choices) all += (all.empty() ? "`" : ", `") + std::string(choice) + "`";
    return all;
}

std::string anchor(const std::string& path) {
    std::string name;
    for (const char c : path)
        if (c != '.' && c != '[' && c != ']') name += c;
    return name;
}

class page {
public:
    void add(const section& s, const std::string& path) {
        if (!path.empty()) text_ += "## `" + path + "`\n\n";
        const auto [before, first] = written_.emplace(&s, path);
        if (!first) {
            text_ += "As in [`" + before->second + "`](#" + anchor(before->second) + ").\n\n";
            return;
        }
        if (!s.about.empty()) text_ += std::string(s.about) + "\n\n";
        text_ += "| key | value | default | meaning |\n|---|---|---|---|\n";
        for (const key& k : s.keys) add_row(s, k, path_of(k, path));
        text_ += "\n";
        for (const key& k : s.keys)
            if (k.member.inner) add(k.member.inner(), path_of(k, path));
    }

    std::string text() && { return std::move(text_); }

private:
    static std::string path_of(const key& k, const std::string& path) {
        const std::string inner = (path.empty() ? "" : path + ".") + std::string(k.name);
        return k.what == kind::sections ? inner + "[]" : inner;
    }

    static std::string value_text(const key& k, const std::string& path) {
        switch (k.what) {
            case kind::text: return "text";
            case kind::flag: return "`true`, `false`";
            case kind::number: return number_kind(k);
            case kind::choice: return choices_text(k);
            case kind::texts: return "list of texts";
            case kind::section: return "[section](#" + anchor(path) + ")";
            case kind::sections: return "[list](#" + anchor(path) + ")";
            case kind::arguments: return "names and values";
        }
        return {};
    }

    void add_row(const section& s, const key& k, const std::string& path) {
        const std::string given = default_text(s, k);
        const std::string shown = k.required ? "**required**" : given.empty() ? "" : "`" + given + "`";
        const std::string_view about = k.member.inner ? k.member.inner().about : k.about;
        text_ +=
            "| `" + std::string(k.name) + "` | " + value_text(k, path) + " | " + shown + " | " + std::string(about) + " |\n";
    }

    std::string text_ = introduction;
    std::map<const section*, std::string> written_;  // where a section stands that several keys share
};

}  // namespace

std::string config_docs() {
    page p;
    p.add(section_of<config>(), "");
    std::string text = std::move(p).text();
    text.pop_back();  // the file ends with one newline
    return text;
}

}  // namespace causeway::app
