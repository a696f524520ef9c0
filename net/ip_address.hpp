#pragma once
// IP addresses and networks of them, as values. Both families are one: an IPv4 address is the IPv6 address that it maps to,
// so a client is the same one whichever way it reached a socket that takes both.

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"

namespace causeway::net {

class ip_address {
public:
    using bytes = std::array<std::uint8_t, 16>;

    ip_address() = default;  // "::"
    explicit ip_address(const bytes& of) : bytes_(of) {}
    explicit ip_address(const std::array<std::uint8_t, 4>& v4);

    /// Of the literal of either family; nothing for anything else.
    static std::optional<ip_address> parse(const std::string& text);

    bool is_v4() const;
    bool is_loopback() const;
    const bytes& all() const { return bytes_; }
    std::string text() const;

    auto operator<=>(const ip_address&) const = default;

private:
    bytes bytes_{};
};

class ip_network {
public:
    /// "10.0.0.0/8", "2001:db8::/32", or an address, which is a network of itself alone.
    static std::optional<ip_network> parse(const std::string& text);

    bool contains(const ip_address& a) const;

private:
    ip_address base_;
    unsigned prefix_bits_ = 128;
};

}  // namespace causeway::net
