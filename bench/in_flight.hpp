#pragma once
// What has been published and not confirmed: by MQTT packet identifier, or by AMQP delivery tag. Of a fixed size; confirming
// in any order costs the same.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace causeway::bench {

class in_flight {
public:
    /// `window`: at least 1. Tags are given in order, from 1; those of MQTT begin anew after 65,535.
    explicit in_flight(std::size_t window) : window_(window), slots_(std::bit_ceil(window + 1)) {}

    bool has_room(std::uint64_t next_tag) const { return count_ < window_ && slot_of(next_tag).due_ns == 0; }
    bool empty() const { return count_ == 0; }

    /// `due_ns` is not 0.
    void begin(std::uint64_t tag, std::uint64_t due_ns) {
        slot_of(tag) = {tag, due_ns};
        ++count_;
    }

    /// When it was due; nothing if nobody waits for it.
    std::optional<std::uint64_t> settle(std::uint64_t tag) {
        slot& s = slot_of(tag);
        if (s.due_ns == 0 || s.tag != tag) return std::nullopt;
        --count_;
        return std::exchange(s.due_ns, 0);
    }

    /// Calls done(due_ns) for each tag up to this one. For tags that never begin anew.
    template <class F>
    void settle_up_to(std::uint64_t tag, F&& done) {
        const std::uint64_t still_kept = tag < slots_.size() ? 1 : tag + 1 - slots_.size();
        for (oldest_ = std::max(oldest_, still_kept); oldest_ <= tag; ++oldest_)
            if (const auto due_ns = settle(oldest_)) done(*due_ns);
    }

private:
    struct slot {
        std::uint64_t tag = 0;
        std::uint64_t due_ns = 0;  // 0: free
    };
    slot& slot_of(std::uint64_t tag) { return slots_[tag & (slots_.size() - 1)]; }
    const slot& slot_of(std::uint64_t tag) const { return slots_[tag & (slots_.size() - 1)]; }

    std::size_t window_;
    std::size_t count_ = 0;
    std::uint64_t oldest_ = 1;
    std::vector<slot> slots_;
};

}  // namespace causeway::bench
