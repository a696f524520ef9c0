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

/// Pairs of a table in a row.
struct database::range {
    core::table where;
    std::string_view from;
    bool after = false;      // not that one itself
    const std::string* to = nullptr;
    std::size_t records_max = page_records_max;
    std::size_t bytes_max = page_bytes_max;
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
    core::page found;
    std::string last(from);
    read_range({.where = where, .from = last}, found);
    for (;;) {
        for (std::size_t i = 0; i < found.size(); ++i)
            if (!visit(found.key(i), found.value(i))) return;
        if (!found.more) return;
        last = found.key(found.size() - 1);
        read_range({.where = where, .from = last, .after = true}, found);
    }
}

void database::find(core::table where, std::string_view key, const core::store::visitor& visit) {
    core::page found;
    read({.where = where, .from = {}, .to = {}, .keys = {std::string(key)}}, found);
    if (found.failed) throw std::runtime_error("table " + std::string(core::name_of(where)) + " cannot be read");
    if (found.size() > 0) visit(found.key(0), found.value(0));
}

void database::read_range(const range& what, core::page& out) {
    out.clear();
    const std::shared_lock open(environment_gate_);
    const lmdb::code why = environment_.is_open() ? read_pairs(what, out) : EIO;
    if (why != 0 && why != lmdb::not_found)
        throw std::runtime_error("table " + std::string(core::name_of(what.where)) + " cannot be read: " + lmdb::text_of(why));
}

void database::read(const core::page_request& what, core::page& out) {
    out.id = what.id;
    const std::shared_lock open(environment_gate_);
    lmdb::code why = EIO;
    if (environment_.is_open())
        why = what.keys.empty() ? read_pairs({.where = what.where,
                                              .from = what.from,
                                              .to = &what.to,
                                              .records_max = what.records_max,
                                              .bytes_max = what.bytes_max},
                                             out)
                                : find_pairs(what, out);
    if (why == 0 || why == lmdb::not_found) return;
    out.clear();
    out.failed = true;
}

namespace {

bool is_full(const core::page& p, std::size_t records_max, std::size_t bytes_max) {
    return p.size() >= records_max || (p.size() > 0 && p.bytes() >= bytes_max);
}

}  // namespace

lmdb::code database::read_pairs(const range& what, core::page& out) {
    lmdb::transaction txn(environment_, lmdb::transaction::mode::read);
    if (txn.failed() != 0) return txn.failed();
    lmdb::cursor at(txn, what.where);
    if (at.failed() != 0) return at.failed();

    lmdb::code why = at.seek(what.from);
    if (why == 0 && what.after && at.key() == what.from) why = at.next();
    for (; why == 0; why = at.next()) {
        if (what.to && at.key() > *what.to) return 0;
        out.more = is_full(out, what.records_max, what.bytes_max);
        if (out.more) return 0;
        out.add(at.key(), at.value());
    }
    return why;
}

lmdb::code database::find_pairs(const core::page_request& what, core::page& out) {
    lmdb::transaction txn(environment_, lmdb::transaction::mode::read);
    if (txn.failed() != 0) return txn.failed();
    lmdb::cursor at(txn, what.where);
    if (at.failed() != 0) return at.failed();

    for (const std::string& key : what.keys) {
        const lmdb::code why = at.find(key);
        if (why == lmdb::not_found) continue;
        if (why != 0) return why;
        out.more = is_full(out, what.records_max, what.bytes_max);
        if (out.more) return 0;
        out.add(key, at.value());
    }
    return 0;
}

std::string database::copy_to(const std::string& directory) {
    const std::shared_lock open(environment_gate_);
    const lmdb::code why = environment_.is_open() ? environment_.copy_to(directory) : EIO;
    return why == 0 ? std::string() : lmdb::text_of(why);
}

}  // namespace causeway::persistence
