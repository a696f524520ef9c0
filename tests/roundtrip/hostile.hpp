#pragma once
// Texts that names and properties stumble over, and how to make one of them smaller.

#include <string>
#include <string_view>
#include <vector>

#include "core/topic_mapping.hpp"
#include "tests/simulation/dice.hpp"

namespace causeway::roundtrip {

using simulation::dice;

/// Separators, wildcards, codes and what looks like them, '$', empty levels; now and then as long as a limit, or longer.
std::string hostile_name(dice& d);
/// The same as a legal topic name: UTF-8, without wildcards, not empty.
std::string hostile_topic(dice& d);
/// Any bytes, up to AMQP's 255.
std::string hostile_key(dice& d);
/// UTF-8 without U+0000, for values.
std::string hostile_text(dice& d);
std::string hostile_bytes(dice& d);

core::topic_mapping any_mapping(dice& d);

/// The text with a part left out, or a character made plain.
std::vector<std::string> smaller_texts(const std::string& text);

/// Bytes as C++ would quote them; long ones shortened.
std::string quoted(std::string_view bytes);
std::string name_of(core::topic_mapping mapping);

}  // namespace causeway::roundtrip
