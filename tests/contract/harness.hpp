#pragma once
// What the contract's tests need of a store: submit and wait without sleeping, reopen, break, mend. One harness per store.

#include <cerrno>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/check.hpp"
#include "persistence/lmdb_store.hpp"
#include "persistence/memory_store.hpp"
#include "tests/contract/faulty_disk.hpp"
#include "tests/contract/temporary_directory.hpp"

namespace causeway::test {

using core::commit_number;
using core::commit_status;
using core::table;

/// Waits for a store's waker.
class bell {
public:
    void ring() {
        {
            const std::lock_guard lock(mutex_);
            ++rings_;
        }
        rung_.notify_all();
    }

    /// Until done() holds; it is asked again after each ring. Gives up after a time that no healthy store needs.
    template <class Done>
    bool until(Done done) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        for (std::uint64_t seen = 0;;) {
            {
                const std::lock_guard lock(mutex_);
                seen = rings_;
            }
            if (done()) return true;
            std::unique_lock lock(mutex_);
            if (!rung_.wait_until(lock, deadline, [&] { return rings_ != seen; })) return done();
        }
    }

private:
    std::mutex mutex_;
    std::condition_variable rung_;
    std::uint64_t rings_ = 0;
};

class memory_harness {
public:
    core::store& store() { return *store_; }
    bell& waker() { return *bell_; }
    void reopen() { store_->crash(); }
    void break_down() { store_->fail_next(commit_status::full); }
    void mend() { store_->mend(); }

private:
    std::unique_ptr<bell> bell_ = std::make_unique<bell>();
    std::unique_ptr<persistence::memory_store> store_ =
        std::make_unique<persistence::memory_store>([b = bell_.get()] { b->ring(); });
};

class lmdb_harness {
public:
    explicit lmdb_harness(std::uint64_t map_bytes = 1ULL << 32) : map_bytes_(map_bytes) { open(); }
    ~lmdb_harness() { faulty_disk::mend(); }

    core::store& store() { return *store_; }
    bell& waker() { return bell_; }
    const std::string& directory() const { return directory_.path(); }
    void reopen() {
        store_.reset();
        open();
    }
    void close() { store_.reset(); }
    void break_down() { faulty_disk::fail_at(0, ENOSPC, true); }
    void mend() { faulty_disk::mend(); }

private:
    void open() {
        persistence::lmdb_store_options options;
        options.directory = directory_.path();
        options.map_bytes = map_bytes_;
        options.ballast_bytes = 64 << 10;
        options.preallocate_bytes = 256 << 10;
        options.probe_interval = std::chrono::milliseconds(1);
        store_ = std::make_unique<persistence::lmdb_store>(options, log_, [this] { bell_.ring(); });
    }

    temporary_directory directory_;
    std::uint64_t map_bytes_;
    silent_logger log_;
    bell bell_;
    std::unique_ptr<persistence::lmdb_store> store_;
};

/// Submits numbered batches and remembers what became of each; insists on the order of completions.
class submitter {
public:
    submitter(core::store& to, bell& waker) : store_(to), waker_(waker) {}

    commit_number submit(core::batch what) {
        store_.submit(++last_, std::move(what));
        return last_;
    }
    commit_number put(table where, std::string_view key, std::string_view value) {
        core::batch b;
        b.put(where, key, value);
        return submit(std::move(b));
    }
    commit_number erase(table where, std::string_view key) {
        core::batch b;
        b.erase(where, key);
        return submit(std::move(b));
    }

    /// Blocks until the batch is done.
    commit_status status_of(commit_number number) {
        ENSURE(waker_.until([&] {
            collect();
            return done_ >= number;
        }));
        for (const core::completion& c : completions_)
            if (c.first <= number && number <= c.last) return c.status;
        ENSURE(!"a completion for each batch");
        return commit_status::failed;
    }
    commit_status last_status() { return status_of(last_); }
    bool available_again() {
        return waker_.until([this] { return store_.available(); });
    }

    void collect() {
        std::vector<core::completion> fresh;
        store_.collect(fresh);
        for (const core::completion& c : fresh) {
            ENSURE(c.first == done_ + 1 && c.last >= c.first);
            done_ = c.last;
            completions_.push_back(c);
        }
    }
    commit_number last() const { return last_; }
    commit_number done() const { return done_; }

private:
    core::store& store_;
    bell& waker_;
    commit_number last_ = 0;
    commit_number done_ = 0;
    std::vector<core::completion> completions_;
};

/// A harness with a submitter that is new whenever the store is.
template <class Harness>
struct opened {
    Harness harness;
    std::optional<submitter> batches{std::in_place, harness.store(), harness.waker()};

    core::store& store() { return harness.store(); }
    void reopen() {
        harness.reopen();
        batches.emplace(harness.store(), harness.waker());
    }
};

/// Asks for a page and waits for it.
inline core::page page_of(core::store& store, bell& waker, core::page_request what) {
    static std::uint64_t last = 0;
    what.id = ++last;
    store.read(std::move(what));
    std::vector<core::page> pages;
    ENSURE(waker.until([&] {
        store.collect_pages(pages);
        return !pages.empty();
    }));
    ENSURE(pages.size() == 1 && pages[0].id == last);
    return std::move(pages[0]);
}

using contents = std::vector<std::pair<std::string, std::string>>;

inline contents all_of(core::store& store, table where, std::string_view from = {}) {
    contents found;
    store.scan(where, from, [&](std::string_view key, std::string_view value) {
        found.emplace_back(key, value);
        return true;
    });
    return found;
}

inline std::optional<std::string> value_of(core::store& store, table where, std::string_view key) {
    std::optional<std::string> found;
    store.scan(where, key, [&](std::string_view at, std::string_view value) {
        if (at == key) found = value;
        return false;
    });
    return found;
}

}  // namespace causeway::test
