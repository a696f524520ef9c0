#include "app/worker.hpp"

namespace causeway::app {

worker::~worker() {
    {
        const std::lock_guard lock(guard_);
        stopping_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

bool worker::add(job what) {
    {
        const std::lock_guard lock(guard_);
        if (jobs_.size() >= jobs_max_) return false;
        jobs_.push_back(std::move(what));
    }
    changed_.notify_one();
    return true;
}

void worker::run() {
    while (const job what = next()) what();
}

worker::job worker::next() {
    std::unique_lock lock(guard_);
    changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (stopping_) return {};
    job first = std::move(jobs_.front());
    jobs_.pop_front();
    return first;
}

}  // namespace causeway::app
