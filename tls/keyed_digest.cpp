#include "tls/keyed_digest.hpp"

#include <sodium.h>

#include "base/check.hpp"

namespace causeway::tls {

keyed_digest::keyed_digest() {
    ENSURE(sodium_init() >= 0);
    randombytes_buf(key_.data(), key_.size());
}

keyed_digest::~keyed_digest() { sodium_memzero(key_.data(), key_.size()); }

keyed_digest::value keyed_digest::of(std::string_view first, std::string_view second) const {
    const std::uint64_t first_size = first.size();
    crypto_generichash_state state;
    crypto_generichash_init(&state, key_.data(), key_.size(), sizeof(value));
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(&first_size), sizeof(first_size));
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(first.data()), first.size());
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(second.data()), second.size());
    value digest;
    crypto_generichash_final(&state, digest.data(), digest.size());
    sodium_memzero(&state, sizeof(state));
    return digest;
}

bool keyed_digest::equal(const value& a, const value& b) { return sodium_memcmp(a.data(), b.data(), a.size()) == 0; }

}  // namespace causeway::tls
