#pragma once
// SHA-1 in base64, which WebSocket handshakes want (RFC 6455 section 4.2.2). Not for secrets.

#include <string>
#include <string_view>

namespace causeway::tls {

std::string base64_sha1(std::string_view text);

}  // namespace causeway::tls
