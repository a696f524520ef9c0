#pragma once
// Field tables on the wire (AMQP 0-9-1, 4.2.5.5 with RabbitMQ's letters t b B s u I i l L f d D S T F A V x).
//
//     table  = [bytes: u32] { [name: shortstr] [letter: u8] [value] }
//     array  = [bytes: u32] {                  [letter: u8] [value] }
//
// Reading keeps order, repeated names and the exact letters, so that writing gives the same bytes again. Limits: tables
// and arrays nest at most table_depth_max deep; sizes are bounded by the frame or content header that holds them.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/byte_reader.hpp"
#include "core/field.hpp"

namespace causeway::amqp {

inline constexpr std::size_t table_depth_max = 32;
inline constexpr std::size_t table_name_bytes_max = 255;  // a short string

/// Reads a table with its length in front. A malformed one fails the reader.
core::field_table read_table(byte_reader& in);

/// Reads the entries of a table without a length up to the end: AMQPLAIN's response, a headers view of property_block.
core::field_table read_table_entries(byte_reader& in);

/// RabbitMQ's name of a type, as its reply texts have it: "longstr" for S.
std::string_view type_name(char letter);

/// True if these are a table's entries, all the way down. Nothing is allocated.
bool valid_table_entries(std::string_view entries);

/// Names over 255 bytes are left out: no table can hold them (4.2.5.5).
void write_table(std::string& out, const core::field_table& table);
void write_table_entries(std::string& out, const core::field_table& table);

/// Visits the top level of a table's entries without building it. Nothing is allocated.
class table_cursor {
public:
    explicit table_cursor(std::string_view entries) : in_(entries) {}

    /// The next field, or false at the end and on malformed bytes: ask failed().
    bool next();
    bool failed() const { return in_.failed(); }

    std::string_view name() const { return name_; }
    char letter() const { return letter_; }
    /// The value's bytes after its letter; of strings, tables and arrays without their length.
    std::string_view bytes() const { return bytes_; }
    /// The value, built.
    core::field_value value() const;

private:
    byte_reader in_;
    std::string_view name_;
    char letter_ = 0;
    std::string_view bytes_;
};

}  // namespace causeway::amqp
