#pragma once
// What is wrong with a configuration file, and where. The reader notes where each value stands, by its path
// ("listeners[0].port"), so that later checks can point at it as well. Everything is collected, then shown in file order.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace causeway::app {

/// Counts from 0, as the YAML parser does; shown from 1.
struct position {
    std::size_t line = 0;
    std::size_t column = 0;
    auto operator<=>(const position&) const = default;
};

class problems {
public:
    problems(std::string file, std::string_view source);

    void note(const std::string& path, position at) { places_.emplace(path, at); }

    /// Was there a value of that path at all?
    bool noted(std::string_view path) const { return places_.find(path) != places_.end(); }

    void add(position at, std::string message) { found_.push_back({at, std::move(message)}); }
    /// At the value of that path; if it was not written, at the nearest section around it.
    void add(std::string_view path, std::string message);

    bool none() const { return found_.empty(); }
    std::size_t count() const { return found_.size(); }

    /// For each: "file:line:column: message", the line, and a caret under the place.
    std::string text() const;

    /// For each: "file:line:column: message".
    std::vector<std::string> list() const;

private:
    struct problem {
        position at;
        std::string message;
    };
    std::vector<problem> in_file_order() const;
    std::string told(const problem& p) const;
    std::string shown(const problem& p) const;

    std::string file_;
    std::vector<std::string> lines_;
    std::map<std::string, position, std::less<>> places_;
    std::vector<problem> found_;
};

}  // namespace causeway::app
