#pragma once
// MQTT 5 properties (section 2.2.2). A decoded block stays what it is on the wire, a view of checked bytes, so reading one
// costs no memory and writing it again gives the same bytes. One table says everything about each property; decoding,
// checks, writing and printing all follow it.

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_reader.hpp"
#include "base/result.hpp"
#include "protocols/mqtt/reason.hpp"

namespace causeway::mqtt {

enum class property : std::uint8_t {
    payload_format = 0x01,
    message_expiry_s = 0x02,
    content_type = 0x03,
    response_topic = 0x08,
    correlation_data = 0x09,
    subscription_id = 0x0B,
    session_expiry_s = 0x11,
    assigned_client_id = 0x12,
    server_keep_alive_s = 0x13,
    authentication_method = 0x15,
    authentication_data = 0x16,
    request_problem_information = 0x17,
    will_delay_s = 0x18,
    request_response_information = 0x19,
    response_information = 0x1A,
    server_reference = 0x1C,
    reason_string = 0x1F,
    receive_maximum = 0x21,
    topic_alias_maximum = 0x22,
    topic_alias = 0x23,
    maximum_qos = 0x24,
    retain_available = 0x25,
    user_property = 0x26,
    maximum_packet_size = 0x27,
    wildcard_subscription_available = 0x28,
    subscription_ids_available = 0x29,
    shared_subscription_available = 0x2A,
};

/// How a property's value stands on the wire (1.5).
enum class wire_type : std::uint8_t { byte, two_bytes, four_bytes, variable, text, binary, text_pair };

/// Which values are allowed, beyond what the wire type can hold.
enum class value_range : std::uint8_t { any, zero_or_one, not_zero, topic_name };

/// Where properties stand: bit n is packet type n; bit 0 is the will inside CONNECT, which is a place of its own.
using property_places = std::uint16_t;
enum class property_place : std::uint8_t {
    will = 0, connect = 1, connack = 2, publish = 3, puback = 4, pubrec = 5, pubrel = 6, pubcomp = 7, subscribe = 8,
    suback = 9, unsubscribe = 10, unsuback = 11, disconnect = 14, auth = 15,
};

struct property_info {
    property id;
    std::string_view name;
    wire_type type;
    value_range range;
    property_places places;
    property_places repeats;  // where it may stand more than once
    bool forwarded = false;   // belongs to the message, not to one hop: part of the forwardable block
};

/// The row of the table; nullptr if there is no such property.
const property_info* find_property(std::uint8_t id);

/// One property with its value. Which members count follows from the table.
struct property_value {
    property id{};
    std::uint32_t number = 0;  // byte, two_bytes, four_bytes, variable
    std::string_view text{};     // text, binary; the name of a text_pair
    std::string_view value{};    // the value of a text_pair
    std::string_view encoded{};  // identifier and value, as they stand in the block
};

/// A checked block: each property is known, stands where it may, as often as it may, and holds what it may.
class properties {
public:
    /// Walks the block in order.
    class iterator {
    public:
        using value_type = property_value;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;
        using pointer = const property_value*;
        using reference = const property_value&;

        iterator() = default;
        explicit iterator(std::string_view left) : left_(left) { read(); }
        const property_value& operator*() const { return now_; }
        const property_value* operator->() const { return &now_; }
        iterator& operator++() {
            left_.remove_prefix(now_.encoded.size());
            read();
            return *this;
        }
        iterator operator++(int) {
            iterator before = *this;
            ++*this;
            return before;
        }
        bool operator==(const iterator& other) const { return left_.size() == other.left_.size(); }

    private:
        void read();
        std::string_view left_;
        property_value now_;
    };

    properties() = default;

    /// Checks a block without its length. Errors: malformed_packet, protocol_error, topic_alias_invalid.
    static result<properties, reason> check(std::string_view block, property_place where);

    /// A block that was checked before or written by a property_writer.
    static properties trusted(std::string_view block);

    std::string_view bytes() const { return bytes_; }
    bool empty() const { return bytes_.empty(); }
    bool has(property id) const { return (present_ & bit(id)) != 0; }

    std::optional<std::uint32_t> number(property id) const { return has(id) ? find_number(id) : std::nullopt; }
    std::uint32_t number_or(property id, std::uint32_t otherwise) const { return number(id).value_or(otherwise); }
    std::optional<std::string_view> text(property id) const;

    iterator begin() const { return iterator(bytes_); }
    iterator end() const { return iterator(); }

    /// What a PUBLISH's or will's receivers shall get unchanged: payload format, content type, response topic, correlation
    /// data and user properties, in the publisher's order. The block itself where it holds nothing else, else `scratch`.
    std::string_view forwardable(std::string& scratch) const;

    bool operator==(const properties& other) const { return bytes_ == other.bytes_; }

private:
    static constexpr std::uint64_t bit(property id) { return 1ULL << static_cast<unsigned>(id); }

    std::optional<std::uint32_t> find_number(property id) const;

    std::string_view bytes_;
    std::uint64_t present_ = 0;  // bit n: property n stands in the block
};

/// Appends properties to a string. Whoever calls it keeps the rules: no check is made of places and repetition.
class property_writer {
public:
    explicit property_writer(std::string& out) : out_(out) {}

    void number(property id, std::uint32_t value);
    void text(property id, std::string_view value);  // text and binary
    void pair(std::string_view key, std::string_view value);  // a user property

private:
    std::string& out_;
};

/// A property block and its storage, to fill a packet with:  property_block b; b.number(…); ack.properties = b.view();
class property_block {
public:
    property_block& number(property id, std::uint32_t value) {
        property_writer(bytes_).number(id, value);
        return *this;
    }
    property_block& text(property id, std::string_view value) {
        property_writer(bytes_).text(id, value);
        return *this;
    }
    property_block& pair(std::string_view key, std::string_view value) {
        property_writer(bytes_).pair(key, value);
        return *this;
    }
    /// Valid until the next change.
    properties view() const { return properties::trusted(bytes_); }
    bool empty() const { return bytes_.empty(); }

private:
    std::string bytes_;
};

/// Reads a property block with its length in front, from a packet of MQTT 5.
result<properties, reason> read_properties(byte_reader& in, property_place where);

}  // namespace causeway::mqtt
