#pragma once
// The core::store in memory, for tests, simulation and brokers that keep nothing. Deterministic: batches become durable when
// told to, and it can fail and crash. "Durable" is what crash() leaves. May be called from any thread.

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "core/store.hpp"

namespace causeway::persistence {

class memory_store : public core::store {
public:
    explicit memory_store(std::function<void()> wake = [] {}) : wake_(std::move(wake)) {}

    void submit(core::commit_number number, core::batch&& what) override;
    void collect(std::vector<core::completion>& done) override;
    bool available() const override;
    void scan(core::table where, std::string_view from, const visitor& visit) override;
    void find(core::table where, std::string_view key, const visitor& visit) override;
    void read(core::page_request what) override;
    void collect_pages(std::vector<core::page>& done) override;

    // --- the script ---
    /// From now on batches wait for complete_next; otherwise each is durable as soon as it is submitted.
    void hold(bool held);
    /// The oldest `batches` waiting ones become durable together, reported as one range. False if none waits.
    bool complete_next(std::size_t batches = 1);
    bool complete_all();
    std::size_t waiting() const;

    /// From now on reads wait for complete_reads; otherwise each is answered when it is asked for.
    void hold_reads(bool held);
    /// The oldest `count` of them find what is there now, or `fail`. False if none waits.
    bool complete_reads(std::size_t count = 1, bool fail = false);
    std::size_t waiting_reads() const;

    /// The next commit fails like this, and all later ones until mend(). As in the real store, the puts of failed batches are
    /// lost and their erases are made up for once it works again.
    void fail_next(core::commit_status status);
    void mend();

    /// Forgets everything that was not durable, except that the oldest `kept` waiting batches were written though nobody was
    /// told; then is as after a restart: available, nothing to collect, batches may be numbered from anywhere.
    void crash(std::size_t kept = 0);

private:
    struct numbered {
        core::commit_number number;
        core::batch what;
    };
    using pairs = std::map<std::string, std::string, std::less<>>;

    pairs& table_of(core::table t) { return tables_[static_cast<std::size_t>(t)]; }
    void apply(const core::batch& what);
    void keep_erases(const core::batch& what);
    bool settle(std::size_t batches);
    core::page found(const core::page_request& what);

    std::function<void()> wake_;
    mutable std::mutex mutex_;
    std::array<pairs, core::table_count> tables_;
    std::deque<numbered> waiting_;
    std::vector<core::completion> done_;
    std::deque<core::page_request> reads_;
    std::vector<core::page> pages_;
    std::vector<core::batch> kept_;  // erases of failed batches
    core::commit_number last_ = 0;   // submitted; 0: any may come
    core::commit_status next_ = core::commit_status::stored;
    bool available_ = true;
    bool held_ = false;
    bool reads_held_ = false;
};

}  // namespace causeway::persistence
