#pragma once
// What a proxy says about its client before the client's own first byte: the PROXY protocol, version 1 (text) and 2 (binary).
//
//   1:  "PROXY" SP ("TCP4" | "TCP6") SP source SP destination SP source-port SP destination-port CRLF, or "PROXY UNKNOWN" … CRLF
//   2:  [signature: 12 bytes] [version:4 command:4] [family:4 transport:4] [length: u16] [addresses] [TLVs, passed over]
//
// Sans-IO. A header is believed whoever sends it: from whom it is taken is the listener's business.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/remote_address.hpp"

namespace causeway::net {

/// Of either version, with its TLVs. HAProxy's own longest are well below 1 KiB.
constexpr std::size_t proxy_header_bytes_max = 4096;

class proxy_header {
public:
    enum class state : std::uint8_t { reading, complete, failed };

    /// Takes the header off the front of `bytes`: all of them while it is not complete.
    state receive(std::string_view& bytes);

    /// Nothing has come yet.
    bool empty() const { return header_.empty(); }

    const char* failure() const { return failure_; }

    /// Who is at the other end of a connection that this proxy made. It is on this machine only if the proxy is, too: an
    /// address that means "here" means the proxy's machine.
    remote_address client_of(const remote_address& proxy) const;

private:
    enum class client : std::uint8_t {
        the_proxy,  // speaks for itself: a health check
        unknown,
        known,      // remote_
        process,    // process_, on the proxy's machine
    };

    state fail(const char* why);
    state parse();
    state parse_text();
    state parse_binary();
    bool read_text(std::string_view line);
    bool read_addresses(std::uint8_t family, std::string_view block);

    std::string header_;  // as far as it has come
    const char* failure_ = "";
    client client_ = client::unknown;
    remote_address remote_;
    std::string process_;
};

}  // namespace causeway::net
