#include "persistence/read_thread.hpp"

#include <iterator>
#include <utility>

namespace causeway::persistence {

read_thread::~read_thread() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    arrived_.notify_one();
    thread_.join();
}

void read_thread::submit(core::page_request what) {
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    {
        const std::lock_guard lock(mutex_);
        requests_.push_back(std::move(what));
    }
    arrived_.notify_one();
}

void read_thread::collect(std::vector<core::page>& done) {
    const std::lock_guard lock(mutex_);
    std::move(done_.begin(), done_.end(), std::back_inserter(done));
    done_.clear();
}

void read_thread::run() {
    for (;;) {
        core::page_request next;
        {
            std::unique_lock lock(mutex_);
            arrived_.wait(lock, [this] { return stopping_ || !requests_.empty(); });
            if (stopping_) return;
            next = std::move(requests_.front());
            requests_.pop_front();
        }
        core::page found;
        db_.read(next, found);
        {
            const std::lock_guard lock(mutex_);
            done_.push_back(std::move(found));
        }
        wake_();
    }
}

}  // namespace causeway::persistence
