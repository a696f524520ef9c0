#include "persistence/memory_store.hpp"

#include <algorithm>
#include <iterator>
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

void memory_store::find(core::table where, std::string_view key, const visitor& visit) {
    std::optional<std::string> value;
    {
        const std::lock_guard lock(mutex_);
        const pairs& table = table_of(where);
        if (const auto at = table.find(key); at != table.end()) value = at->second;
    }
    if (value) visit(key, *value);
}

void memory_store::read(core::page_request what) {
    bool answered = false;
    {
        const std::lock_guard lock(mutex_);
        answered = !reads_held_;
        if (answered)
            pages_.push_back(found(what));
        else
            reads_.push_back(std::move(what));
    }
    if (answered) wake_();
}

void memory_store::collect_pages(std::vector<core::page>& done) {
    const std::lock_guard lock(mutex_);
    std::move(pages_.begin(), pages_.end(), std::back_inserter(done));
    pages_.clear();
}

core::page memory_store::found(const core::page_request& what) {
    core::page out;
    out.id = what.id;
    const pairs& table = table_of(what.where);
    const auto add = [&](const std::string& key, const std::string& value) {
        out.more = out.size() >= what.records_max || (out.size() > 0 && out.bytes() >= what.bytes_max);
        if (!out.more) out.add(key, value);
        return !out.more;
    };
    if (what.keys.empty()) {
        for (auto at = table.lower_bound(what.from); at != table.end() && at->first <= what.to; ++at)
            if (!add(at->first, at->second)) break;
        return out;
    }
    for (const std::string& key : what.keys)
        if (const auto at = table.find(key); at != table.end() && !add(key, at->second)) break;
    return out;
}

// --- the script ---

void memory_store::hold_reads(bool held) {
    const std::lock_guard lock(mutex_);
    reads_held_ = held;
}

bool memory_store::complete_reads(std::size_t count, bool fail) {
    bool any = false;
    {
        const std::lock_guard lock(mutex_);
        for (; count > 0 && !reads_.empty(); --count, reads_.pop_front()) {
            any = true;
            pages_.push_back(fail ? core::page() : found(reads_.front()));
            pages_.back().id = reads_.front().id;
            pages_.back().failed = fail;
        }
    }
    if (any) wake_();
    return any;
}

std::size_t memory_store::waiting_reads() const {
    const std::lock_guard lock(mutex_);
    return reads_.size();
}

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
    reads_.clear();
    pages_.clear();
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
        ENSURE(!o.fresh || at == table.end());
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
