#include "tls/sha256.hpp"

#include <sodium.h>

#include "base/check.hpp"

namespace causeway::tls {

namespace {

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

sha256_value sha256(std::string_view bytes) {
    sha256_value value;
    crypto_hash_sha256(value.data(), bytes_of(bytes), bytes.size());
    return value;
}

sha256_value hmac_sha256(std::string_view key, std::string_view bytes) {
    sha256_value value;
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, bytes_of(key), key.size());
    crypto_auth_hmacsha256_update(&state, bytes_of(bytes), bytes.size());
    crypto_auth_hmacsha256_final(&state, value.data());
    sodium_memzero(&state, sizeof state);
    return value;
}

bool equal(const sha256_value& a, const sha256_value& b) { return sodium_memcmp(a.data(), b.data(), a.size()) == 0; }

std::string random_bytes(std::size_t count) {
    ENSURE(sodium_init() >= 0);
    std::string bytes(count, '\0');
    randombytes_buf(bytes.data(), bytes.size());
    return bytes;
}

}  // namespace causeway::tls
