#include "protocols/mqtt/properties.hpp"

#include <array>
#include <initializer_list>

#include "base/byte_writer.hpp"
#include "base/utf8.hpp"
#include "protocols/mqtt/topic_text.hpp"
#include "protocols/mqtt/variable_integer.hpp"

namespace causeway::mqtt {

namespace {

using enum property_place;
using enum wire_type;
using enum value_range;

constexpr property_places in(std::initializer_list<property_place> places) {
    unsigned bits = 0;
    for (property_place p : places) bits |= 1U << static_cast<unsigned>(p);
    return static_cast<property_places>(bits);
}
constexpr property_places nowhere = 0;
constexpr property_places everywhere = in({will, connect, connack, publish, puback, pubrec, pubrel, pubcomp, subscribe,
                                           suback, unsubscribe, unsuback, disconnect, auth});
constexpr property_places answers = in({connack, puback, pubrec, pubrel, pubcomp, suback, unsuback, disconnect, auth});
constexpr bool forwarded = true;

// MQTT 5, table 2-4, with the values and the repetition that the sections of the packets allow.
constexpr property_info table[] = {
    {property::payload_format, "payload_format", byte, zero_or_one, in({publish, will}), nowhere, forwarded},
    {property::message_expiry_s, "message_expiry_s", four_bytes, any, in({publish, will}), nowhere},
    {property::content_type, "content_type", text, any, in({publish, will}), nowhere, forwarded},
    {property::response_topic, "response_topic", text, topic_name, in({publish, will}), nowhere, forwarded},
    {property::correlation_data, "correlation_data", binary, any, in({publish, will}), nowhere, forwarded},
    {property::subscription_id, "subscription_id", variable, not_zero, in({publish, subscribe}), in({publish})},
    {property::session_expiry_s, "session_expiry_s", four_bytes, any, in({connect, connack, disconnect}), nowhere},
    {property::assigned_client_id, "assigned_client_id", text, any, in({connack}), nowhere},
    {property::server_keep_alive_s, "server_keep_alive_s", two_bytes, any, in({connack}), nowhere},
    {property::authentication_method, "authentication_method", text, any, in({connect, connack, auth}), nowhere},
    {property::authentication_data, "authentication_data", binary, any, in({connect, connack, auth}), nowhere},
    {property::request_problem_information, "request_problem_information", byte, zero_or_one, in({connect}), nowhere},
    {property::will_delay_s, "will_delay_s", four_bytes, any, in({will}), nowhere},
    {property::request_response_information, "request_response_information", byte, zero_or_one, in({connect}), nowhere},
    {property::response_information, "response_information", text, any, in({connack}), nowhere},
    {property::server_reference, "server_reference", text, any, in({connack, disconnect}), nowhere},
    {property::reason_string, "reason_string", text, any, answers, nowhere},
    {property::receive_maximum, "receive_maximum", two_bytes, not_zero, in({connect, connack}), nowhere},
    {property::topic_alias_maximum, "topic_alias_maximum", two_bytes, any, in({connect, connack}), nowhere},
    {property::topic_alias, "topic_alias", two_bytes, not_zero, in({publish}), nowhere},
    {property::maximum_qos, "maximum_qos", byte, zero_or_one, in({connack}), nowhere},
    {property::retain_available, "retain_available", byte, zero_or_one, in({connack}), nowhere},
    {property::user_property, "user_property", text_pair, any, everywhere, everywhere, forwarded},
    {property::maximum_packet_size, "maximum_packet_size", four_bytes, not_zero, in({connect, connack}), nowhere},
    {property::wildcard_subscription_available, "wildcard_subscription_available", byte, zero_or_one, in({connack}), nowhere},
    {property::subscription_ids_available, "subscription_ids_available", byte, zero_or_one, in({connack}), nowhere},
    {property::shared_subscription_available, "shared_subscription_available", byte, zero_or_one, in({connack}), nowhere},
};

constexpr std::size_t ids_end = static_cast<std::size_t>(property::shared_subscription_available) + 1;
static_assert(ids_end <= 64, "properties keeps one bit per identifier");

constexpr auto rows_by_id = [] {
    std::array<const property_info*, ids_end> rows{};
    for (const property_info& row : table) rows[static_cast<std::size_t>(row.id)] = &row;
    return rows;
}();

constexpr std::uint64_t hop_properties = [] {
    std::uint64_t bits = 0;
    for (const property_info& row : table)
        if (!row.forwarded) bits |= 1ULL << static_cast<unsigned>(row.id);
    return bits;
}();

void read_value(byte_reader& in, wire_type type, property_value& value) {
    switch (type) {
        case byte: value.number = in.u8(); return;
        case two_bytes: value.number = in.u16(); return;
        case four_bytes: value.number = in.u32(); return;
        case variable: value.number = read_variable(in); return;
        case text:
        case binary: value.text = in.bytes16(); return;
        case text_pair:
            value.text = in.bytes16();
            value.value = in.bytes16();
            return;
    }
}

bool in_range(value_range range, const property_value& value) {
    switch (range) {
        case any: return true;
        case zero_or_one: return value.number <= 1;
        case not_zero: return value.number != 0;
        case topic_name: return valid_topic_name(value.text);  // [MQTT-3.3.2-14]
    }
    return false;
}

bool texts_valid(wire_type type, const property_value& value) {
    if (type != text && type != text_pair) return true;
    return valid_mqtt_text(value.text) && valid_mqtt_text(value.value);
}

/// Takes one property from the reader. An identifier that does not exist or does not belong here is malformed (2.2.2.2).
result<property_value, reason> check_next(byte_reader& in, property_place where) {
    const property_info* row = find_property(in.u8());
    if (!row || (row->places >> static_cast<unsigned>(where) & 1) == 0) return reason::malformed_packet;
    property_value value{.id = row->id};
    read_value(in, row->type, value);
    if (in.failed() || !texts_valid(row->type, value)) return reason::malformed_packet;
    if (!in_range(row->range, value))
        return row->id == property::topic_alias ? reason::topic_alias_invalid : reason::protocol_error;
    return value;
}

}  // namespace

const property_info* find_property(std::uint8_t id) { return id < ids_end ? rows_by_id[id] : nullptr; }

result<properties, reason> properties::check(std::string_view block, property_place where) {
    properties checked;
    checked.bytes_ = block;
    byte_reader in(block);
    while (!in.empty()) {
        TRY(const property_value value, check_next(in, where));
        const bool repeats = (find_property(static_cast<std::uint8_t>(value.id))->repeats >> static_cast<unsigned>(where) & 1) != 0;
        if (checked.has(value.id) && !repeats) return reason::protocol_error;
        checked.present_ |= bit(value.id);
    }
    return checked;
}

properties properties::trusted(std::string_view block) {
    properties known;
    known.bytes_ = block;
    for (const property_value& value : known) known.present_ |= bit(value.id);
    return known;
}

void properties::iterator::read() {
    if (left_.empty()) return;
    byte_reader in(left_);
    const property_info* row = find_property(in.u8());
    ENSURE(row);
    now_ = {.id = row->id};
    read_value(in, row->type, now_);
    ENSURE(!in.failed());
    now_.encoded = left_.substr(0, left_.size() - in.remaining());
}

std::optional<std::uint32_t> properties::find_number(property id) const {
    for (const property_value& value : *this)
        if (value.id == id) return value.number;
    return {};
}

std::optional<std::string_view> properties::text(property id) const {
    if (!has(id)) return {};
    for (const property_value& value : *this)
        if (value.id == id) return value.text;
    return {};
}

std::string_view properties::forwardable(std::string& scratch) const {
    if ((present_ & hop_properties) == 0) return bytes_;
    scratch.clear();
    for (const property_value& value : *this)
        if (find_property(static_cast<std::uint8_t>(value.id))->forwarded) scratch.append(value.encoded);
    return scratch;
}

void property_writer::number(property id, std::uint32_t value) {
    byte_writer out(out_);
    out.u8(static_cast<std::uint8_t>(id));
    switch (find_property(static_cast<std::uint8_t>(id))->type) {
        case wire_type::byte: return out.u8(static_cast<std::uint8_t>(value));
        case wire_type::two_bytes: return out.u16(static_cast<std::uint16_t>(value));
        case wire_type::four_bytes: return out.u32(value);
        case wire_type::variable: return append_variable(out_, value);
        case wire_type::text:
        case wire_type::binary:
        case wire_type::text_pair: break;
    }
    ENSURE(!"a property with a number");
}

void property_writer::text(property id, std::string_view value) {
    const wire_type type = find_property(static_cast<std::uint8_t>(id))->type;
    ENSURE(type == wire_type::text || type == wire_type::binary);
    byte_writer out(out_);
    out.u8(static_cast<std::uint8_t>(id));
    out.bytes16(value);
}

void property_writer::pair(std::string_view key, std::string_view value) {
    byte_writer out(out_);
    out.u8(static_cast<std::uint8_t>(property::user_property));
    out.bytes16(key);
    out.bytes16(value);
}

result<properties, reason> read_properties(byte_reader& in, property_place where) {
    const std::string_view block = in.take(read_variable(in));
    if (in.failed()) return reason::malformed_packet;
    return properties::check(block, where);
}

}  // namespace causeway::mqtt
