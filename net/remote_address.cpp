#include "net/remote_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

namespace causeway::net {

namespace {

// The upper halves of keys that are no IPv6 networks of clients: these would be multicast.
constexpr std::uint64_t v4_keys = 0xFFFF'FFFF'0000'0000;
constexpr std::uint64_t user_keys = 0xFFFF'FFFE'0000'0000;

address_key key_of(const ip_address& ip) {
    const auto number = [&ip](std::size_t from, std::size_t to) {
        std::uint64_t n = 0;
        for (std::size_t i = from; i < to; ++i) n = n << 8 | ip.all()[i];
        return n;
    };
    return static_cast<address_key>(ip.is_v4() ? v4_keys | number(12, 16) : number(0, 8));
}

}  // namespace

remote_address remote_of(const ip_address& ip, std::uint16_t port) {
    const std::string host = ip.is_v4() ? ip.text() : "[" + ip.text() + "]";
    return {.text = host + ":" + std::to_string(port), .local = ip.is_loopback(), .key = key_of(ip), .ip = ip};
}

remote_address remote_of(const sockaddr_storage& from) {
    if (from.ss_family == AF_INET6) {
        sockaddr_in6 v6;
        std::memcpy(&v6, &from, sizeof v6);
        ip_address::bytes bytes;
        std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
        return remote_of(ip_address(bytes), ntohs(v6.sin6_port));
    }
    sockaddr_in v4;
    std::memcpy(&v4, &from, sizeof v4);
    std::array<std::uint8_t, 4> bytes;
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return remote_of(ip_address(bytes), ntohs(v4.sin_port));
}

remote_address remote_of_process(int socket, const std::string& path) {
    remote_address remote{.text = "unix:" + path, .local = true};
    ucred who{};
    socklen_t size = sizeof who;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return remote;
    remote.text += ",pid=" + std::to_string(who.pid) + ",uid=" + std::to_string(who.uid);
    remote.key = static_cast<address_key>(user_keys | who.uid);
    return remote;
}

}  // namespace causeway::net
