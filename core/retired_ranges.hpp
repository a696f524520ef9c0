#pragma once
// Records of entries that nobody has any more: of a queue that was deleted or purged while most of it was in the store only. They
// are erased a page at a time, each page in the batch of one turn, and the next when that is done. What is left to do stands in
// the store, too, so that a restart neither forgets nor brings back anything. Belongs to the broker thread.

#include <cstdint>
#include <deque>
#include <functional>

#include "base/ids.hpp"
#include "core/pager.hpp"
#include "core/ready_level.hpp"

namespace causeway::core {

class broker;

class retired_ranges final : private page_reader {
public:
    explicit retired_ranges(broker& owner) : broker_(owner) {}
    ~retired_ranges() override;

    void add(queue_id of, place_range places);
    /// Has a record already.
    void restore(queue_id of, place_range places);
    bool contains(queue_id of, std::uint64_t place) const;
    /// Once a turn.
    void go_on();
    std::size_t size() const { return ranges_.size(); }

private:
    struct range {
        queue_id of;
        place_range places;
        std::uint64_t next;  // not erased yet
    };
    void page_arrived(page&& found) override;

    broker& broker_;
    std::deque<range> ranges_;       // the first one is under way
    std::uint64_t read_ = 0;
    commit_number erased_by_ = 0;    // the last page
};

}  // namespace causeway::core
