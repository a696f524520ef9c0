#include "core/unacknowledged_entries.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace causeway::core {

namespace {

/// So many are moved in the ring to make room for one between them.
constexpr std::size_t moved_max = 32;
/// So many blanks are always tolerated, and more if there are more entries.
constexpr std::size_t blanks_min = 64;

}  // namespace

/// The first one at or behind this place. The ring is not empty.
ring<entry>::iterator unacknowledged_entries::place_in_order(std::uint64_t seq) {
    const std::uint64_t distance = seq - in_order_.front().seq;  // without gaps it stands there
    if (distance < in_order_.size() && in_order_[distance].seq == seq)
        return in_order_.begin() + static_cast<std::ptrdiff_t>(distance);
    return std::lower_bound(in_order_.begin(), in_order_.end(), seq,
                            [](const entry& e, std::uint64_t wanted) { return e.seq < wanted; });
}

void unacknowledged_entries::insert(entry&& e) {
    if (in_order_.empty() || in_order_.back().seq < e.seq) return in_order_.push_back(std::move(e));
    const auto at = place_in_order(e.seq);
    if (at->seq == e.seq) {  // the blank that it left when it was requeued
        if (is_blank(*at)) --blanks_;
        *at = std::move(e);
        return;
    }
    if (std::min(at.index(), in_order_.size() - at.index()) <= moved_max) {
        in_order_.insert(at, std::move(e));
        return;
    }
    if (!strays_) strays_ = std::make_unique<strays>();
    const std::uint64_t seq = e.seq;
    strays_->insert_or_assign(seq, std::move(e));
}

entry* unacknowledged_entries::find_in_order(std::uint64_t seq) {
    if (in_order_.empty()) return nullptr;
    const auto at = place_in_order(seq);
    return at != in_order_.end() && at->seq == seq && !is_blank(*at) ? &*at : nullptr;
}

entry* unacknowledged_entries::find(std::uint64_t seq) {
    if (entry* const found = find_in_order(seq)) return found;
    if (!strays_) return nullptr;
    const auto at = strays_->find(seq);
    return at == strays_->end() ? nullptr : &at->second;
}

std::optional<entry> unacknowledged_entries::extract(std::uint64_t seq) {
    std::optional<entry> e;
    if (entry* const found = find_in_order(seq)) {
        e.emplace(std::move(*found));  // which leaves it blank: without options
        drop_blanks();
    } else if (strays_) {
        if (const auto at = strays_->find(seq); at != strays_->end()) e = extract_stray(at);
    }
    return e;
}

entry unacknowledged_entries::extract_last() {
    const bool stray = strays_ && (in_order_.empty() || in_order_.back().seq < strays_->rbegin()->first);
    if (stray) return extract_stray(std::prev(strays_->end()));
    entry e = std::move(in_order_.back());
    drop_blanks();
    return e;
}

/// After one more entry has been taken out of the ring.
void unacknowledged_entries::drop_blanks() {
    ++blanks_;
    for (; !in_order_.empty() && is_blank(in_order_.front()); --blanks_) in_order_.pop_front();
    for (; !in_order_.empty() && is_blank(in_order_.back()); --blanks_) in_order_.pop_back();
    // An entry that is not settled for long must not keep the blanks of all that came after it.
    if (blanks_ > in_order_.size() / 2 + blanks_min / 2) sweep_blanks();
}

entry unacknowledged_entries::extract_stray(strays::iterator at) {
    entry e = std::move(at->second);
    strays_->erase(at);
    if (strays_->empty()) strays_ = nullptr;
    return e;
}

void unacknowledged_entries::sweep_blanks() {
    std::remove_if(in_order_.begin(), in_order_.end(), is_blank);
    for (; blanks_ > 0; --blanks_) in_order_.pop_back();
}

}  // namespace causeway::core
