#pragma once
// OpenSSL's queue of errors as text. For the files of this floor.

#include <string>

namespace causeway::tls {

/// Why the last call of OpenSSL on this thread failed, e.g. "No such file or directory". Empties the queue.
std::string take_openssl_error();

}  // namespace causeway::tls
