#pragma once
// Reads pages while the broker goes on: requests come in by a mailbox, pages go back. Each page is read in a transaction of its
// own, so that no reader keeps old pages of the database for long. The thread starts with the first request.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "core/store.hpp"
#include "persistence/database.hpp"

namespace causeway::persistence {

class read_thread {
public:
    /// `wake` is called on the thread when there is something to collect.
    read_thread(database& db, std::function<void()> wake) : db_(db), wake_(std::move(wake)) {}
    /// What was not read yet is given up.
    ~read_thread();
    read_thread(const read_thread&) = delete;
    read_thread& operator=(const read_thread&) = delete;

    // --- any one thread: see core::store ---
    void submit(core::page_request what);
    void collect(std::vector<core::page>& done);

private:
    void run();

    database& db_;
    const std::function<void()> wake_;

    // The mailbox, under mutex_.
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<core::page_request> requests_;
    std::vector<core::page> done_;
    bool stopping_ = false;

    std::thread thread_;
};

}  // namespace causeway::persistence
