#pragma once
// Patterns to values, found by name: a trie of levels. Matching costs grow with the name's levels and the wildcards met,
// not with the number of patterns. T is a small value compared by ==.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "core/topic.hpp"

namespace causeway::core {

template <class T>
class topic_tree {
public:
    void insert(const topic_pattern& pattern, T value) { insert_at(root_, pattern, 0, std::move(value)); }

    /// False if it was not there.
    bool erase(const topic_pattern& pattern, const T& value) { return erase_at(root_, pattern, 0, value); }

    /// visit(value, leading_wildcard) for each value whose pattern matches, once per insertion. The '$' rule is the visitor's:
    /// leading_wildcard tells.
    template <class Visit>
    void match(const topic_levels& name, Visit&& visit) const {
        ++round_;
        match_at(root_, name, 0, false, visit);
    }

    bool empty() const { return root_.empty(); }

private:
    struct hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
    };
    struct node {
        std::vector<T> values;  // of patterns that end here
        boost::unordered_flat_map<std::string, std::unique_ptr<node>, hash, std::equal_to<>> literals;
        std::unique_ptr<node> one;
        std::unique_ptr<node> many;
        mutable std::uint64_t entered = 0;  // of a `many`: in which round of matching, the last time
        bool empty() const { return values.empty() && literals.empty() && !one && !many; }
    };

    static void insert_at(node& n, const topic_pattern& pattern, std::size_t depth, T value) {
        if (depth == pattern.levels().size()) {
            n.values.push_back(std::move(value));
            return;
        }
        std::unique_ptr<node>& child = child_for(n, pattern.levels()[depth]);
        if (!child) child = std::make_unique<node>();
        insert_at(*child, pattern, depth + 1, std::move(value));
    }

    static std::unique_ptr<node>& child_for(node& n, const topic_pattern::level& level) {
        switch (level.what) {
            case topic_pattern::kind::one: return n.one;
            case topic_pattern::kind::many: return n.many;
            case topic_pattern::kind::literal: break;
        }
        return n.literals[level.text];
    }

    static bool erase_at(node& n, const topic_pattern& pattern, std::size_t depth, const T& value) {
        if (depth == pattern.levels().size()) return std::erase(n.values, value) > 0;
        const topic_pattern::level& level = pattern.levels()[depth];
        std::unique_ptr<node>& child = child_for(n, level);
        const bool erased = child && erase_at(*child, pattern, depth + 1, value);
        if (!child || child->empty()) {
            child.reset();
            if (level.what == topic_pattern::kind::literal) n.literals.erase(level.text);
        }
        return erased;
    }

    template <class Visit>
    void match_at(const node& n, const topic_levels& name, std::size_t depth, bool wild, Visit& visit) const {
        if (n.many) match_many(*n.many, name, depth, wild || depth == 0, visit);
        if (depth == name.size()) {
            for (const T& value : n.values) visit(value, wild);
            return;
        }
        if (n.one) match_at(*n.one, name, depth + 1, wild || depth == 0, visit);
        if (auto at = n.literals.find(name[depth]); at != n.literals.end())
            match_at(*at->second, name, depth + 1, wild, visit);
    }

    /// `many` swallows any number of levels from depth on. With nothing after it, it matches at once. Behind another `many` it
    /// is met again and again, each time with fewer levels left than the first time, which has seen to them all.
    template <class Visit>
    void match_many(const node& n, const topic_levels& name, std::size_t depth, bool wild, Visit& visit) const {
        if (std::exchange(n.entered, round_) == round_) return;
        for (const T& value : n.values) visit(value, wild);
        if (n.literals.empty() && !n.one && !n.many) return;
        for (std::size_t from = depth; from <= name.size(); ++from) match_after_many(n, name, from, wild, visit);
    }

    template <class Visit>
    void match_after_many(const node& n, const topic_levels& name, std::size_t depth, bool wild, Visit& visit) const {
        if (n.many) match_many(*n.many, name, depth, wild, visit);
        if (depth == name.size()) return;
        if (n.one) match_at(*n.one, name, depth + 1, wild, visit);
        if (auto at = n.literals.find(name[depth]); at != n.literals.end())
            match_at(*at->second, name, depth + 1, wild, visit);
    }

    node root_;
    mutable std::uint64_t round_ = 0;
};

}  // namespace causeway::core
