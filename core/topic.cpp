#include "core/topic.hpp"

namespace causeway::core {

void topic_levels::push(std::string_view level) {
    text_.append(level);
    ends_.push_back(static_cast<std::uint32_t>(text_.size()));
}

std::string_view topic_levels::operator[](std::size_t index) const {
    const std::size_t from = index == 0 ? 0 : ends_[index - 1];
    return std::string_view(text_).substr(from, ends_[index] - from);
}

namespace {

/// Wildcard matching with backtracking to the last `many` only: linear in practice, never exponential.
bool matches_levels(const std::vector<topic_pattern::level>& pattern, const topic_levels& name) {
    constexpr auto nowhere = static_cast<std::size_t>(-1);
    std::size_t p = 0, n = 0, last_many = nowhere, swallowed_to = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p].what == topic_pattern::kind::many) {
            last_many = p++;
            swallowed_to = n;
        } else if (p < pattern.size() && (pattern[p].what == topic_pattern::kind::one || pattern[p].text == name[n])) {
            ++p;
            ++n;
        } else if (last_many != nowhere) {
            p = last_many + 1;
            n = ++swallowed_to;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p].what == topic_pattern::kind::many) ++p;
    return p == pattern.size();
}

}  // namespace

bool matches(const topic_pattern& pattern, const topic_levels& name, bool match_dollar) {
    if (name.dollar() && pattern.leading_wildcard() && !match_dollar) return false;
    return matches_levels(pattern.levels(), name);
}

}  // namespace causeway::core
