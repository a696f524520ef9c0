#include "tls/openssl_error.hpp"

#include <openssl/err.h>

#include <cstring>

namespace causeway::tls {

std::string take_openssl_error() {
    const unsigned long first = ERR_get_error();  // the oldest is the cause, the others are its consequences
    ERR_clear_error();
    if (first == 0) return "unknown reason";
    if (ERR_SYSTEM_ERROR(first)) return std::strerror(ERR_GET_REASON(first));
    const char* reason = ERR_reason_error_string(first);
    return reason != nullptr ? reason : "OpenSSL error " + std::to_string(ERR_GET_REASON(first));
}

}  // namespace causeway::tls
