#pragma once
// Where a connection comes from: an IP address and port, or a process on this machine. Every connection keeps one, so it is small and
// becomes a text only for whoever asks.

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/compact_text.hpp"
#include "net/ip_address.hpp"

namespace causeway::net {

/// Whose connections are counted together: those of an IPv4 address, of an IPv6 network of 64 bits (what one customer has,
/// at the least), or of a user on this machine.
enum class address_key : std::uint64_t { none = ~std::uint64_t{0} };

class remote_address {
public:
    /// Nobody that is known.
    remote_address() = default;
    remote_address(const ip_address& ip, std::uint16_t port)
        : ip_(ip), number_(port), kind_(kind::ip), local_(ip.is_loopback()) {}

    /// "127.0.0.1:54321", "[2001:db8::1]:54321", "unix:/run/causeway/mqtt.sock,pid=7,uid=0"
    std::string text() const;
    /// On this machine.
    bool local() const { return local_; }
    address_key key() const;
    /// None: a process on this machine.
    std::optional<ip_address> ip() const { return kind_ == kind::ip ? std::optional(ip_) : std::nullopt; }

    /// The same one, told of in other words.
    remote_address called(std::string_view text) const;
    remote_address with_local(bool local) const;

private:
    friend remote_address remote_of_process(int socket, const std::string& path);
    enum class kind : std::uint8_t { unknown, ip, process };

    ip_address ip_;
    compact_text words_;        // instead of the address and port
    std::uint32_t number_ = 0;  // the port, or a process's user
    kind kind_ = kind::unknown;
    bool local_ = false;
};

/// Of what accept() has told.
remote_address remote_of(const sockaddr_storage& from);

/// Of the process that has connected this socket to the socket file of that path.
remote_address remote_of_process(int socket, const std::string& path);

}  // namespace causeway::net
