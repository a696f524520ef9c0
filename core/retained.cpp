#include "core/retained.hpp"

namespace causeway::core {

std::uint64_t retained::set(message_ptr m, std::uint64_t fresh_id) {
    const topic_levels& name = m->levels();
    node* at = &root_;
    for (std::size_t i = 0; i < name.size(); ++i) {
        std::unique_ptr<node>& child = at->below[std::string(name[i])];
        if (!child) child = std::make_unique<node>();
        at = child.get();
    }
    slot& here = at->here;
    if (here.message) {
        bytes_ -= here.message->size();
    } else {
        here.id = fresh_id;
        ++count_;
    }
    bytes_ += m->size();
    here.message = std::move(m);
    return here.id;
}

std::uint64_t retained::clear(const topic_levels& name) { return clear_at(root_, name, 0); }

std::uint64_t retained::clear_at(node& n, const topic_levels& name, std::size_t depth) {
    if (depth == name.size()) {
        if (!n.here.message) return 0;
        bytes_ -= n.here.message->size();
        --count_;
        n.here.message.reset();
        return n.here.id;
    }
    const auto child = n.below.find(name[depth]);
    if (child == n.below.end()) return 0;
    const std::uint64_t cleared = clear_at(*child->second, name, depth + 1);
    if (!child->second->here.message && child->second->below.empty()) n.below.erase(child);
    return cleared;
}

void retained::match(const topic_pattern& pattern, const std::function<void(const slot&)>& visit) const {
    match_at(root_, pattern, 0, true, visit);
}

void retained::match_at(const node& n, const topic_pattern& pattern, std::size_t depth, bool top,
                        const std::function<void(const slot&)>& visit) {
    if (depth == pattern.levels().size()) {
        if (n.here.message) visit(n.here);
        return;
    }
    const topic_pattern::level& level = pattern.levels()[depth];
    switch (level.what) {
        case topic_pattern::kind::literal:
            if (top && depth > 0 && level.text.starts_with('$')) return;  // reached through a leading wildcard
            if (const auto child = n.below.find(level.text); child != n.below.end())
                match_at(*child->second, pattern, depth + 1, false, visit);
            return;
        case topic_pattern::kind::many: match_at(n, pattern, depth + 1, top, visit); break;
        case topic_pattern::kind::one: break;
    }
    const std::size_t next = level.what == topic_pattern::kind::one ? depth + 1 : depth;
    for (const auto& [text, child] : n.below)
        if (!top || text.empty() || text[0] != '$')  // [MQTT-4.7.2-1]
            match_at(*child, pattern, next, false, visit);
}

}  // namespace causeway::core
