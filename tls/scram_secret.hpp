#pragma once
// What a server keeps of a password for SCRAM-SHA-256 (RFC 5802 section 3): it can verify a client with it and prove itself,
// but not pose as the client. Written as PostgreSQL and RFC 5803 do: "SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey".

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tls/sha256.hpp"

namespace causeway::tls {

struct scram_secret {
    std::uint32_t iterations = 0;
    std::string salt;  // bytes
    sha256_value stored_key{};
    sha256_value server_key{};
    bool operator==(const scram_secret&) const = default;
};

inline constexpr std::uint32_t scram_iterations_min = 4'096;  // RFC 7677 section 4
inline constexpr std::uint32_t scram_iterations_max = 10'000'000;
inline constexpr std::size_t scram_salt_bytes = 16;

/// Takes time with the iterations. The password is UTF-8 and goes in as it is: see acceptable_scram_password.
scram_secret make_scram_secret(std::string_view password, std::string salt, std::uint32_t iterations);

/// Not empty, well-formed UTF-8, no control characters. What SASLprep (RFC 4013) would change beyond ASCII is left alone.
bool acceptable_scram_password(std::string_view password);

std::string text_of(const scram_secret& secret);
std::optional<scram_secret> parse_scram_secret(std::string_view text);

}  // namespace causeway::tls
