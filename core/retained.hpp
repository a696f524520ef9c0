#pragma once
// The last retained message of each topic, found by name or by pattern. Belongs to the broker thread.

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "base/compact_text.hpp"
#include "core/level_map.hpp"
#include "core/message.hpp"
#include "core/topic.hpp"

namespace causeway::core {

class retained {
public:
    struct slot {
        std::uint64_t id = 0;  // its record's key
        message_ptr message;
    };

    /// Puts the message in its topic's place. Returns the slot's id (the old one if the topic had one, else `fresh_id`).
    std::uint64_t set(message_ptr m, std::uint64_t fresh_id);
    /// Takes the topic's message away; 0 if there was none.
    std::uint64_t clear(const topic_levels& name);
    /// Takes one away that has expired by then, the oldest first; 0 if there is none.
    std::uint64_t clear_expired(std::int64_t wall_ms);
    /// When the next one expires; 0: none does.
    std::int64_t next_expiry_wall_ms() const { return expiring_.empty() ? 0 : expiring_.begin()->first.first; }

    /// Each message whose topic the pattern matches, the '$' rule applied.
    void match(const topic_pattern& pattern, const std::function<void(const slot&)>& visit) const;

    /// This topic's message, or nullptr.
    const message* find(const topic_levels& name) const;

    std::size_t size() const { return count_; }
    std::size_t bytes() const { return bytes_; }

private:
    struct node {
        compact_text text;  // the level that leads here
        slot here;
        level_map<node> below;
    };
    struct search;
    static void match_at(const node& n, search& s, std::size_t depth, bool top);
    std::uint64_t clear_at(node& n, const topic_levels& name, std::size_t depth);
    void take_away(slot& s);

    node root_;
    std::map<std::pair<std::int64_t, std::uint64_t>, const message*> expiring_;  // by expiry and slot
    std::size_t count_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace causeway::core
