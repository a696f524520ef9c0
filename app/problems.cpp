#include "app/problems.hpp"

#include <algorithm>

namespace causeway::app {

namespace {

std::vector<std::string> split_lines(std::string_view source) {
    std::vector<std::string> lines;
    while (!source.empty()) {
        const std::size_t end = std::min(source.find('\n'), source.size());
        std::string_view line = source.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        lines.emplace_back(line);
        source.remove_prefix(std::min(end + 1, source.size()));
    }
    return lines;
}

/// Blanks up to the column, with tabs where the line has tabs: the caret then stands under the place on any terminal.
std::string indent(const std::string& line, std::size_t column) {
    std::string blanks = line.substr(0, column);
    std::replace_if(
        blanks.begin(), blanks.end(), [](char c) { return c != '\t'; }, ' ');
    return blanks;
}

}  // namespace

problems::problems(std::string file, std::string_view source) : file_(std::move(file)), lines_(split_lines(source)) {}

void problems::add(std::string_view path, std::string message) {
    auto at = places_.find(path);
    while (at == places_.end() && !path.empty()) {
        const std::size_t parent = path.find_last_of(".[");
        path = path.substr(0, parent == std::string_view::npos ? 0 : parent);
        at = places_.find(path);
    }
    add(at == places_.end() ? position{} : at->second, std::move(message));
}

std::string problems::text() const {
    std::string out;
    for (const problem& p : in_file_order()) out += shown(p);
    return out;
}

std::vector<std::string> problems::list() const {
    std::vector<std::string> all;
    for (const problem& p : in_file_order()) all.push_back(told(p));
    return all;
}

std::vector<problems::problem> problems::in_file_order() const {
    std::vector<problem> sorted = found_;
    std::stable_sort(sorted.begin(), sorted.end(), [](const problem& a, const problem& b) { return a.at < b.at; });
    return sorted;
}

std::string problems::told(const problem& p) const {
    return file_ + ":" + std::to_string(p.at.line + 1) + ":" + std::to_string(p.at.column + 1) + ": " + p.message;
}

std::string problems::shown(const problem& p) const {
    const std::string out = told(p) + "\n";
    if (p.at.line >= lines_.size()) return out;
    const std::string& line = lines_[p.at.line];
    return out + "  " + line + "\n  " + indent(line, std::min(p.at.column, line.size())) + "^\n";
}

}  // namespace causeway::app
