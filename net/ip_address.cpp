#include "net/ip_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace causeway::net {

namespace {

constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

}  // namespace

ip_address::ip_address(const std::array<std::uint8_t, 4>& v4) {
    std::copy(mapped.begin(), mapped.end(), bytes_.begin());
    std::copy(v4.begin(), v4.end(), bytes_.begin() + mapped.size());
}

std::optional<ip_address> ip_address::parse(const std::string& text) {
    std::array<std::uint8_t, 4> v4;
    if (::inet_pton(AF_INET, text.c_str(), v4.data()) == 1) return ip_address(v4);
    bytes v6;
    if (::inet_pton(AF_INET6, text.c_str(), v6.data()) == 1) return ip_address(v6);
    return std::nullopt;
}

bool ip_address::is_v4() const { return std::equal(mapped.begin(), mapped.end(), bytes_.begin()); }

bool ip_address::is_loopback() const {
    if (is_v4()) return bytes_[12] == 127;
    return std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t b) { return b == 0; }) && bytes_[15] == 1;
}

std::string ip_address::text() const {
    char text[INET6_ADDRSTRLEN];
    if (!is_v4()) return ::inet_ntop(AF_INET6, bytes_.data(), text, sizeof text);
    // glibc's inet_ntop goes through printf, and each login has its address in a line of the log.
    char* at = text;
    for (std::size_t i = mapped.size(); i < bytes_.size(); ++i) {
        if (i > mapped.size()) *at++ = '.';
        at = std::to_chars(at, std::end(text), bytes_[i]).ptr;
    }
    return {text, at};
}

std::optional<ip_network> ip_network::parse(const std::string& text) {
    const std::size_t slash = text.find('/');
    const auto base = ip_address::parse(text.substr(0, slash));
    if (!base) return std::nullopt;
    ip_network made;
    made.base_ = *base;
    if (slash == std::string::npos) return made;

    const unsigned longest = base->is_v4() ? 32 : 128;
    unsigned bits = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data() + slash + 1, end, bits);
    if (error != std::errc() || stopped != end || bits > longest) return std::nullopt;
    made.prefix_bits_ = bits + (128 - longest);
    return made;
}

bool ip_network::contains(const ip_address& a) const {
    const std::size_t whole = prefix_bits_ / 8;
    const unsigned rest = prefix_bits_ % 8;
    if (!std::equal(base_.all().begin(), base_.all().begin() + whole, a.all().begin())) return false;
    return rest == 0 || (base_.all()[whole] ^ a.all()[whole]) >> (8 - rest) == 0;
}

}  // namespace causeway::net
