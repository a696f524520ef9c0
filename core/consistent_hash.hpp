#pragma once
// Which of several weighted destinations a value belongs to: rendezvous hashing. Each destination draws a score from its name, its
// weight and the value, and the best one wins. So shares are as the weights are, nothing but destinations' names decides
// (restarts change nothing), and with a destination come or gone only the values move that it takes or had.
// Choosing costs a few nanoseconds per destination, whatever the weights.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/topic.hpp"

namespace causeway::core {

struct binding;

/// Equal for equal bytes, on every machine and in every version: it decides where stored messages went.
std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed = 0);
/// A name hashes alike whichever protocol it was written in.
std::uint64_t stable_hash(const topic_levels& levels);
/// … and a literal pattern as the name that it matches.
std::uint64_t stable_hash(const topic_pattern& literal);

/// A binding key as a weight: digits with an optional sign. Nothing: it is none.
std::optional<std::int64_t> parse_weight(std::string_view key);

class consistent_hash {
public:
    /// Several bindings of one destination count as the heaviest of them.
    void add(const binding& b, std::string_view destination, std::int64_t weight);
    void remove(const binding& b);
    /// nullptr: there is none.
    const binding* choose(std::uint64_t value) const;

private:
    struct bucket {
        const binding* to;
        std::uint64_t hash;
        double weight;
    };
    std::vector<bucket> buckets_;
};

}  // namespace causeway::core
