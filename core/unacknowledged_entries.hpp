#pragma once
// The entries of a queue that wait for being settled, by their places. Belongs to the broker thread.
//
// Most of them come in the order of their places and go in nearly the same. They stand in a ring, where a settled one leaves a blank
// until it is at an end or blanks are too many. One whose place is far from both ends (priorities and requeues bring such) is a
// stray, in a tree. So no call takes longer than the logarithm of their number, sweeping blanks apart, which comes once in as many
// calls as there are blanks.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "base/ring.hpp"
#include "core/entry.hpp"

namespace causeway::core {

class unacknowledged_entries {
public:
    bool empty() const { return in_order_.empty() && !strays_; }
    std::size_t size() const { return in_order_.size() - blanks_ + (strays_ ? strays_->size() : 0); }

    /// Instead of the one at its place, if there is one.
    void insert(entry&& e);
    /// Until one comes or goes; nullptr: there is none.
    entry* find(std::uint64_t seq);
    std::optional<entry> extract(std::uint64_t seq);
    /// The one with the highest place; there is one.
    entry extract_last();

    template <class Visit>
    void each(Visit visit) {
        visit_all(*this, visit);
    }
    template <class Visit>
    void each(Visit visit) const {
        visit_all(*this, visit);
    }

private:
    using strays = std::map<std::uint64_t, entry>;

    static bool is_blank(const entry& e) { return !e.options; }
    template <class Self, class Visit>
    static void visit_all(Self& self, Visit& visit) {
        for (auto& e : self.in_order_)
            if (!is_blank(e)) visit(e);
        if (!self.strays_) return;
        for (auto& stray : *self.strays_) visit(stray.second);
    }
    ring<entry>::iterator place_in_order(std::uint64_t seq);
    entry* find_in_order(std::uint64_t seq);
    entry extract_stray(strays::iterator at);
    void drop_blanks();
    void sweep_blanks();

    [[no_unique_address]] ring<entry> in_order_;  // ascending; neither end is blank
    std::uint32_t blanks_ = 0;
    std::unique_ptr<strays> strays_;  // if there are any
};

}  // namespace causeway::core
