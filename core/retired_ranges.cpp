#include "core/retired_ranges.hpp"

#include <algorithm>

#include "core/broker.hpp"

namespace causeway::core {

namespace {
constexpr std::size_t page_records_max = 2000;
constexpr std::size_t page_bytes_max = 1 << 20;
}  // namespace

retired_ranges::~retired_ranges() {
    if (read_ != 0) broker_.pager_.cancel(read_);
}

void retired_ranges::add(queue_id of, place_range places) {
    broker_.put_record(table::retired, record::key(number(of), places.first), record::retired_record{places.last});
    restore(of, places);
}

void retired_ranges::restore(queue_id of, place_range places) { ranges_.push_back({of, places, places.first}); }

bool retired_ranges::contains(queue_id of, std::uint64_t place) const {
    return std::any_of(ranges_.begin(), ranges_.end(), [=](const range& r) {
        return r.of == of && r.places.first <= place && place <= r.places.last;
    });
}

void retired_ranges::go_on() {
    if (ranges_.empty() || read_ != 0 || broker_.state_of(erased_by_) == commit_state::pending) return;
    const range& now = ranges_.front();
    read_ = broker_.pager_.read(*this, {.where = table::entries,
                                        .from = record::key(number(now.of), now.next),
                                        .to = record::key(number(now.of), now.places.last),
                                        .records_max = page_records_max,
                                        .bytes_max = page_bytes_max});
}

void retired_ranges::page_arrived(page&& found) {
    read_ = 0;
    range& now = ranges_.front();
    for (std::size_t i = 0; i < found.size(); ++i) {
        std::uint64_t id = 0;
        if (!record::parse_key(found.key(i), id, now.next)) continue;
        const auto outline = record::outline_entry(found.value(i));
        if (outline && outline.value().shared != message_id::none) broker_.give_up_message(outline.value().shared);
        erased_by_ = broker_.erase(table::entries, found.key(i));
    }
    if (found.more) {
        ++now.next;
        return;
    }
    erased_by_ = broker_.erase(table::retired, record::key(number(now.of), now.places.first));
    ranges_.pop_front();
}

}  // namespace causeway::core
