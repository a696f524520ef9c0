#include "persistence/database.hpp"

#include <cerrno>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "core/record.hpp"

namespace causeway::persistence {

namespace {

constexpr std::string_view format_key = "format";
constexpr std::size_t page_records_max = 1000;
constexpr std::size_t page_bytes_max = 1 << 20;
constexpr std::uint64_t scarce_bytes = 1 << 20;  // less than this free: an I/O error was about space

}  // namespace

/// Some pairs of a table in a row, copied.
struct database::page {
    struct pair {
        std::size_t at;  // the key, then the value
        std::size_t key_size;
        std::size_t value_size;
    };
    std::string bytes;
    std::vector<pair> pairs;
    bool more = false;  // behind the last one

    std::string_view key(const pair& p) const { return std::string_view(bytes).substr(p.at, p.key_size); }
    std::string_view value(const pair& p) const { return std::string_view(bytes).substr(p.at + p.key_size, p.value_size); }
};

database::database(const database_options& options, logger& log)
    : options_(options),
      directory_(options.directory, log),
      ballast_(directory_.file("ballast"), options.ballast_bytes),
      preallocation_(options.preallocate_bytes) {
    open_environment();
    check_format();
    if (environment_.map_bytes() < options_.map_bytes)
        log.warning("address space is limited, so is the store", {{"bytes_max", environment_.map_bytes()}});
}

void database::open_environment() {
    if (const lmdb::code failed = environment_.open(directory_.path(), options_.map_bytes); failed != 0)
        throw std::runtime_error("data directory " + directory_.path() + " cannot be opened: " + lmdb::text_of(failed));
    if (!directory_.sync()) throw std::runtime_error("data directory " + directory_.path() + " cannot be synced");
}

void database::check_format() {
    const std::string where = "data directory " + directory_.path();
    std::optional<std::string> format;
    scan(core::table::meta, format_key, [&](std::string_view key, std::string_view value) {
        if (key == format_key) format = value;
        return false;
    });
    if (!format) {
        if (probe({}) == core::commit_status::stored) return;
        throw std::runtime_error(where + " cannot be written: " + last_failure_);
    }
    const auto version = core::record::decode_meta(*format);
    if (!version) throw std::runtime_error(where + " is damaged: table meta, key format: " + version.error());
    if (version.value() > core::record::format_version)
        throw std::runtime_error(where + " was written by a newer version: it has format " + std::to_string(version.value()) +
                                 ", this program knows up to " + std::to_string(core::record::format_version));
}

// --- writing ---

core::commit_status database::write(std::span<const commit_round::operation> operations) {
    if (suspect_) {
        if (const lmdb::code why = reopen(); why != 0) return failed(why);
    }
    if (!make_room(operations)) return failed(ENOSPC);

    lmdb::transaction txn(environment_, lmdb::transaction::mode::write);
    lmdb::code why = txn.failed();
    if (why == 0) why = apply(txn, operations);
    if (why == 0) {
        why = txn.commit();
        suspect_ = why != 0;
    }
    return why == 0 ? core::commit_status::stored : failed(why);
}

core::commit_status database::probe(std::span<const commit_round::operation> operations) {
    std::string format;
    core::record::encode_meta(format);
    std::vector<commit_round::operation> all{{format_key, format, core::table::meta, false, false}};
    all.insert(all.end(), operations.begin(), operations.end());
    return write(all);
}

lmdb::code database::apply(lmdb::transaction& txn, std::span<const commit_round::operation> operations) {
    while (!operations.empty()) {
        std::size_t count = 1;
        while (count < operations.size() && operations[count].where == operations[0].where) ++count;
        if (const lmdb::code why = apply_table(txn, operations.first(count)); why != 0) return why;
        operations = operations.subspan(count);
    }
    return 0;
}

namespace {

lmdb::code erase_if_there(lmdb::cursor& at, std::string_view key) {
    lmdb::code why = at.find(key);
    if (why == 0) why = at.erase();
    return why == lmdb::not_found ? 0 : why;
}

}  // namespace

/// All of one table, keys ascending: the cursor mostly finds the next place on the page where it stands.
lmdb::code database::apply_table(lmdb::transaction& txn, std::span<const commit_round::operation> operations) {
    lmdb::cursor at(txn, operations[0].where);
    if (at.failed() != 0) return at.failed();

    lmdb::code why = at.last();
    if (why != 0 && why != lmdb::not_found) return why;
    const std::string last_before(why == 0 ? at.key() : std::string_view());
    std::string_view last = last_before;  // no key of the table is above it
    for (const commit_round::operation& o : operations) {
        const bool behind_all = o.key > last;
        if (o.erase) {
            why = behind_all ? 0 : erase_if_there(at, o.key);
        } else {
            why = behind_all ? at.append(o.key, o.value) : at.put(o.key, o.value);
            if (behind_all) last = o.key;
        }
        if (why != 0) return why;
    }
    return 0;
}

/// An estimate that is too high rather than too low: each operation may touch a page of its own. Pages that are free inside
/// the file come on top, so this asks for space early, which is what it is for.
bool database::make_room(std::span<const commit_round::operation> operations) {
    constexpr std::uint64_t fixed_bytes = 256 << 10;  // inner pages and the free list
    std::uint64_t bytes = 0;
    for (const commit_round::operation& o : operations)
        if (!o.erase && o.where != core::table::meta) bytes += 2 * (o.key.size() + o.value.size());
    if (bytes == 0) return true;  // erasing lives on pages that are free inside the file
    bytes += fixed_bytes;
    return preallocation_.reach(environment_.file_descriptor(), environment_.used_bytes() + bytes);
}

lmdb::code database::reopen() {
    const std::unique_lock closed(environment_gate_);
    environment_.close();
    preallocation_.forget();
    const lmdb::code why = environment_.open(directory_.path(), options_.map_bytes);
    suspect_ = why != 0;
    return why;
}

core::commit_status database::failed(lmdb::code why) {
    last_failure_ = lmdb::text_of(why);
    const bool full = why == ENOSPC || why == EDQUOT || why == lmdb::map_full ||
                      // LMDB reports a write that was cut short as an I/O error.
                      (why == EIO && short_of_space(directory_.path(), scarce_bytes));
    return full ? core::commit_status::full : core::commit_status::failed;
}

// --- reading ---

void database::scan(core::table where, std::string_view from, const core::store::visitor& visit) {
    page found;
    std::string last(from);
    read(where, last, false, found);
    for (;;) {
        for (const page::pair& p : found.pairs)
            if (!visit(found.key(p), found.value(p))) return;
        if (!found.more) return;
        last = found.key(found.pairs.back());
        read(where, last, true, found);
    }
}

void database::read(core::table where, std::string_view from, bool after, page& out) {
    out.bytes.clear();
    out.pairs.clear();
    out.more = false;
    const std::shared_lock open(environment_gate_);
    const lmdb::code why = environment_.is_open() ? read_pairs(where, from, after, out) : EIO;
    if (why != 0 && why != lmdb::not_found)
        throw std::runtime_error("table " + std::string(core::name_of(where)) + " cannot be read: " + lmdb::text_of(why));
}

lmdb::code database::read_pairs(core::table where, std::string_view from, bool after, page& out) {
    lmdb::transaction txn(environment_, lmdb::transaction::mode::read);
    if (txn.failed() != 0) return txn.failed();
    lmdb::cursor at(txn, where);
    if (at.failed() != 0) return at.failed();

    lmdb::code why = at.seek(from);
    if (why == 0 && after && at.key() == from) why = at.next();
    for (; why == 0; why = at.next()) {
        out.more = out.pairs.size() >= page_records_max || out.bytes.size() >= page_bytes_max;
        if (out.more) return 0;
        out.pairs.push_back({out.bytes.size(), at.key().size(), at.value().size()});
        out.bytes.append(at.key()).append(at.value());
    }
    return why;
}

std::string database::copy_to(const std::string& directory) {
    const std::shared_lock open(environment_gate_);
    const lmdb::code why = environment_.is_open() ? environment_.copy_to(directory) : EIO;
    return why == 0 ? std::string() : lmdb::text_of(why);
}

}  // namespace causeway::persistence
