#pragma once
// The names of many topics below one, told apart by a number, and of filters that match one of them each.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace causeway::bench {

inline constexpr std::size_t topic_digits = 8;
inline constexpr std::uint64_t topics_max = 100'000'000;
/// What follows the number where filters have wildcards: they need levels to stand for.
inline constexpr std::string_view wildcard_tail = "/room/value";

/// As many digits, with zeros in front.
void write_topic_digits(char* to, std::uint64_t number);

/// `below` has three levels and ends with "/".
std::string numbered_topic(std::string_view below, std::uint64_t number, bool wildcards);

/// Matches numbered_topic(below, number, true) and nothing else below: in turns with one "+", with two, with "#", and with both.
std::string wildcard_filter(std::string_view below, std::uint64_t number, unsigned turn);

}  // namespace causeway::bench
