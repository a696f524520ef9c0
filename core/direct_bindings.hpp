#pragma once
// The bindings of a direct exchange, by key. A key is compared with the name of a message as both were written; if they were written
// in different protocols, by their levels. Belongs to the broker thread.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "core/message.hpp"

namespace causeway::core {

struct binding;

class direct_bindings {
public:
    void add(binding& b);
    void remove(const binding& b);
    void match(const message& m, std::vector<const binding*>& out) const;

private:
    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>()(s); }
    };
    using equals = std::vector<binding*>;  // many queues may be bound by one key, and go together
    using by_levels = boost::unordered_flat_map<std::uint64_t, equals>;  // by the hash of the key's levels

    bool has_foreign(const message& m) const;
    const by_levels& levels() const;

    boost::unordered_flat_map<std::string, equals, text_hash, std::equal_to<>> by_key_;
    std::size_t count_ = 0;
    std::size_t written_by_[3] = {};          // so many of them, by protocol
    mutable std::optional<by_levels> levels_;  // made when it is first needed: most exchanges never see two protocols
};

}  // namespace causeway::core
