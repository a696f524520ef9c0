#include "app/topic_rights.hpp"

#include <optional>
#include <string>

namespace causeway::app {

namespace {

/// Takes the levels of a topic one by one.
class levels {
public:
    explicit levels(std::string_view text) : rest_(text) {}

    bool done() const { return !rest_.has_value(); }

    std::string_view next() {
        const std::size_t end = rest_->find('/');
        const std::string_view level = rest_->substr(0, end);
        if (end == std::string_view::npos)
            rest_.reset();
        else
            rest_->remove_prefix(end + 1);
        return level;
    }

private:
    std::optional<std::string_view> rest_;
};

/// The level with names filled in; nothing if a name would act as more than a name.
std::optional<std::string> filled_in(std::string_view level, const topic_owner& owner) {
    std::string out;
    for (std::size_t at = 0; at < level.size(); ++at) {
        const std::string_view mark = level.substr(at, 2);
        if (mark != "%u" && mark != "%c") {
            out += level[at];
            continue;
        }
        const std::string_view name = mark == "%u" ? owner.user : owner.client_id;
        if (name.empty() || name.find_first_of("/+#") != std::string_view::npos) return std::nullopt;
        out += name;
        ++at;
    }
    return out;
}

bool level_covered(std::string_view pattern, std::string_view level, const topic_owner& owner) {
    if (pattern == "+") return level != "#";
    const auto literal = filled_in(pattern, owner);
    return literal && *literal == level;
}

}  // namespace

bool topic_covered(std::string_view pattern, std::string_view filter, const topic_owner& owner) {
    if (filter.starts_with('$') && (pattern.starts_with('+') || pattern.starts_with('#'))) return false;
    levels patterns(pattern), wanted(filter);
    while (!patterns.done()) {
        const std::string_view p = patterns.next();
        if (p == "#") return true;  // also where the filter has ended: "a/#" matches "a"
        if (wanted.done() || !level_covered(p, wanted.next(), owner)) return false;
    }
    return wanted.done();
}

}  // namespace causeway::app
