#pragma once
// Where a connection comes from: an IP address and port, or a process on this machine.

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>

#include "net/ip_address.hpp"

namespace causeway::net {

/// Whose connections are counted together: those of an IPv4 address, of an IPv6 network of 64 bits (what one customer has,
/// at the least), or of a user on this machine.
enum class address_key : std::uint64_t { none = ~std::uint64_t{0} };

struct remote_address {
    std::string text;                // "127.0.0.1:54321", "[2001:db8::1]:54321", "unix:/run/causeway/mqtt.sock,pid=7,uid=0"
    bool local = false;              // on this machine
    address_key key = address_key::none;
    std::optional<ip_address> ip{};  // none: a process on this machine
};

remote_address remote_of(const ip_address& ip, std::uint16_t port);

/// Of what accept() has told.
remote_address remote_of(const sockaddr_storage& from);

/// Of the process that has connected this socket to the socket file of that path.
remote_address remote_of_process(int socket, const std::string& path);

}  // namespace causeway::net
