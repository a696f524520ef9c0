#pragma once
// Topics as lists of levels. Both protocols' names and patterns become these, so a separator inside a level is harmless.
// A level is any bytes. Text is made only at the edge, by an origin (origin.hpp).

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/small_vector.hpp>

namespace causeway::core {

/// Patterns and retained names have no more levels than this: the trees that hold them are walked by recursion. AMQP's keys, of
/// 255 bytes, never have.
inline constexpr std::size_t topic_levels_max = 256;

/// A name: what a message was published to.
class topic_levels {
public:
    void push(std::string_view level);
    std::size_t size() const { return ends_.size(); }
    bool empty() const { return ends_.empty(); }
    std::string_view operator[](std::size_t index) const;
    bool operator==(const topic_levels&) const = default;

    /// True if the first level starts with '$': leading wildcards do not match it [MQTT-4.7.2-1].
    bool dollar() const { return !text_.empty() && !ends_.empty() && ends_[0] > 0 && text_[0] == '$'; }

private:
    std::string text_;  // all levels, without separators
    boost::container::small_vector<std::uint32_t, 8> ends_;
};

/// A subscription's filter or a binding's key. `one` matches exactly one level, `many` any number, also none; both may
/// stand anywhere (MQTT allows `many` only at the end, AMQP everywhere).
class topic_pattern {
public:
    enum class kind : std::uint8_t { literal, one, many };
    struct level {
        kind what = kind::literal;
        std::string text;  // of a literal
        bool operator==(const level&) const = default;
    };

    void push_literal(std::string_view text) { levels_.push_back({kind::literal, std::string(text)}); }
    void push_one() { levels_.push_back({kind::one, {}}); }
    void push_many() {  // "#.#" matches what "#" matches
        if (levels_.empty() || levels_.back().what != kind::many) levels_.push_back({kind::many, {}});
    }

    const std::vector<level>& levels() const { return levels_; }
    bool operator==(const topic_pattern&) const = default;
    bool leading_wildcard() const { return !levels_.empty() && levels_[0].what != kind::literal; }
    /// Matches one name only.
    bool literal() const {
        return std::all_of(levels_.begin(), levels_.end(), [](const level& l) { return l.what == kind::literal; });
    }

private:
    std::vector<level> levels_;
};

/// Does the pattern match, with the '$' rule applied unless `match_dollar`?
bool matches(const topic_pattern& pattern, const topic_levels& name, bool match_dollar = false);

}  // namespace causeway::core
