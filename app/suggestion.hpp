#pragma once
// "did you mean": the known word that is nearest to what somebody typed.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace causeway::app {

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The nearest of the known words, or "" if none is near enough to be a slip of the fingers.
std::string_view nearest(std::string_view typed, std::span<const std::string_view> known);

/// "; did you mean 'port'?" or "".
std::string did_you_mean(std::string_view typed, std::span<const std::string_view> known);

}  // namespace causeway::app
