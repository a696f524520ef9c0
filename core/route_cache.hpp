#pragma once
// Where messages of one name went the last time, for a bounded number of names: a table in which each name has two places. One more
// name takes the place of an older one, so that a flood of names costs neither memory nor, all at once, time. Belongs to the broker.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/entry.hpp"
#include "core/message.hpp"
#include "core/topology_log.hpp"

namespace causeway::core {

class queue;

/// Where a message goes, one target per queue, options merged over all matching bindings (mapping.md, Delivery).
struct target {
    queue* to = nullptr;
    options_ptr options;            // for everybody's messages, null if none
    options_ptr options_for_own;    // for messages that this queue's own session published (No Local ones left out), null if none
    message_ptr renamed;            // the message under the one of its names that led here, if that is not its first
};
using targets = std::vector<target>;

/// Where messages of one name go from one exchange, as was found or confirmed at this version of the broker's topology.
struct cached_route {
    mutable std::uint64_t version = 0;
    name_hashes hashes;
    std::string name;
    targets to;

    /// Does it hold still?
    bool holds(const topology_log& topology) const {
        if (version == topology.version()) return true;
        if (topology.concerns(hashes, version)) return false;
        version = topology.version();
        return true;
    }
};
/// For a publisher to keep beside an exchange and a name: its next message need not be looked up. Null: none yet.
using route_hint = std::shared_ptr<const cached_route>;

class route_cache {
public:
    static constexpr std::size_t bytes_max = 16 << 20;
    static constexpr std::size_t places_max = 65'536;

    /// Null if it is not known, or may have changed. Given to the hint, too, if there is one.
    const cached_route* find(std::string_view name, const topology_log& topology, route_hint* hint = nullptr) const;

    /// Remembers it, unless it is too large. `levels`: the hash of the name's. What is returned by reference lives until the next call;
    /// `to` itself if it is too large.
    const targets& put(std::string_view name, std::uint64_t levels, const topology_log& topology, const targets& to);

    std::size_t bytes() const { return bytes_; }

private:
    struct place {
        std::size_t hash = 0;  // of the name: who has another one need not look further
        std::shared_ptr<cached_route> route{};
        bool is_for(std::string_view name, std::size_t its_hash) const { return hash == its_hash && route && route->name == name; }
    };

    std::size_t first_place_of(std::size_t hash) const { return (hash & (places_.size() / 2 - 1)) * 2; }
    place& place_for(std::string_view name, std::size_t hash, const topology_log& topology);
    void grow();
    void make_room(const place& but);

    std::vector<place> places_;  // two for each hash, the newer one first
    std::size_t bytes_ = 0;
    std::size_t hand_ = 0;       // of making room: the place to empty next
};

}  // namespace causeway::core
