#pragma once
// Hands batches from one thread to another, whole: a swap under a mutex. The batches' memory is used again and again.
// A Batch has empty(), weight() in bytes, and append(Batch&), which empties its argument.

#include <cstddef>
#include <mutex>
#include <utility>

#include "base/check.hpp"

namespace causeway::net {

template <class Batch>
class mailbox {
public:
    /// Empties `batch`. Returns the weight of all that has not been taken yet.
    std::size_t put(Batch& batch) {
        const std::lock_guard lock(guard_);
        if (waiting_.empty()) {
            std::swap(waiting_, batch);
        } else {
            waiting_.append(batch);
        }
        return waiting_.weight();
    }

    /// `into` must be empty.
    void take(Batch& into) {
        ENSURE(into.empty());
        const std::lock_guard lock(guard_);
        std::swap(waiting_, into);
    }

private:
    std::mutex guard_;
    Batch waiting_;  // guarded by guard_
};

}  // namespace causeway::net
