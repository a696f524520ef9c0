#include "net/proxy_protocol.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <vector>

#include "base/byte_reader.hpp"

namespace causeway::net {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view text_start = "PROXY "sv;
constexpr std::string_view signature = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::size_t text_bytes_max = 107;  // with CRLF
constexpr std::size_t fixed_bytes = 16;      // of version 2: up to its length

bool begins_alike(std::string_view a, std::string_view b) {
    const std::size_t size = std::min(a.size(), b.size());
    return a.substr(0, size) == b.substr(0, size);
}

std::vector<std::string_view> words(std::string_view line) {
    std::vector<std::string_view> all;
    while (true) {
        const std::size_t end = line.find(' ');
        all.push_back(line.substr(0, end));
        if (end == std::string_view::npos) return all;
        line.remove_prefix(end + 1);
    }
}

std::optional<std::uint16_t> port_of(std::string_view text) {
    std::uint16_t port = 0;
    const auto [stopped, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc() || stopped != text.data() + text.size()) return std::nullopt;
    return port;
}

template <std::size_t Size>
std::array<std::uint8_t, Size> array_of(std::string_view bytes) {
    std::array<std::uint8_t, Size> made;
    std::memcpy(made.data(), bytes.data(), Size);
    return made;
}

/// A path that a client chose, fit for a log.
std::string printable(std::string_view path) {
    std::string text(path.substr(0, path.find('\0')));
    std::replace_if(text.begin(), text.end(), [](char c) { return c <= ' ' || c > '~'; }, '?');
    return text;
}

}  // namespace

proxy_header::state proxy_header::fail(const char* why) {
    failure_ = why;
    return state::failed;
}

proxy_header::state proxy_header::receive(std::string_view& bytes) {
    const std::size_t before = header_.size();
    header_.append(bytes.substr(0, proxy_header_bytes_max));
    const state now = parse();
    if (now == state::complete) {
        bytes.remove_prefix(header_.size() - before);
        std::string().swap(header_);
    } else if (now == state::reading) {
        bytes = {};
    }
    return now;
}

/// On success, header_ is cut to what belongs to the header.
proxy_header::state proxy_header::parse() {
    if (begins_alike(header_, text_start)) return parse_text();
    if (begins_alike(header_, signature)) return parse_binary();
    return fail("no PROXY header");
}

proxy_header::state proxy_header::parse_text() {
    const std::size_t end = std::string_view(header_).substr(0, text_bytes_max).find("\r\n");
    if (end == std::string_view::npos)
        return header_.size() < text_bytes_max ? state::reading : fail("a PROXY line without end");
    header_.resize(end + 2);
    return read_text(std::string_view(header_).substr(0, end)) ? state::complete : fail("a malformed PROXY line");
}

bool proxy_header::read_text(std::string_view line) {
    const std::vector<std::string_view> parts = words(line);
    if (parts.size() >= 2 && parts[1] == "UNKNOWN") return true;
    if (parts.size() != 6) return false;
    const bool v4 = parts[1] == "TCP4";
    if (!v4 && parts[1] != "TCP6") return false;
    const auto source = ip_address::parse(std::string(parts[2])), destination = ip_address::parse(std::string(parts[3]));
    const auto port = port_of(parts[4]), to_port = port_of(parts[5]);
    const bool colons = parts[2].find(':') != std::string_view::npos;
    if (!source || !destination || !port || !to_port || colons == v4) return false;
    remote_ = remote_address(*source, *port);
    client_ = client::known;
    return true;
}

proxy_header::state proxy_header::parse_binary() {
    if (header_.size() < fixed_bytes) return state::reading;
    byte_reader in(std::string_view(header_).substr(signature.size()));
    const std::uint8_t version_command = in.u8(), family_transport = in.u8();
    const std::size_t length = in.u16();
    if (version_command >> 4 != 2) return fail("an unknown version of the PROXY protocol");
    if ((version_command & 0x0F) > 1) return fail("an unknown PROXY command");
    if (family_transport >> 4 > 3 || (family_transport & 0x0F) > 2) return fail("an unknown PROXY address family");
    if (fixed_bytes + length > proxy_header_bytes_max) return fail("a PROXY header that is too long");
    if (header_.size() < fixed_bytes + length) return state::reading;

    header_.resize(fixed_bytes + length);
    if ((version_command & 0x0F) == 0) {  // LOCAL: whatever follows is to be passed over
        client_ = client::the_proxy;
        return state::complete;
    }
    const bool good = read_addresses(family_transport >> 4, std::string_view(header_).substr(fixed_bytes));
    return good ? state::complete : fail("a PROXY header that is too short for its addresses");
}

/// Source and destination addresses, source and destination ports.
bool proxy_header::read_addresses(std::uint8_t family, std::string_view block) {
    byte_reader in(block);
    const auto known = [&](const ip_address& source, std::uint16_t port) {
        remote_ = remote_address(source, port);
        client_ = client::known;
        return true;
    };
    switch (family) {
        case 1: {
            if (block.size() < 12) return false;
            const auto source = array_of<4>(in.take(4));
            in.take(4);
            return known(ip_address(source), in.u16());
        }
        case 2: {
            if (block.size() < 36) return false;
            const auto source = array_of<16>(in.take(16));
            in.take(16);
            return known(ip_address(source), in.u16());
        }
        case 3:
            if (block.size() < 216) return false;
            process_ = "unix:" + printable(in.take(108));
            client_ = client::process;
            return true;
        default: return true;  // unspecified
    }
}

remote_address proxy_header::client_of(const remote_address& proxy) const {
    switch (client_) {
        case client::the_proxy: break;
        case client::unknown: return proxy.called("unknown, behind " + proxy.text()).with_local(false);
        case client::known: return remote_.with_local(remote_.local() && proxy.local());
        case client::process: return proxy.called(process_ + ", behind " + proxy.text());
    }
    return proxy;
}

}  // namespace causeway::net
