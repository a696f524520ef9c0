#pragma once
// The port to durable storage: ordered tables of byte keys and values, written in atomic batches. Implemented in
// persistence/ (LMDB, and a memory twin); both pass tests/contract. Keys are at most 511 bytes. What the values mean is
// in record.hpp.
//
// The broker thread submits one batch a turn with rising sequence numbers and goes on; the store makes batches durable
// in that order, several at a time, and reports it in completions. Nothing may be acknowledged before its batch is.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace causeway::core {

/// Stored as the table's number in nothing, as its name in LMDB: never rename.
enum class table : std::uint8_t { meta, exchanges, queues, bindings, sessions, received, entries, messages, retained, shares, members, retired, delayed };
inline constexpr std::size_t table_count = 13;
const char* name_of(table t);

/// What one turn wants written: puts and erases, applied in order. An erase of a missing key is no error.
class batch {
public:
    struct operation {
        table where;
        bool erase;
        bool fresh;  // a put of a key that the store has never had: if it is erased before it was written, there is nothing to do
        std::string_view key;
        std::string_view value;
    };

    void put(table where, std::string_view key, std::string_view value) {
        begin(key);
        bytes_.append(value);
        end(where, key.size(), false, false);
    }
    /// `write(std::string&)` appends the value.
    template <class Write>
    void put(table where, std::string_view key, bool fresh, Write write) {
        begin(key);
        write(bytes_);
        end(where, key.size(), false, fresh);
    }
    void erase(table where, std::string_view key) {
        begin(key);
        end(where, key.size(), true, false);
    }

    bool empty() const { return operations_.empty(); }
    std::size_t size() const { return operations_.size(); }
    std::size_t bytes() const { return bytes_.size(); }
    operation operator[](std::size_t index) const;
    void clear();

private:
    struct slot {
        std::uint64_t offset;
        std::uint32_t value_size;
        std::uint16_t key_size;
        table where;
        bool erase : 1;
        bool fresh : 1;
    };
    void begin(std::string_view key);
    void end(table where, std::size_t key_size, bool erase, bool fresh);

    std::string bytes_;
    std::size_t begun_ = 0;  // where the operation being added begins
    std::vector<slot> operations_;
};

/// A batch number; 0 means "nothing to wait for".
using commit_number = std::uint64_t;

enum class commit_status : std::uint8_t {
    stored,  // durable
    full,    // not written: no space. The store keeps trying and reports `available` again
    failed,  // not written: I/O error. As above
};

/// Batches first..last (inclusive) are done. Reported in order, without gaps.
struct completion {
    commit_number first = 0;
    commit_number last = 0;
    commit_status status = commit_status::stored;
};

/// Pairs of a table, wanted while the turns go on: those between two keys, or those of the given keys that are there.
struct page_request {
    std::uint64_t id = 0;             // the caller's, for the answer
    table where = table::meta;
    std::string from;                 // the first key at or above …
    std::string to;                   // … up to this one
    std::vector<std::string> keys{};  // instead, if there are any
    std::size_t records_max = 1;
    std::size_t bytes_max = 1;        // of keys and values; one pair comes whatever its size
};

/// What was found, in the order of keys, or of the keys asked for.
class page {
public:
    std::uint64_t id = 0;
    bool failed = false;  // nothing could be read: ask again later
    bool more = false;    // a bound was reached; behind the last pair there is, or may be, more

    void add(std::string_view key, std::string_view value);
    void clear();
    std::size_t size() const { return pairs_.size(); }
    std::size_t bytes() const { return bytes_.size(); }
    std::string_view key(std::size_t index) const;
    std::string_view value(std::size_t index) const;

private:
    struct place {
        std::size_t at;  // the key, then the value
        std::size_t key_size;
        std::size_t value_size;
    };
    std::string bytes_;
    std::vector<place> pairs_;
};

class store {
public:
    virtual ~store() = default;

    /// Takes the batch; never blocks on the disk. `number` is one more than the last submitted one.
    virtual void submit(commit_number number, batch&& what) = 0;

    /// Moves what completed since the last call to the end of `done`. The store calls the waker it was built with, from
    /// any thread, when there is something to collect.
    virtual void collect(std::vector<completion>& done) = 0;

    /// False while writes fail: the broker then refuses durable publishes.
    virtual bool available() const = 0;

    /// Visits the pairs of a table whose key is at least `from`, ascending, until the visitor returns false. Sees all
    /// that was durable when the call began. May block: for start-up and tools, not for a turn.
    using visitor = std::function<bool(std::string_view key, std::string_view value)>;
    virtual void scan(table where, std::string_view from, const visitor& visit) = 0;

    /// Visits the pair of this key, if there is one. Otherwise as scan().
    virtual void find(table where, std::string_view key, const visitor& visit) = 0;

    /// Reads off the broker thread, one request after the other; the answers come in that order. What was reported as stored
    /// before the call is seen; what is written after it may be.
    virtual void read(page_request what) = 0;

    /// Moves the pages that were read since the last call to the end of `done`. As with collect(), the waker is called.
    virtual void collect_pages(std::vector<page>& done) = 0;
};

}  // namespace causeway::core
