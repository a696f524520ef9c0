#include "core/consistent_hash.hpp"

#include <charconv>
#include <cmath>

namespace causeway::core {

namespace {

/// Every bit of the input decides about every bit of the result (the finalizer of SplitMix64).
std::uint64_t mixed(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58'476D'1CE4'E5B9;
    x = (x ^ (x >> 27)) * 0x94D0'49BB'1331'11EB;
    return x ^ (x >> 31);
}

/// Evenly over (0, 1).
double fraction(std::uint64_t bits) { return (static_cast<double>(bits >> 11) + 0.5) / 9'007'199'254'740'992.0; }

}  // namespace

std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed) {
    std::uint64_t hash = 0xCBF2'9CE4'8422'2325 ^ seed;  // FNV-1a
    for (const char c : bytes) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100'0000'01B3;
    return mixed(hash);
}

std::uint64_t stable_hash(const topic_levels& levels) {
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < levels.size(); ++i) hash = stable_hash(levels[i], hash);
    return hash;
}

std::uint64_t stable_hash(const topic_pattern& literal) {
    std::uint64_t hash = 0;
    for (const topic_pattern::level& l : literal.levels()) hash = stable_hash(l.text, hash);
    return hash;
}

std::optional<std::int64_t> parse_weight(std::string_view key) {
    if (key.starts_with('+') && key.size() > 1 && key[1] != '-') key.remove_prefix(1);
    std::int64_t weight = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), weight);
    if (error != std::errc() || end != key.data() + key.size()) return std::nullopt;
    return weight;
}

void consistent_hash::add(const binding& b, std::string_view destination, std::int64_t weight) {
    buckets_.push_back({&b, stable_hash(destination), static_cast<double>(weight)});
}

void consistent_hash::remove(const binding& b) {
    std::erase_if(buckets_, [&b](const bucket& each) { return each.to == &b; });
}

const binding* consistent_hash::choose(std::uint64_t value) const {
    const binding* best = nullptr;
    double best_score = 0;
    for (const bucket& each : buckets_) {
        // An exponential draw whose rate is the weight: the least of several is each one's in proportion to its rate.
        const double score = -std::log(fraction(mixed(value ^ each.hash))) / each.weight;
        if (best && score >= best_score) continue;
        best = each.to;
        best_score = score;
    }
    return best;
}

}  // namespace causeway::core
