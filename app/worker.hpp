#pragma once
// One thread that does jobs in order, with a bounded queue before it.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace causeway::app {

class worker {
public:
    using job = std::function<void()>;

    explicit worker(std::size_t jobs_max) : jobs_max_(jobs_max), thread_([this] { run(); }) {}
    /// Finishes the job at hand; those that wait are dropped.
    ~worker();
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;

    /// False if the queue is full. From any thread.
    bool add(job what);

private:
    void run();
    job next();  // empty: it is time to stop

    const std::size_t jobs_max_;
    std::mutex guard_;
    std::condition_variable changed_;
    std::deque<job> jobs_;   // guarded by guard_
    bool stopping_ = false;  // guarded by guard_
    std::thread thread_;     // last: it uses all of the above
};

}  // namespace causeway::app
