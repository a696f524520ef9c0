#pragma once
// What lies below a node in a tree of levels, by the text that leads to it, which is the child's member `compact_text text`. Most nodes
// have one child or none: that one costs no table, which would have room for fifteen.

#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include <boost/unordered/unordered_flat_set.hpp>

#include "base/compact_text.hpp"

namespace causeway::core {

template <class Node>
class level_map {
public:
    bool empty() const { return !only_ && !several_; }

    /// Null if there is none.
    Node* find(std::string_view text) const {
        if (only_) return only_->text.view() == text ? only_.get() : nullptr;
        if (!several_) return nullptr;
        const auto at = several_->find(text);
        return at == several_->end() ? nullptr : at->get();
    }

    /// Made if there is none.
    Node& child(std::string_view text) {
        if (Node* const there = find(text)) return *there;
        auto made = std::make_unique<Node>();
        made->text = compact_text(text);
        Node& added = *made;
        if (empty()) {
            only_ = std::move(made);
            return added;
        }
        if (!several_) several_ = std::make_unique<table>();
        if (only_) several_->insert(std::move(only_));
        several_->insert(std::move(made));
        return added;
    }

    void erase(std::string_view text) {
        if (only_ && only_->text.view() == text) only_.reset();
        if (!several_) return;
        if (const auto at = several_->find(text); at != several_->end()) several_->erase(at);
        if (several_->empty()) several_.reset();
    }

    /// visit(child) for each, in any order.
    template <class Visit>
    void for_each(Visit&& visit) const {
        if (only_) visit(*only_);
        if (!several_) return;
        for (const auto& each : *several_) visit(*each);
    }

private:
    static std::string_view text_of(std::string_view text) { return text; }
    static std::string_view text_of(const std::unique_ptr<Node>& n) { return n->text.view(); }
    struct hash {
        using is_transparent = void;
        std::size_t operator()(const auto& key) const { return std::hash<std::string_view>()(text_of(key)); }
    };
    struct same {
        using is_transparent = void;
        bool operator()(const auto& a, const auto& b) const { return text_of(a) == text_of(b); }
    };
    using table = boost::unordered_flat_set<std::unique_ptr<Node>, hash, same>;

    std::unique_ptr<Node> only_;      // if there is one
    std::unique_ptr<table> several_;  // from the second one on, until all are gone
};

}  // namespace causeway::core
