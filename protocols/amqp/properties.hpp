#pragma once
// The basic properties of a content header (AMQP 0-9-1, 4.2.6.1). A *block* is the flags and the list behind them, exactly
// as on the wire; it is what a message keeps as raw_properties, so that a message which stays in AMQP keeps its bytes.
//
//     content header = [class: u16] [weight: u16] [body bytes: u64] [block]
//     block          = [flags: u16] { the properties whose flag is set, in this order }

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/field.hpp"
#include "core/properties.hpp"
#include "protocols/amqp/reply_code.hpp"

namespace causeway::amqp {

/// The block's properties as views into it, made in one pass without allocating; only the ones that are there are set.
struct property_block {
    std::optional<std::string_view> content_type;
    std::optional<std::string_view> content_encoding;
    std::optional<std::string_view> headers;  // the table's entries, without its length: see table_cursor
    std::optional<std::uint8_t> delivery_mode;
    std::optional<std::uint8_t> priority;
    std::optional<std::string_view> correlation_id;
    std::optional<std::string_view> reply_to;
    std::optional<std::string_view> expiration;
    std::optional<std::string_view> message_id;
    std::optional<std::uint64_t> timestamp_s;
    std::optional<std::string_view> type;
    std::optional<std::string_view> user_id;
    std::optional<std::string_view> app_id;
    std::optional<std::string_view> cluster_id;
};

/// Empty bytes are a block without properties. nullopt: malformed (the headers' own entries are checked too).
std::optional<property_block> read_block(std::string_view block);

/// Appends a block. Short strings must fit.
void write_block(std::string& out, const property_block& properties);

/// The same block with these headers instead, and nothing else changed. `block` is well formed.
std::string with_headers(std::string_view block, const core::field_table& headers);

/// … and without an expiration.
std::string with_history(std::string_view block, const core::field_table& headers);

/// The headers, built. `block` is well formed.
core::field_table headers_of(std::string_view block);

struct content_header {
    std::uint64_t body_bytes = 0;
    std::string_view block;
    property_block properties;
};

/// Reads a content header frame's payload. Refused: malformed (502), of another class than basic (505).
result<content_header, refusal> decode_content_header(std::string_view payload);

/// The neutral form; delivery_mode and expiration are not in it: the message itself knows them.
core::properties to_neutral(const property_block& block);

/// The block of neutral properties; payload_format and reply_topic are MQTT's and not in it (translate.cpp carries them).
/// Texts over 255 bytes, which no short string holds, are left out.
std::string to_block(const core::properties& from, std::optional<std::uint8_t> delivery_mode,
                     std::optional<std::int64_t> expiration_ms);

inline constexpr std::size_t shortstr_bytes_max = 255;

}  // namespace causeway::amqp
