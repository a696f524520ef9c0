#pragma once
// A typed value as AMQP tables hold them (also the form of MQTT user properties once they cross): neutral, ordered.
// The letters are RabbitMQ's (AMQP 0-9-1, 4.2.5.5 and its errata).

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace causeway::core {

struct field_value;

/// Ordered; names may repeat.
using field_table = std::vector<std::pair<std::string, field_value>>;
using named_value = std::pair<std::string, field_value>;
using field_array = std::vector<field_value>;

struct decimal {
    std::uint8_t scale = 0;
    std::int32_t value = 0;
    bool operator==(const decimal&) const = default;
};
struct timestamp {
    std::uint64_t seconds = 0;
    bool operator==(const timestamp&) const = default;
};
struct byte_array {
    std::string bytes;
    bool operator==(const byte_array&) const = default;
};
struct no_value {
    bool operator==(const no_value&) const = default;
};

/// V t b B s u I i l L f d D S x T A F, in this order. (L: unsigned 64 bits.)
struct field_value
    : std::variant<no_value, bool, std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t, std::uint32_t,
                   std::int64_t, std::uint64_t, float, double, decimal, std::string, byte_array, timestamp, field_array,
                   field_table> {
    using variant::variant;
    const variant& base() const { return *this; }
};

bool operator==(const field_value& a, const field_value& b);

/// The first value of that name, or nullptr.
const field_value* find(const field_table& table, std::string_view name);

/// The value if it is an integer of any width; false if it is not.
bool as_integer(const field_value& value, std::int64_t& out);

/// The text if it is a string or a byte array, else nullptr.
const std::string* as_text(const field_value& value);

}  // namespace causeway::core
