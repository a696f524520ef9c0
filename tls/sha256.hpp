#pragma once
// SHA-256 and HMAC-SHA-256, and bytes that nobody can guess.

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace causeway::tls {

using sha256_value = std::array<unsigned char, 32>;

sha256_value sha256(std::string_view bytes);
sha256_value hmac_sha256(std::string_view key, std::string_view bytes);

/// In a time that does not depend on where they differ.
bool equal(const sha256_value& a, const sha256_value& b);

inline std::string_view view_of(const sha256_value& value) {
    return {reinterpret_cast<const char*>(value.data()), value.size()};
}

/// From the operating system.
std::string random_bytes(std::size_t count);

}  // namespace causeway::tls
