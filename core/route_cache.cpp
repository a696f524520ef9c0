#include "core/route_cache.hpp"

#include <algorithm>
#include <utility>

namespace causeway::core {

namespace {

constexpr std::size_t places_at_first = 64;
constexpr std::size_t spare_targets_max = 16;  // that a place may have memory for beyond its need

std::size_t cost(std::size_t name_bytes, std::size_t target_count) {
    return sizeof(cached_route) + 32 + name_bytes + target_count * sizeof(target);
}

std::size_t cost(const cached_route& r) { return cost(r.name.capacity(), r.to.capacity()); }

}  // namespace

const cached_route* route_cache::find(std::string_view name, const topology_log& topology, route_hint* hint) const {
    if (places_.empty()) return nullptr;
    const std::size_t hash = hash_of_text(name), first = first_place_of(hash);
    for (const std::size_t at : {first, first + 1}) {
        const place& p = places_[at];
        if (!p.is_for(name, hash) || !p.route->holds(topology)) continue;
        if (hint) *hint = p.route;
        return p.route.get();
    }
    return nullptr;
}

const targets& route_cache::put(std::string_view name, std::uint64_t levels, const topology_log& topology, const targets& to) {
    if (cost(name.size(), to.size()) > bytes_max / 2) return to;
    if (places_.empty()) places_.resize(places_at_first);
    const std::size_t hash = hash_of_text(name);
    place& p = place_for(name, hash, topology);
    if (p.route) bytes_ -= cost(*p.route);
    const bool wasteful = p.route && p.route->to.capacity() > to.size() + spare_targets_max;
    if (!p.route || p.route.use_count() > 1 || wasteful) p.route = std::make_shared<cached_route>();
    p.hash = hash;
    p.route->version = topology.version();
    p.route->hashes = {.levels = levels, .text = hash};
    p.route->name.assign(name);
    p.route->to = to;
    bytes_ += cost(*p.route);
    if (bytes_ > bytes_max) make_room(p);
    return p.route->to;
}

/// Its own place, else one that holds nothing of use, else that of the older of two.
route_cache::place& route_cache::place_for(std::string_view name, std::size_t hash, const topology_log& topology) {
    for (;; grow()) {
        place& newer = places_[first_place_of(hash)];
        place& older = places_[first_place_of(hash) + 1];
        for (place* const p : {&newer, &older})
            if (p->is_for(name, hash)) return *p;
        for (place* const p : {&newer, &older})
            if (!p->route || !p->route->holds(topology)) return *p;
        if (places_.size() < places_max) continue;
        std::swap(newer, older);
        return newer;
    }
}

/// Those of one pair go to two pairs that only they can go to: there is room for each.
void route_cache::grow() {
    std::vector<place> before = std::exchange(places_, std::vector<place>(places_.size() * 2));
    hand_ = 0;
    for (place& p : before) {
        if (!p.route) continue;
        place* const first = &places_[first_place_of(p.hash)];
        (first[0].route ? first[1] : first[0]) = std::move(p);
    }
}

void route_cache::make_room(const place& but) {
    for (; bytes_ > bytes_max; hand_ = (hand_ + 1) % places_.size()) {
        place& p = places_[hand_];
        if (&p == &but || !p.route) continue;
        bytes_ -= cost(*p.route);
        p.route.reset();
    }
}

}  // namespace causeway::core
