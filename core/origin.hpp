#pragma once
// An origin knows how one protocol writes names and properties. The core keeps what the publisher wrote and asks the
// origin only when it has to look inside, so a message that stays in its protocol is never taken apart.
// Implemented by each protocol, one object per topic mapping; outlives every message that refers to it. Stateless.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/field.hpp"
#include "core/properties.hpp"
#include "core/topic.hpp"

namespace causeway::core {

/// Stored in records: never renumber.
enum class protocol : std::uint8_t { broker = 0, mqtt = 1, amqp = 2 };

class origin {
public:
    virtual ~origin() = default;
    virtual protocol id() const = 0;

    /// The levels of a topic name or routing key.
    virtual topic_levels levels(std::string_view name) const = 0;

    /// The pattern of a topic filter or of a binding key.
    virtual topic_pattern pattern(std::string_view text) const = 0;

    /// The neutral form of the property block that this protocol put into message_parts::raw_properties.
    virtual properties parse_properties(std::string_view raw) const = 0;

    /// How long the message was to live, in the words of that block.
    virtual std::optional<std::string> expiration_of(std::string_view) const { return {}; }

    /// The block with another value of this header, and nothing else changed. Nothing: this protocol's headers do not hold such
    /// values.
    virtual std::optional<std::string> with_header(std::string_view raw, std::string_view name, const field_value& value) const {
        return std::nullopt;
    }

    /// A dead letter's block: with these headers, without an expiration, and nothing else changed. Nothing: as above.
    virtual std::optional<std::string> with_history(std::string_view raw, const field_table& headers) const {
        return std::nullopt;
    }
};

}  // namespace causeway::core
