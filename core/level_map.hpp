#pragma once
// What lies below a node in a tree of levels, by the text of the next one. Most nodes have one child or none: that one costs no table,
// which would have room for fifteen.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

namespace causeway::core {

template <class Node>
class level_map {
public:
    bool empty() const { return !only_ && !table_; }

    /// Null if there is none.
    Node* find(std::string_view text) const {
        if (!table_) return only_ && only_text_ == text ? only_.get() : nullptr;
        const auto at = table_->find(text);
        return at == table_->end() ? nullptr : at->second.get();
    }

    /// Made if there is none.
    Node& child(std::string_view text) {
        if (Node* const there = find(text)) return *there;
        auto made = std::make_unique<Node>();
        Node& child = *made;
        if (empty()) {
            only_text_ = text;
            only_ = std::move(made);
            return child;
        }
        if (!table_) {
            table_ = std::make_unique<table>();
            table_->emplace(std::exchange(only_text_, {}), std::move(only_));
        }
        table_->emplace(text, std::move(made));
        return child;
    }

    void erase(std::string_view text) {
        if (!table_) {
            if (only_text_ == text) only_.reset();
        } else if (const auto at = table_->find(text); at != table_->end()) {
            table_->erase(at);
            if (table_->empty()) table_.reset();
        }
    }

    /// visit(text, node) for each, in any order.
    template <class Visit>
    void for_each(Visit&& visit) const {
        if (only_) visit(only_text_, *only_);
        if (!table_) return;
        for (const auto& [text, node] : *table_) visit(text, *node);
    }

private:
    struct hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
    };
    using table = boost::unordered_flat_map<std::string, std::unique_ptr<Node>, hash, std::equal_to<>>;

    std::string only_text_;
    std::unique_ptr<Node> only_;    // if there is one
    std::unique_ptr<table> table_;  // from the second one on, until all are gone
};

}  // namespace causeway::core
