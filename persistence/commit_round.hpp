#pragma once
// What several batches come to, written in one transaction: one operation per key, the last one, in the order of tables and
// keys. So a message that was put and erased within the round is never written. Belongs to one thread.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/store.hpp"

namespace causeway::persistence {

class commit_round {
public:
    struct operation {
        std::string_view key;
        std::string_view value;
        core::table where;
        bool erase;
        bool erased_before;  // by an earlier operation of this round
    };

    /// The batch must stay where it is until clear().
    void add(const core::batch& what);

    /// What is left of all that was added. Once, after the last add.
    std::span<const operation> collapse();

    void clear();

private:
    /// An operation with what makes comparing fast: the first 16 bytes of the key as numbers.
    struct step {
        std::uint64_t high;
        std::uint64_t low;
        operation what;
        std::uint32_t order;
    };
    static bool before(const step& a, const step& b);
    static bool same_key(const step& a, const step& b);

    std::vector<step> steps_;
    std::vector<operation> left_;
};

}  // namespace causeway::persistence
