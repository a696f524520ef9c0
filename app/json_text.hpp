#pragma once
// Writes JSON, indented, for people to read as well.

#include <cstdint>
#include <string>
#include <string_view>

namespace causeway::app {

/// In quotes, with everything escaped that has to be.
std::string json_quoted(std::string_view text);

class json_text {
public:
    json_text& begin_object(std::string_view name = {}) { return begin(name, '{'); }
    json_text& begin_array(std::string_view name = {}) { return begin(name, '['); }
    json_text& end();

    json_text& text(std::string_view name, std::string_view value) { return item(name, json_quoted(value)); }
    json_text& number(std::string_view name, std::uint64_t value) { return item(name, std::to_string(value)); }
    json_text& flag(std::string_view name, bool value) { return item(name, value ? "true" : "false"); }
    /// Something that is JSON already.
    json_text& item(std::string_view name, std::string_view json);

    const std::string& str() const { return out_; }

private:
    json_text& begin(std::string_view name, char bracket);
    void new_item(std::string_view name);

    std::string out_;
    std::string open_;  // the closing brackets that are due, innermost last
    bool first_ = true;
};

}  // namespace causeway::app
