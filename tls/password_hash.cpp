#include "tls/password_hash.hpp"

#include <sodium.h>

#include "base/check.hpp"

namespace causeway::tls {

namespace {

/// libsodium wants to be initialised once; doing so again is allowed and cheap.
void start_sodium() { ENSURE(sodium_init() >= 0); }

}  // namespace

std::string hash_password(std::string_view password) {
    start_sodium();
    char text[crypto_pwhash_STRBYTES];
    const bool done = crypto_pwhash_argon2id_str(text, password.data(), password.size(), crypto_pwhash_argon2id_OPSLIMIT_INTERACTIVE,
                                                 crypto_pwhash_argon2id_MEMLIMIT_INTERACTIVE) == 0;
    return done ? std::string(text) : std::string();
}

bool verify_password(std::string_view password, const std::string& hash) {
    start_sodium();
    if (hash.size() >= crypto_pwhash_STRBYTES) return false;
    return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

}  // namespace causeway::tls
