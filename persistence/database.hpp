#pragma once
// The opened data directory: lock, LMDB environment, format and the space kept in reserve. One thread writes (the commit
// thread); any thread reads, a page at a time, so that no reader holds old pages for long.

#include <cstdint>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.hpp"
#include "persistence/data_directory.hpp"
#include "persistence/disk_space.hpp"
#include "persistence/lmdb.hpp"
#include "persistence/commit_round.hpp"

namespace causeway::persistence {

struct database_options {
    std::string directory;
    std::uint64_t map_bytes = 1ULL << 40;         // the most that the data can ever be; costs address space only
    std::uint64_t ballast_bytes = 64ULL << 20;    // 0: none
    std::uint64_t preallocate_bytes = 64ULL << 20;  // the largest step of the data file's growth; 0: none
};

class database {
public:
    /// Opens or creates. Throws std::runtime_error with a text for the operator: in use, not writable, unsuitable file
    /// system, damaged, or of a newer format.
    database(const database_options& options, logger& log);

    // --- the writing thread only ---
    /// All of it in one transaction, durable if it returns stored. Nothing of it has happened otherwise.
    core::commit_status write(std::span<const commit_round::operation> operations);
    /// Writes something harmless and syncs it, opening the environment anew first if a commit failed.
    core::commit_status probe(std::span<const commit_round::operation> operations);
    bool restore_ballast() { return ballast_.restore(); }
    void release_ballast() { ballast_.release(); }
    /// What the last failure was about.
    const std::string& last_failure() const { return last_failure_; }

    // --- any thread ---
    /// As core::store::scan, but not one snapshot: pairs that are written or erased meanwhile may or may not be seen. The
    /// visitor may take its time and scan other tables. Throws std::runtime_error if the table cannot be read.
    void scan(core::table where, std::string_view from, const core::store::visitor& visit);
    void find(core::table where, std::string_view key, const core::store::visitor& visit);
    /// One page, in one short transaction.
    void read(const core::page_request& what, core::page& out);

    /// A compacted copy of everything durable into an empty directory. Empty text on success.
    std::string copy_to(const std::string& directory);

private:
    void open_environment();
    void check_format();
    lmdb::code reopen();
    lmdb::code apply(lmdb::transaction& txn, std::span<const commit_round::operation> operations);
    lmdb::code apply_table(lmdb::transaction& txn, std::span<const commit_round::operation> operations);
    struct range;
    void read_range(const range& what, core::page& out);
    lmdb::code read_pairs(const range& what, core::page& out);
    lmdb::code find_pairs(const core::page_request& what, core::page& out);
    bool make_room(std::span<const commit_round::operation> operations);
    core::commit_status failed(lmdb::code why);

    database_options options_;
    data_directory directory_;
    ballast ballast_;
    preallocation preallocation_;
    std::shared_mutex environment_gate_;  // exclusively held only while the environment is opened anew
    lmdb::environment environment_;
    bool suspect_ = false;                // a commit failed: open anew before trusting it
    std::string last_failure_;
};

}  // namespace causeway::persistence
