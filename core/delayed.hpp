#pragma once
// Messages that delaying exchanges (type x-delayed-message) hold back, in the order of their time. In memory; what their exchange
// makes durable has a record in table delayed, too.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/message.hpp"
#include "core/record.hpp"

namespace causeway::core {

/// RabbitMQ's limit for delays, in ms. A longer one is no delay, nor is one of 0 or less.
inline constexpr std::int64_t delay_ms_max = 0xFFFF'FFFF;

/// The header x-delay: an integer, or a text or a floating number that says one. Nothing: the message is not to wait.
std::optional<std::int64_t> delay_ms_of(const message& m);

/// What becomes of it once its time has come: x-delay is negative, so that nobody delays it again, and the time that it may live
/// begins only now.
message_ptr awakened(const message& m);

class delayed {
public:
    struct place {
        std::int64_t due_wall_ms = 0;
        std::uint64_t id = 0;  // rising: what came first goes first
        auto operator<=>(const place&) const = default;
    };
    struct item {
        record::delayed_record what;
        bool stored = false;
    };

    void add(place at, item it);
    /// The first one if it is due by then.
    std::optional<std::pair<place, item>> take_due(std::int64_t wall_ms);
    /// When the first one is due; nothing: there is none.
    std::optional<std::int64_t> next_wall_ms() const;

    std::size_t size() const { return items_.size(); }
    std::size_t bytes() const { return bytes_; }

private:
    std::map<place, item> items_;
    std::size_t bytes_ = 0;
};

}  // namespace causeway::core
