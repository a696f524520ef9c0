#pragma once
// LMDB as RAII: environment, transaction, cursor. lmdb.cpp is the only file that sees <lmdb.h>.
//
// Limits of LMDB that its users here keep to: keys have 1-511 bytes; one write transaction at a time; a transaction and its
// cursors belong to one thread, and the cursors go first; no transaction is open while the environment closes; after any
// failed put the transaction is spoilt and must be dropped; one environment per directory and process, never across fork.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "core/store.hpp"

struct MDB_cursor;
struct MDB_env;
struct MDB_txn;

namespace causeway::persistence::lmdb {

/// 0, an errno, or one of LMDB's own.
using code = int;
extern const code not_found;
extern const code map_full;
std::string text_of(code c);

class environment {
public:
    environment() = default;
    ~environment() { close(); }
    environment(const environment&) = delete;
    environment& operator=(const environment&) = delete;

    /// Opens or creates data.mdb and lock.mdb in the directory, with all tables. Reserves `map_bytes` of address space, or the
    /// largest half, quarter, … of it that the system grants: the data can never grow beyond. Every commit is synced.
    code open(const std::string& directory, std::uint64_t map_bytes);
    void close();
    bool is_open() const { return env_ != nullptr; }

    std::uint64_t map_bytes() const { return map_bytes_; }
    /// Of data.mdb up to its last page in use.
    std::uint64_t used_bytes() const;
    int file_descriptor() const;
    /// A consistent copy without free pages, to an empty directory.
    code copy_to(const std::string& directory) const;

private:
    friend class transaction;
    friend class cursor;
    code open_mapped(const std::string& directory, std::uint64_t map_bytes);
    code open_tables();

    MDB_env* env_ = nullptr;
    std::uint64_t map_bytes_ = 0;
    std::array<unsigned, core::table_count> tables_{};
};

/// Dropped unless committed.
class transaction {
public:
    enum class mode { read, write };

    transaction(environment& env, mode m);
    ~transaction();
    transaction(const transaction&) = delete;
    transaction& operator=(const transaction&) = delete;

    /// Why it did not begin; 0 if it did.
    code failed() const { return failed_; }
    /// Written and synced on 0. The transaction is over in any case.
    code commit();

private:
    friend class environment;
    friend class cursor;
    environment& env_;
    MDB_txn* txn_ = nullptr;
    code failed_ = 0;
};

/// A place in a table. The pair at it stays valid until the next call or change of the transaction.
class cursor {
public:
    cursor(transaction& in, core::table where);
    ~cursor();
    cursor(const cursor&) = delete;
    cursor& operator=(const cursor&) = delete;

    code failed() const { return failed_; }

    code first();
    code last();
    code next();
    /// To the first key at or above.
    code seek(std::string_view key);
    /// To exactly this key.
    code find(std::string_view key);
    std::string_view key() const { return key_; }
    std::string_view value() const { return value_; }

    code put(std::string_view key, std::string_view value);
    /// The key is above all others of its table.
    code append(std::string_view key, std::string_view value);
    /// Of the pair at the cursor.
    code erase();

private:
    code move(std::string_view key, int operation);
    code write(std::string_view key, std::string_view value, unsigned flags);

    MDB_cursor* cursor_ = nullptr;
    code failed_ = 0;
    std::string_view key_;
    std::string_view value_;
};

}  // namespace causeway::persistence::lmdb
