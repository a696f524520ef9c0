#include "bench/url.hpp"

#include <charconv>
#include <optional>

namespace causeway::bench {

namespace {

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// %2F and its like (RFC 3986, 2.1).
std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? digit(text[i + 2]) : -1;
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

/// Cuts off everything up to the mark; all of it if there is none.
std::string_view cut(std::string_view& text, char mark) {
    const std::size_t at = text.find(mark);
    const std::string_view before = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return before;
}

result<void, std::string> decode_into(std::string& to, std::string_view text) {
    const auto plain = decoded(text);
    if (!plain) return "'" + std::string(text) + "' has a % without two hexadecimal digits";
    to = *plain;
    return success();
}

result<void, std::string> read_login(std::string_view login, url& to) {
    TRY(decode_into(to.user, cut(login, ':')));
    return decode_into(to.password, login);
}

result<void, std::string> read_place(std::string_view place, url& to) {
    if (place.starts_with('[')) {  // an IPv6 address
        place.remove_prefix(1);
        to.host = cut(place, ']');
        if (place.starts_with(':')) place.remove_prefix(1);
    } else {
        to.host = cut(place, ':');
    }
    if (to.host.empty()) return std::string("there is no host");
    if (place.empty()) return success();
    const auto [end, error] = std::from_chars(place.data(), place.data() + place.size(), to.port);
    if (error != std::errc() || end != place.data() + place.size() || to.port == 0)
        return "'" + std::string(place) + "' is not a port";
    return success();
}

}  // namespace

std::string url::place() const {
    const bool colons = host.find(':') != std::string::npos;
    return (colons ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

result<url, std::string> parse_url(std::string_view text) {
    url to;
    const std::size_t scheme_end = text.find("://");
    const std::string_view scheme = text.substr(0, scheme_end);
    if (scheme_end == std::string_view::npos || (scheme != "mqtt" && scheme != "amqp"))
        return "'" + std::string(text) + "' does not begin with mqtt:// or amqp://";
    text.remove_prefix(scheme_end + 3);
    if (scheme == "amqp") {
        to.protocol = protocol::amqp;
        to.port = 5672;
        to.user = to.password = "guest";
    }
    std::string_view authority = text.substr(0, text.find('/'));
    text.remove_prefix(authority.size());
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        TRY(read_login(authority.substr(0, at), to));
        authority.remove_prefix(at + 1);
    }
    TRY(read_place(authority, to));
    if (text.size() <= 1) return to;
    if (to.protocol == protocol::mqtt) return std::string("MQTT has no vhost in its address");
    TRY(decode_into(to.vhost, text.substr(1)));
    return to;
}

}  // namespace causeway::bench
