#include "core/retained.hpp"

#include <algorithm>

#include <boost/unordered/unordered_flat_set.hpp>

namespace causeway::core {

/// One match under way. A pattern with several "#" meets a node in many ways, and the first one does.
struct retained::search {
    search(const topic_pattern& p, const std::function<void(const slot&)>& v)
        : pattern(p), visit(v), several(std::count_if(p.levels().begin(), p.levels().end(), [](const topic_pattern::level& l) {
                                            return l.what == topic_pattern::kind::many;
                                        }) > 1) {}
    bool first_time(const node& n, std::size_t depth) { return !several || met.emplace(&n, depth).second; }

    const topic_pattern& pattern;
    const std::function<void(const slot&)>& visit;
    bool several;
    boost::unordered_flat_set<std::pair<const node*, std::size_t>> met;
};

std::uint64_t retained::set(message_ptr m, std::uint64_t fresh_id) {
    const topic_levels& name = m->levels();
    node* at = &root_;
    for (std::size_t i = 0; i < name.size(); ++i) at = &at->below.child(name[i]);
    slot& here = at->here;
    if (here.message)
        take_away(here);
    else
        here.id = fresh_id;
    ++count_;
    bytes_ += m->size();
    if (m->expires_wall_ms() != 0) expiring_.emplace(std::pair(m->expires_wall_ms(), here.id), m.get());
    here.message = std::move(m);
    return here.id;
}

void retained::take_away(slot& s) {
    bytes_ -= s.message->size();
    --count_;
    if (s.message->expires_wall_ms() != 0) expiring_.erase({s.message->expires_wall_ms(), s.id});
    s.message.reset();
}

const message* retained::find(const topic_levels& name) const {
    const node* at = &root_;
    for (std::size_t i = 0; i < name.size(); ++i) {
        at = at->below.find(name[i]);
        if (!at) return nullptr;
    }
    return at->here.message.get();
}

std::uint64_t retained::clear(const topic_levels& name) { return clear_at(root_, name, 0); }

std::uint64_t retained::clear_expired(std::int64_t wall_ms) {
    if (expiring_.empty() || expiring_.begin()->first.first > wall_ms) return 0;
    const topic_levels name = expiring_.begin()->second->levels();  // a copy: the message goes
    return clear(name);
}

std::uint64_t retained::clear_at(node& n, const topic_levels& name, std::size_t depth) {
    if (depth == name.size()) {
        if (!n.here.message) return 0;
        take_away(n.here);
        return n.here.id;
    }
    node* const child = n.below.find(name[depth]);
    if (!child) return 0;
    const std::uint64_t cleared = clear_at(*child, name, depth + 1);
    if (!child->here.message && child->below.empty()) n.below.erase(name[depth]);
    return cleared;
}

void retained::match(const topic_pattern& pattern, const std::function<void(const slot&)>& visit) const {
    search s(pattern, visit);
    match_at(root_, s, 0, true);
}

void retained::match_at(const node& n, search& s, std::size_t depth, bool top) {
    if (!s.first_time(n, depth)) return;
    if (depth == s.pattern.levels().size()) {
        if (n.here.message) s.visit(n.here);
        return;
    }
    const topic_pattern::level& level = s.pattern.levels()[depth];
    switch (level.what) {
        case topic_pattern::kind::literal:
            if (top && depth > 0 && level.text.starts_with('$')) return;  // reached through a leading wildcard
            if (const node* const child = n.below.find(level.text)) match_at(*child, s, depth + 1, false);
            return;
        case topic_pattern::kind::many: match_at(n, s, depth + 1, top); break;
        case topic_pattern::kind::one: break;
    }
    const std::size_t next = level.what == topic_pattern::kind::one ? depth + 1 : depth;
    n.below.for_each([&](const node& child) {
        if (!top || !child.text.view().starts_with('$'))  // [MQTT-4.7.2-1]
            match_at(child, s, next, false);
    });
}

}  // namespace causeway::core
