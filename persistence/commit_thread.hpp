#pragma once
// Group commit: batches come in by a mailbox, everything that came while the last sync ran is written in one transaction, and
// completions go back. Owns the only thread that writes.
//
// While writes fail it neither spins nor forgets: every probe interval it opens the environment anew if need be and
// tries again. Erases (acknowledgements) of failed batches are kept and written first; their puts are dropped, because
// nobody was told that they are durable.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "base/log.hpp"
#include "core/store.hpp"
#include "persistence/database.hpp"
#include "persistence/commit_round.hpp"

namespace causeway::persistence {

class commit_thread {
public:
    /// `wake` is called on the thread when there is something to collect or `available` changed.
    commit_thread(database& db, std::chrono::milliseconds probe_interval, logger& log, std::function<void()> wake);
    /// Writes everything submitted, if it can be written.
    ~commit_thread();
    commit_thread(const commit_thread&) = delete;
    commit_thread& operator=(const commit_thread&) = delete;

    // --- any one thread: see core::store ---
    void submit(core::commit_number number, core::batch&& what);
    void collect(std::vector<core::completion>& done);
    bool available() const { return available_.load(std::memory_order_acquire); }

private:
    struct numbered {
        core::commit_number number;
        core::batch what;
    };

    enum class state {
        healthy,
        scarce,  // writes work, but there is no room for the ballast: not available yet
        broken,  // the last write failed
    };

    void run();
    bool take();
    void settle_taken();
    std::size_t round_size(std::span<const numbered> batches) const;
    core::commit_status write_or_refuse(std::span<const numbered> batches);
    bool probe_due() const;
    void probe();
    void broke(core::commit_status status);
    void healed();
    void keep_erases(std::span<const commit_round::operation> operations);
    void post(std::span<const numbered> batches, core::commit_status status);
    void recycle();

    database& db_;
    const std::chrono::milliseconds probe_interval_;
    logger& log_;
    const std::function<void()> wake_;

    // The mailbox, under mutex_.
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<numbered> incoming_;
    std::vector<core::completion> done_;
    std::vector<core::batch> spares_;  // emptied batches, handed back for their memory
    bool waiting_ = false;             // the thread sleeps until something arrives
    bool stopping_ = false;

    std::atomic<bool> available_{true};

    // The thread's own.
    std::vector<numbered> taken_;
    commit_round round_;
    core::batch kept_;  // erases that failed
    state state_ = state::healthy;
    core::commit_status trouble_ = core::commit_status::stored;  // how the last write failed, while broken
    std::chrono::steady_clock::time_point next_probe_{};

    std::thread thread_;  // last: starts when all else is there
};

}  // namespace causeway::persistence
