#pragma once
// What the broker thread does around the packets of one turn. Implemented by app/, which passes it on to every broker.

#include <cstdint>

#include "base/time.hpp"

namespace causeway::net {

class turn {
public:
    virtual ~turn() = default;

    /// Before anything of this turn is handled: takes the time, fires timers.
    virtual void begin(instant now) = 0;

    /// Everything that was there has been handled. Afterwards the loop flushes what has been touched, also in here.
    virtual void end() = 0;

    /// When the next turn is due although nothing happens on the network (instant::steady_ms); INT64_MAX: never.
    virtual std::int64_t next_turn_steady_ms() const = 0;
};

}  // namespace causeway::net
