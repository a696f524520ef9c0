#include "core/ready_level.hpp"

#include <algorithm>
#include <string>

#include "core/broker.hpp"

namespace causeway::core {

namespace {

std::size_t size_of(const entry& e) { return e.message ? e.message->size() : 0; }
std::size_t body_of(const entry& e) { return e.message ? e.message->payload().size() : 0; }

entry pop_front(ring<entry>& from) {
    entry e = std::move(from.front());
    from.pop_front();
    return e;
}

auto place_in(ring<entry>& of, std::uint64_t seq) {
    return std::partition_point(of.begin(), of.end(), [seq](const entry& e) { return e.seq < seq; });
}

}  // namespace

// --- in and out ---

bool ready_level::head_has_room() const {
    const ready_window& w = broker_.window();
    return head_.empty() || (head_.size() < w.entries && head_bytes_ < w.bytes);
}

void ready_level::to_head(entry&& e) {
    head_bytes_ += size_of(e);
    head_.push_back(std::move(e));
}

entry ready_level::from_tail() {
    entry e = pop_front(tail_);
    tail_bytes_ -= size_of(e);
    return e;
}

void ready_level::push(entry&& e) {
    ++totals_.count;
    totals_.bytes += size_of(e);
    totals_.body_bytes += body_of(e);
    if (!paged_) return to_head(std::move(e));
    if (e.stored) note(e.seq);
    if (!overflows() && head_has_room()) return to_head(std::move(e));
    tail_bytes_ += size_of(e);
    tail_.push_back(std::move(e));
    of_.wait_to_forget();
}

bool ready_level::insert(entry e) {
    ++totals_.count;
    totals_.bytes += size_of(e);
    totals_.body_bytes += body_of(e);
    const bool between = (!among_.empty() && among_.front().seq < e.seq) || (cold_.count > 0 && cold_.first < e.seq);
    if (between) {
        among_.insert(place_in(among_, e.seq), std::move(e));
        return false;
    }
    const auto at = place_in(head_, e.seq);
    const bool first = at == head_.begin();
    head_bytes_ += size_of(e);
    head_.insert(at, std::move(e));
    return first;
}

entry* ready_level::head() {
    if (head_.empty() && overflows()) balance();
    return head_.empty() ? nullptr : &head_.front();
}

entry ready_level::pop_head() {
    entry e = pop_front(head_);
    head_bytes_ -= size_of(e);
    --totals_.count;
    totals_.bytes -= size_of(e);
    totals_.body_bytes -= body_of(e);
    if (overflows() && head_.size() < broker_.window().entries / 2) balance();
    return e;
}

// --- what is stored ---

void ready_level::note(std::uint64_t seq) {
    if (!marks_.empty() && marks_.back().commit == broker_.next_commit_) {
        marks_.back().last = seq;
        return;
    }
    settle_marks();
    marks_.push_back({broker_.next_commit_, seq});
}

void ready_level::settle_marks() {
    while (!marks_.empty()) {
        const mark m = marks_.front();
        const commit_state done = broker_.state_of(m.commit);
        if (done == commit_state::pending) return;
        if (done == commit_state::failed) keep(settled_, m.last);
        settled_ = m.last;
        marks_.pop_front();
    }
}

/// What wrote these has failed: nowhere but in memory are they.
void ready_level::keep(std::uint64_t after, std::uint64_t upto) {
    for (ring<entry>* part : {&head_, &tail_})
        for (auto at = place_in(*part, after + 1); at != part->end() && at->seq <= upto; ++at) at->unwritten = true;
}

bool ready_level::may_go(const entry& e) const {
    return e.stored && !e.unwritten && e.deliveries == 0 && e.seq <= settled_ &&
           (e.gate == 0 || broker_.state_of(e.gate) == commit_state::stored);
}

bool ready_level::settle() {
    if (overflows()) balance();
    return !tail_.empty() && !marks_.empty();
}

// --- out of memory ---

void ready_level::balance() {
    settle_marks();
    promote();
    trim_tail();
    read_ahead();
}

/// What follows the head and is in memory.
void ready_level::promote() {
    while (!among_.empty() && (cold_.count == 0 || among_.front().seq < cold_.first)) to_head(pop_front(among_));
    if (cold_.count > 0) return;
    while (!tail_.empty() && head_has_room()) to_head(from_tail());
}

void ready_level::trim_tail() {
    const ready_window& w = broker_.window();
    while (!tail_.empty() && (tail_.size() > w.entries / 2 || tail_bytes_ > w.bytes / 2) && is_settled(tail_.front()))
        set_aside(from_tail());
}

void ready_level::set_aside(entry e) {
    if (!may_go(e)) return among_.push_back(std::move(e));
    if (cold_.count == 0) cold_.first = e.seq;
    cold_.last = e.seq;
    count_cold(e);
}

void ready_level::count_cold(const entry& e) {
    ++cold_.count;
    cold_.bytes += size_of(e);
    cold_.body_bytes += body_of(e);
    broker_.count_apart(*e.message);
}

void ready_level::shed() {
    if (!paged_) return;
    settle_marks();
    const ready_window& w = broker_.window();
    while (head_.size() > 1 && (head_.size() > w.entries || head_bytes_ > w.bytes) && is_settled(head_.back())) {
        stop_reading();  // what is on its way comes behind this one
        entry e = std::move(head_.back());
        head_.pop_back();
        head_bytes_ -= size_of(e);
        if (!may_go(e)) {
            among_.push_front(std::move(e));
            continue;
        }
        cold_.first = e.seq;
        if (cold_.count == 0) cold_.last = e.seq;
        count_cold(e);
    }
    trim_tail();
    read_ahead();
}

void ready_level::restore(entry e) {
    ++totals_.count;
    totals_.bytes += size_of(e);
    totals_.body_bytes += body_of(e);
    settled_ = e.seq;
    to_head(std::move(e));
}

bool ready_level::is_full() const { return paged_ && (cold_.count > 0 || !head_has_room()); }

void ready_level::restore_cold(std::uint64_t seq, const record::entry_outline& what) {
    if (cold_.count == 0) cold_.first = seq;
    cold_.last = seq;
    settled_ = seq;
    ++cold_.count;
    cold_.bytes += what.message_bytes;
    cold_.body_bytes += what.body_bytes;
    ++totals_.count;
    totals_.bytes += what.message_bytes;
    totals_.body_bytes += what.body_bytes;
}

std::size_t ready_level::give_up_cold(std::vector<place_range>& records) {
    stop_reading();
    const std::size_t count = cold_.count;
    if (count == 0) return 0;
    std::uint64_t first = cold_.first;
    for (const entry& e : among_) {  // what is in memory is settled by itself
        if (!e.stored || e.seq < first || e.seq > cold_.last) continue;
        if (e.seq > first) records.push_back({first, e.seq - 1});
        first = e.seq + 1;
    }
    if (first <= cold_.last) records.push_back({first, cold_.last});
    totals_.count -= cold_.count;
    totals_.bytes -= cold_.bytes;
    totals_.body_bytes -= cold_.body_bytes;
    cold_ = {};
    return count;
}

}  // namespace causeway::core
