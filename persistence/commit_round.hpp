#pragma once
// What several batches come to, written in one transaction: one operation per key, the last one, in the order of tables and
// keys. So a message that was put and erased within the round is never written, and costs nothing at all if the store has never
// had it. Belongs to one thread.
//
// What comes in is made of runs: each turn's packets of one client bring ascending keys of one queue. So the runs are sorted, and
// only those that overlap are merged.

#include <cstddef>
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
    /// One operation: the first 16 bytes of its key as numbers, which makes comparing fast, and where the rest is.
    struct step {
        std::uint64_t high;
        std::uint64_t low;
        std::uint32_t batch;
        std::uint32_t index;  // there
        std::uint16_t key_size;
        core::table where;
        bool erase;
        bool fresh;
    };
    /// steps_[first] … steps_[last - 1] ascend.
    struct run {
        std::uint32_t first;
        std::uint32_t last;
    };
    core::batch::operation operation_of(const step& s) const { return (*batches_[s.batch])[s.index]; }
    int compare_keys(const step& a, const step& b) const;
    bool before(const step& a, const step& b) const;
    void sort();
    void find_runs();
    void merge(std::span<const run> overlapping);
    void keep(std::span<const step> of_one_key);

    std::vector<const core::batch*> batches_;
    std::vector<step> steps_;
    std::vector<step> sorted_;
    std::vector<step> merged_;
    std::vector<run> runs_;
    std::vector<std::ptrdiff_t> ends_;  // while runs are merged
    std::vector<operation> left_;
};

}  // namespace causeway::persistence
