#include "persistence/lmdb.hpp"

#include <lmdb.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "base/check.hpp"

namespace causeway::persistence::lmdb {

const code not_found = MDB_NOTFOUND;
const code map_full = MDB_MAP_FULL;

namespace {

// Sync on every commit is LMDB's default; never add NOSYNC, NOMETASYNC or WRITEMAP (docs/storage.md, "What is synced").
constexpr unsigned environment_flags = MDB_NOTLS | MDB_NORDAHEAD;
constexpr mdb_mode_t file_mode = 0600;
constexpr std::uint64_t map_bytes_min = 1 << 20;
constexpr std::uint64_t map_unit_bytes = 1 << 16;  // a multiple of every page size

MDB_val to_val(std::string_view bytes) { return {bytes.size(), const_cast<char*>(bytes.data())}; }

std::string_view to_view(const MDB_val& val) { return {static_cast<const char*>(val.mv_data), val.mv_size}; }

}  // namespace

std::string text_of(code c) { return mdb_strerror(c); }

// --- environment ---

code environment::open(const std::string& directory, std::uint64_t map_bytes) {
    ENSURE(env_ == nullptr);
    std::uint64_t wanted = std::min<std::uint64_t>(map_bytes, std::numeric_limits<std::size_t>::max() / 2);
    wanted = std::max(wanted, map_bytes_min);
    for (;; wanted /= 2) {
        wanted -= wanted % map_unit_bytes;
        const code failed = open_mapped(directory, wanted);
        if (failed == 0) return open_tables();
        close();
        // Memory checkers answer EINVAL where the kernel says ENOMEM.
        if ((failed != ENOMEM && failed != EINVAL) || wanted / 2 < map_bytes_min) return failed;
    }
}

code environment::open_mapped(const std::string& directory, std::uint64_t map_bytes) {
    map_bytes_ = map_bytes;
    if (const code failed = mdb_env_create(&env_); failed != 0) return failed;
    if (const code failed = mdb_env_set_mapsize(env_, static_cast<std::size_t>(map_bytes)); failed != 0) return failed;
    if (const code failed = mdb_env_set_maxdbs(env_, core::table_count); failed != 0) return failed;
    return mdb_env_open(env_, directory.c_str(), environment_flags, file_mode);
}

code environment::open_tables() {
    int dead = 0;
    mdb_reader_check(env_, &dead);  // slots of processes that were killed
    code failed = 0;
    {
        transaction txn(*this, transaction::mode::write);
        failed = txn.failed();
        for (std::size_t t = 0; failed == 0 && t < core::table_count; ++t)
            failed = mdb_dbi_open(txn.txn_, core::name_of(static_cast<core::table>(t)), MDB_CREATE, &tables_[t]);
        if (failed == 0) failed = txn.commit();
    }
    if (failed != 0) close();
    return failed;
}

void environment::close() {
    if (env_) mdb_env_close(env_);
    env_ = nullptr;
}

std::uint64_t environment::used_bytes() const {
    MDB_envinfo info{};
    MDB_stat stat{};
    mdb_env_info(env_, &info);
    mdb_env_stat(env_, &stat);
    return (info.me_last_pgno + 1) * stat.ms_psize;
}

int environment::file_descriptor() const {
    int fd = -1;
    mdb_env_get_fd(env_, &fd);
    return fd;
}

code environment::copy_to(const std::string& directory) const { return mdb_env_copy2(env_, directory.c_str(), MDB_CP_COMPACT); }

// --- transaction ---

transaction::transaction(environment& env, mode m) : env_(env) {
    ENSURE(env.env_ != nullptr);
    failed_ = mdb_txn_begin(env.env_, nullptr, m == mode::read ? MDB_RDONLY : 0, &txn_);
    if (failed_ != 0) txn_ = nullptr;
}

transaction::~transaction() {
    if (txn_) mdb_txn_abort(txn_);
}

code transaction::commit() { return mdb_txn_commit(std::exchange(txn_, nullptr)); }

// --- cursor ---

cursor::cursor(transaction& in, core::table where) {
    ENSURE(in.txn_ != nullptr);
    failed_ = mdb_cursor_open(in.txn_, in.env_.tables_[static_cast<std::size_t>(where)], &cursor_);
    if (failed_ != 0) cursor_ = nullptr;
}

cursor::~cursor() {
    if (cursor_) mdb_cursor_close(cursor_);
}

code cursor::first() { return move({}, MDB_FIRST); }
code cursor::last() { return move({}, MDB_LAST); }
code cursor::next() { return move({}, MDB_NEXT); }
code cursor::seek(std::string_view key) { return key.empty() ? first() : move(key, MDB_SET_RANGE); }
code cursor::find(std::string_view key) { return move(key, MDB_SET_KEY); }

code cursor::move(std::string_view key, int operation) {
    MDB_val k = to_val(key);
    MDB_val v{};
    const code failed = mdb_cursor_get(cursor_, &k, &v, static_cast<MDB_cursor_op>(operation));
    if (failed != 0) return failed;
    key_ = to_view(k);
    value_ = to_view(v);
    return 0;
}

code cursor::put(std::string_view key, std::string_view value) { return write(key, value, 0); }
code cursor::append(std::string_view key, std::string_view value) { return write(key, value, MDB_APPEND); }

code cursor::write(std::string_view key, std::string_view value, unsigned flags) {
    MDB_val k = to_val(key);
    MDB_val v = to_val(value);
    return mdb_cursor_put(cursor_, &k, &v, flags);
}

code cursor::erase() { return mdb_cursor_del(cursor_, 0); }

}  // namespace causeway::persistence::lmdb
