#include "core/direct_bindings.hpp"

#include "core/consistent_hash.hpp"
#include "core/exchange.hpp"

namespace causeway::core {

namespace {

using place_of = std::uint32_t binding::*;

void add_equal(std::vector<binding*>& equals, binding& b, place_of place) {
    b.*place = static_cast<std::uint32_t>(equals.size());
    equals.push_back(&b);
}

void remove_equal(std::vector<binding*>& equals, const binding& b, place_of place) {
    equals[b.*place] = equals.back();
    equals[b.*place]->*place = b.*place;
    equals.pop_back();
}

template <class Map>
void remove_from(Map& all, typename Map::iterator at, const binding& b, place_of place) {
    remove_equal(at->second, b, place);
    if (at->second.empty()) all.erase(at);
}

std::size_t writer_of(const binding& b) { return static_cast<std::size_t>(b.from->id()); }

/// Not written in the protocol of the message: levels are compared.
bool is_foreign(const binding& b, const message& m) { return m.origin() && b.from->id() != m.from(); }

std::uint64_t hash_of_key(const binding& b) { return stable_hash(b.from->levels(b.key)); }

}  // namespace

void direct_bindings::add(binding& b) {
    ++count_;
    ++written_by_[writer_of(b)];
    add_equal(by_key_[b.key], b, &binding::place_of_equals);
    if (levels_) add_equal((*levels_)[hash_of_key(b)], b, &binding::place_of_levels);
}

void direct_bindings::remove(const binding& b) {
    --count_;
    --written_by_[writer_of(b)];
    remove_from(by_key_, by_key_.find(b.key), b, &binding::place_of_equals);
    if (levels_) remove_from(*levels_, levels_->find(hash_of_key(b)), b, &binding::place_of_levels);
}

bool direct_bindings::has_foreign(const message& m) const {
    return m.origin() && written_by_[static_cast<std::size_t>(m.from())] < count_;
}

const direct_bindings::by_levels& direct_bindings::levels() const {
    if (levels_) return *levels_;
    levels_.emplace();
    for (const auto& [key, bindings] : by_key_)
        for (binding* b : bindings) add_equal((*levels_)[hash_of_key(*b)], *b, &binding::place_of_levels);
    return *levels_;
}

void direct_bindings::match(const message& m, std::vector<const binding*>& out) const {
    if (const auto at = by_key_.find(m.name()); at != by_key_.end())
        for (const binding* b : at->second)
            if (!is_foreign(*b, m)) out.push_back(b);
    if (!has_foreign(m)) return;
    const by_levels& foreign = levels();
    if (const auto at = foreign.find(stable_hash(m.levels())); at != foreign.end())
        for (const binding* b : at->second)
            if (is_foreign(*b, m) && b->from->levels(b->key) == m.levels()) out.push_back(b);
}

}  // namespace causeway::core
