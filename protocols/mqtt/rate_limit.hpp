#pragma once
// How fast one client may publish: messages and bytes a second, with a burst of one second. Time is told by the broker.

#include <cstdint>
#include <functional>

#include "core/timers.hpp"
#include "protocols/mqtt/options.hpp"

namespace causeway::mqtt {

/// Fills by so much a second, up to what one second brings. Whoever wants more than that at once waits for a full bucket and
/// leaves a debt.
class token_bucket {
public:
    /// Begins full. `per_second`: 0: there is no limit; at the most 2^40.
    token_bucket(std::uint64_t per_second, std::int64_t now_ms);

    /// When that many can be taken, if nothing else is; not in the future: now.
    std::int64_t ready_ms(std::uint64_t wanted, std::int64_t now_ms);
    /// Of those that are ready.
    void take(std::uint64_t count) { level_ -= rate_ == 0 ? 0 : static_cast<std::int64_t>(count) * parts; }

private:
    static constexpr std::int64_t parts = 1000;  // a token's: as many as a rate of 1 brings in a second

    void fill(std::int64_t now_ms);

    std::int64_t rate_;   // tokens a second, which is parts a millisecond
    std::int64_t level_;  // in parts
    std::int64_t at_ms_;
};

/// Closes when a client publishes faster than it may, and opens by itself.
class publish_gate {
public:
    static bool wanted(const options& o) { return o.publish_rate_max != 0 || o.publish_bytes_rate_max != 0; }

    /// `opened` is called when the next message can pass, after one could not.
    publish_gate(const options& limits, core::timers& timers, std::function<void()> opened);

    /// May a PUBLISH of that many bytes pass? If so, it is counted.
    bool admit(std::uint64_t bytes);
    bool closed() const { return opens_.armed(); }

private:
    core::timers& timers_;
    token_bucket messages_;
    token_bucket bytes_;
    core::timer opens_;
};

}  // namespace causeway::mqtt
