#pragma once
// Letters and scalar values as bytes: what AMQP's tables and our records have in common. How texts, arrays and tables are
// sized is for each of them to say.

#include <string_view>

#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "core/field.hpp"

namespace causeway::core {

/// RabbitMQ's letter of each alternative of field_value.
inline char letter_of(const field_value& value) { return std::string_view("VtbBsuIilLfdDSxTAF")[value.index()]; }

/// Bytes of a scalar with this letter; -1 for S, x, A and F, which have a size in front, and for what is no letter.
int scalar_bytes(char letter);

/// A scalar with this letter: scalar_bytes(letter) is not negative.
field_value read_scalar(byte_reader& in, char letter);

/// Writes the bytes, without the letter. False: it is no scalar, and nothing was written.
bool write_scalar(byte_writer& out, const field_value& value);

}  // namespace causeway::core
