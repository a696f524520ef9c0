#pragma once
// Base64 (RFC 4648, section 4), with padding.

#include <optional>
#include <string>
#include <string_view>

namespace causeway {

std::string base64_of(std::string_view bytes);

/// nullopt if the text is not exactly what base64_of writes.
std::optional<std::string> bytes_of_base64(std::string_view text);

}  // namespace causeway
