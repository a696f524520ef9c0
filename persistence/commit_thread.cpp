#include "persistence/commit_thread.hpp"

#include <utility>

namespace causeway::persistence {

namespace {

// LMDB holds at most 131 072 dirty pages in a transaction and gets slow before; one batch stays whole in any case.
constexpr std::size_t round_pages_max = 40'000;
constexpr std::size_t page_bytes = 4096;
constexpr std::size_t spares_max = 8;
constexpr std::size_t spare_bytes_max = 1 << 20;

std::size_t pages_of(const core::batch& b) { return b.size() + b.bytes() / page_bytes; }

const char* name_of(core::commit_status status) {
    switch (status) {
        case core::commit_status::stored: return "stored";
        case core::commit_status::full: return "full";
        case core::commit_status::failed: return "failed";
    }
    return "?";
}

}  // namespace

commit_thread::commit_thread(database& db, std::chrono::milliseconds probe_interval, logger& log, std::function<void()> wake)
    : db_(db), probe_interval_(probe_interval), log_(log), wake_(std::move(wake)) {
    if (!db_.restore_ballast()) {
        log_.warning("too little disk space for the ballast: durable messages are refused");
        available_ = false;
        state_ = state::scarce;
    }
    thread_ = std::thread([this] { run(); });
}

commit_thread::~commit_thread() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    arrived_.notify_one();
    thread_.join();
}

void commit_thread::submit(core::commit_number number, core::batch&& what) {
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        incoming_.push_back({number, std::move(what)});
        what.clear();
        if (!spares_.empty()) {
            what = std::move(spares_.back());
            spares_.pop_back();
        }
        wake = std::exchange(waiting_, false);
    }
    if (wake) arrived_.notify_one();
}

void commit_thread::collect(std::vector<core::completion>& done) {
    const std::lock_guard lock(mutex_);
    done.insert(done.end(), done_.begin(), done_.end());
    done_.clear();
}

void commit_thread::run() {
    while (take()) {
        if (probe_due()) probe();
        settle_taken();
        recycle();
    }
    if (!kept_.empty()) probe();
    if (!kept_.empty()) log_.error("acknowledgements were not written: expect redelivery", {{"records", kept_.size()}});
}

/// Sleeps until there is something to do: batches, or a probe. False when it must stop and everything is settled.
bool commit_thread::take() {
    std::unique_lock lock(mutex_);
    const auto arrived = [this] { return stopping_ || (state_ != state::broken && !incoming_.empty()); };
    waiting_ = true;
    if (state_ == state::healthy)
        arrived_.wait(lock, arrived);
    else
        arrived_.wait_until(lock, next_probe_, arrived);
    waiting_ = false;
    taken_.swap(incoming_);
    return !stopping_ || !taken_.empty();
}

void commit_thread::settle_taken() {
    std::span<const numbered> left = taken_;
    while (!left.empty()) {
        const auto batches = left.first(round_size(left));
        post(batches, write_or_refuse(batches));
        left = left.subspan(batches.size());
    }
}

/// How many of the batches go into one transaction: at least one.
std::size_t commit_thread::round_size(std::span<const numbered> batches) const {
    std::size_t pages = pages_of(batches[0].what);
    std::size_t count = 1;
    while (count < batches.size() && pages + pages_of(batches[count].what) <= round_pages_max)
        pages += pages_of(batches[count++].what);
    return count;
}

core::commit_status commit_thread::write_or_refuse(std::span<const numbered> batches) {
    round_.clear();
    round_.add(kept_);
    for (const numbered& b : batches) round_.add(b.what);
    const auto operations = round_.collapse();
    if (state_ != state::broken) {
        const core::commit_status status = db_.write(operations);
        if (status == core::commit_status::stored) return status;
        broke(status);
    }
    keep_erases(operations);
    return trouble_;
}

// --- trouble ---

bool commit_thread::probe_due() const {
    return state_ != state::healthy && std::chrono::steady_clock::now() >= next_probe_;
}

/// Are writes possible again? Writes the kept erases on the way.
void commit_thread::probe() {
    round_.clear();
    round_.add(kept_);
    if (const core::commit_status status = db_.probe(round_.collapse()); status != core::commit_status::stored) {
        broke(status);
        return;
    }
    kept_.clear();
    if (db_.restore_ballast()) {
        healed();
        return;
    }
    state_ = state::scarce;
    next_probe_ = std::chrono::steady_clock::now() + probe_interval_;
}

void commit_thread::broke(core::commit_status status) {
    if (status == core::commit_status::full) db_.release_ballast();
    if (available_.exchange(false, std::memory_order_acq_rel))
        log_.error("the store cannot write", {{"status", name_of(status)}, {"reason", db_.last_failure()}});
    state_ = state::broken;
    trouble_ = status;
    next_probe_ = std::chrono::steady_clock::now() + probe_interval_;
}

void commit_thread::healed() {
    state_ = state::healthy;
    if (available_.exchange(true, std::memory_order_acq_rel)) return;
    log_.info("the store writes again");
    wake_();
}

/// Every key that was erased at some point of the round, also if it was put again: that put is lost.
void commit_thread::keep_erases(std::span<const commit_round::operation> operations) {
    core::batch kept;
    for (const commit_round::operation& o : operations)
        if (o.erase || o.erased_before) kept.erase(o.where, o.key);
    kept_ = std::move(kept);
}

// --- results ---

void commit_thread::post(std::span<const numbered> batches, core::commit_status status) {
    {
        const std::lock_guard lock(mutex_);
        done_.push_back({batches.front().number, batches.back().number, status});
    }
    wake_();
}

void commit_thread::recycle() {
    const std::lock_guard lock(mutex_);
    for (numbered& b : taken_) {
        if (spares_.size() == spares_max || b.what.bytes() > spare_bytes_max) continue;
        b.what.clear();
        spares_.push_back(std::move(b.what));
    }
    taken_.clear();
}

}  // namespace causeway::persistence
