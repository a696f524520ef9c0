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

std::string remote_address::text() const {
    if (!words_.empty() || kind_ != kind::ip) return std::string(words_.view());
    std::string host = ip_.is_v4() ? ip_.text() : "[" + ip_.text() + "]";
    return host.append(":").append(std::to_string(number_));
}

address_key remote_address::key() const {
    switch (kind_) {
        case kind::unknown: return address_key::none;
        case kind::ip: return key_of(ip_);
        case kind::process: return static_cast<address_key>(user_keys | number_);
    }
    return address_key::none;
}

remote_address remote_address::called(std::string_view text) const {
    remote_address other = *this;
    other.words_ = compact_text(text);
    return other;
}

remote_address remote_address::with_local(bool local) const {
    remote_address other = *this;
    other.local_ = local;
    return other;
}

remote_address remote_of(const sockaddr_storage& from) {
    if (from.ss_family == AF_INET6) {
        sockaddr_in6 v6;
        std::memcpy(&v6, &from, sizeof v6);
        ip_address::bytes bytes;
        std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
        return {ip_address(bytes), ntohs(v6.sin6_port)};
    }
    sockaddr_in v4;
    std::memcpy(&v4, &from, sizeof v4);
    std::array<std::uint8_t, 4> bytes;
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return {ip_address(bytes), ntohs(v4.sin_port)};
}

remote_address remote_of_process(int socket, const std::string& path) {
    remote_address remote;
    remote.local_ = true;
    ucred who{};
    socklen_t size = sizeof who;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return remote.called("unix:" + path);
    remote.kind_ = remote_address::kind::process;
    remote.number_ = who.uid;
    return remote.called("unix:" + path + ",pid=" + std::to_string(who.pid) + ",uid=" + std::to_string(who.uid));
}

}  // namespace causeway::net
