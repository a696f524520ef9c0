#pragma once
// Patterns to values, found by name: a trie of levels. Matching costs grow with the name's levels and the wildcards met,
// not with the number of patterns. T is a small value compared by ==. Where a million devices have a branch each, most nodes have
// one child and one value: these two need no memory beside the node.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include <boost/container/small_vector.hpp>

#include "base/compact_text.hpp"
#include "core/level_map.hpp"
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
    struct node {
        compact_text text;  // the literal that leads here
        boost::container::small_vector<T, 1> values;  // of patterns that end here
        level_map<node> literals;
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
        const topic_pattern::level& level = pattern.levels()[depth];
        node* const child = child_of(n, level);
        insert_at(child ? *child : make_child(n, level), pattern, depth + 1, std::move(value));
    }

    static node* child_of(const node& n, const topic_pattern::level& level) {
        switch (level.what) {
            case topic_pattern::kind::one: return n.one.get();
            case topic_pattern::kind::many: return n.many.get();
            case topic_pattern::kind::literal: break;
        }
        return n.literals.find(level.text);
    }

    static node& make_child(node& n, const topic_pattern::level& level) {
        switch (level.what) {
            case topic_pattern::kind::one: return *(n.one = std::make_unique<node>());
            case topic_pattern::kind::many: return *(n.many = std::make_unique<node>());
            case topic_pattern::kind::literal: break;
        }
        return n.literals.child(level.text);
    }

    static void drop_child(node& n, const topic_pattern::level& level) {
        switch (level.what) {
            case topic_pattern::kind::one: return n.one.reset();
            case topic_pattern::kind::many: return n.many.reset();
            case topic_pattern::kind::literal: return n.literals.erase(level.text);
        }
    }

    static bool erase_value(node& n, const T& value) {
        const auto rest = std::remove(n.values.begin(), n.values.end(), value);
        const bool erased = rest != n.values.end();
        n.values.erase(rest, n.values.end());
        return erased;
    }

    static bool erase_at(node& n, const topic_pattern& pattern, std::size_t depth, const T& value) {
        if (depth == pattern.levels().size()) return erase_value(n, value);
        const topic_pattern::level& level = pattern.levels()[depth];
        node* const child = child_of(n, level);
        const bool erased = child && erase_at(*child, pattern, depth + 1, value);
        if (child && child->empty()) drop_child(n, level);
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
        if (const node* const child = n.literals.find(name[depth])) match_at(*child, name, depth + 1, wild, visit);
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
        if (const node* const child = n.literals.find(name[depth])) match_at(*child, name, depth + 1, wild, visit);
    }

    node root_;
    mutable std::uint64_t round_ = 0;
};

}  // namespace causeway::core
