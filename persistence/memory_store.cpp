#include "persistence/memory_store.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.hpp"

namespace causeway::persistence {

void memory_store::submit(core::commit_number number, core::batch&& what) {
    bool settled = false;
    {
        const std::lock_guard lock(mutex_);
        ENSURE(last_ == 0 || number == last_ + 1);
        last_ = number;
        waiting_.push_back({number, std::move(what)});
        what.clear();
        if (!held_) settled = settle(waiting_.size());
    }
    if (settled) wake_();
}

void memory_store::collect(std::vector<core::completion>& done) {
    const std::lock_guard lock(mutex_);
    done.insert(done.end(), done_.begin(), done_.end());
    done_.clear();
}

bool memory_store::available() const {
    const std::lock_guard lock(mutex_);
    return available_;
}

void memory_store::scan(core::table where, std::string_view from, const visitor& visit) {
    std::string key(from);
    for (bool after = false;; after = true) {
        std::optional<std::pair<std::string, std::string>> found;
        {
            const std::lock_guard lock(mutex_);
            const pairs& table = table_of(where);
            const auto at = after ? table.upper_bound(key) : table.lower_bound(key);
            if (at != table.end()) found = *at;
        }
        if (!found || !visit(found->first, found->second)) return;
        key = std::move(found->first);
    }
}

// --- the script ---

void memory_store::hold(bool held) {
    const std::lock_guard lock(mutex_);
    held_ = held;
}

bool memory_store::complete_next(std::size_t batches) {
    bool settled = false;
    {
        const std::lock_guard lock(mutex_);
        settled = settle(std::min(batches, waiting_.size()));
    }
    if (settled) wake_();
    return settled;
}

bool memory_store::complete_all() { return complete_next(waiting()); }

std::size_t memory_store::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
}

void memory_store::fail_next(core::commit_status status) {
    const std::lock_guard lock(mutex_);
    next_ = status;
}

void memory_store::mend() {
    {
        const std::lock_guard lock(mutex_);
        next_ = core::commit_status::stored;
        for (const core::batch& erases : std::exchange(kept_, {})) apply(erases);
        available_ = true;
    }
    wake_();
}

void memory_store::crash(std::size_t kept) {
    const std::lock_guard lock(mutex_);
    if (next_ != core::commit_status::stored) kept = 0;  // it could not write
    for (std::size_t i = 0; i < std::min(kept, waiting_.size()); ++i) apply(waiting_[i].what);
    waiting_.clear();
    done_.clear();
    kept_.clear();
    last_ = 0;
    next_ = core::commit_status::stored;
    available_ = true;
}

/// The oldest `batches` are done, as the script wants it.
bool memory_store::settle(std::size_t batches) {
    if (batches == 0) return false;
    available_ = next_ == core::commit_status::stored;
    for (std::size_t i = 0; i < batches; ++i) {
        if (available_)
            apply(waiting_[i].what);
        else
            keep_erases(waiting_[i].what);
    }
    done_.push_back({waiting_.front().number, waiting_[batches - 1].number, next_});
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(batches));
    return true;
}

void memory_store::apply(const core::batch& what) {
    for (std::size_t i = 0; i < what.size(); ++i) {
        const core::batch::operation o = what[i];
        pairs& table = table_of(o.where);
        const auto at = table.find(o.key);
        if (!o.erase && at != table.end())
            at->second = o.value;
        else if (!o.erase)
            table.emplace(o.key, o.value);
        else if (at != table.end())
            table.erase(at);
    }
}

void memory_store::keep_erases(const core::batch& what) {
    core::batch erases;
    for (std::size_t i = 0; i < what.size(); ++i)
        if (what[i].erase) erases.erase(what[i].where, what[i].key);
    kept_.push_back(std::move(erases));
}

}  // namespace causeway::persistence
