#pragma once
// Password hashes by Argon2id, in the usual text form "$argon2id$v=19$m=…,t=…,p=1$salt$hash". Both functions take some 50 ms
// and 64 MiB by intention: call them off the broker thread where many logins are expected. Thread-safe.

#include <string>
#include <string_view>

namespace causeway::tls {

/// A new hash with a salt of its own. Empty if the system has not enough memory.
std::string hash_password(std::string_view password);

/// False too for a hash that is not one.
bool verify_password(std::string_view password, const std::string& hash);

}  // namespace causeway::tls
