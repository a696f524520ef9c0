#include "net/websocket/handshake.hpp"

#include <algorithm>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include "tls/sha1.hpp"

namespace causeway::net::websocket {

namespace {

namespace http = boost::beast::http;
using parser = http::request_parser<http::empty_body>;
using request = http::request<http::empty_body>;

constexpr std::size_t key_size = 24;  // 16 bytes in base64

answer refuse(const char* status, const std::string& why, const char* more = "") {
    return {std::string("HTTP/1.1 ") + status + "\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: " +
                std::to_string(why.size() + 1) + "\r\n" + more + "\r\n" + why + "\n",
            why};
}

/// All values of a list that may come in several fields.
std::string list_of(const request& r, http::field name) {
    std::string all;
    const auto [first, last] = r.equal_range(name);
    for (auto field = first; field != last; ++field) all.append(field->value().data(), field->value().size()).append(",");
    return all;
}

/// A page of a site that is not wanted.
bool stranger(const request& r, const std::vector<std::string>& origins) {
    const auto origin = r.find(http::field::origin);
    if (origins.empty() || origin == r.end()) return false;
    return std::none_of(origins.begin(), origins.end(), [&](const std::string& known) {
        return boost::beast::iequals(origin->value(), boost::beast::string_view(known.data(), known.size()));
    });
}

std::string_view path_of(const request& r) {
    const std::string_view target(r.target().data(), r.target().size());
    return target.substr(0, target.find('?'));
}

/// The one that we like best of those that the client offers; empty: none of them.
std::string_view subprotocol_of(const request& r, std::span<const std::string_view> ours) {
    const std::string offered = list_of(r, http::field::sec_websocket_protocol);
    http::token_list tokens(offered);
    for (const std::string_view known : ours)
        for (const auto& token : tokens)
            if (std::string_view(token.data(), token.size()) == known) return known;
    return {};
}

std::string wanted(std::span<const std::string_view> subprotocols) {
    std::string text = "the subprotocol has to be";
    for (std::size_t i = 0; i < subprotocols.size(); ++i) text.append(i == 0 ? " " : " or ").append(subprotocols[i]);
    return text;
}

answer accept(std::string_view key, std::string_view subprotocol, std::optional<compression> agreed) {
    std::string text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";
    text += tls::base64_sha1(std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11") + "\r\n";
    if (!subprotocol.empty()) text.append("Sec-WebSocket-Protocol: ").append(subprotocol).append("\r\n");
    if (agreed) text += "Sec-WebSocket-Extensions: " + agreed->answer + "\r\n";
    return {text + "\r\n", "", std::move(agreed)};
}

}  // namespace

answer answer_handshake(std::string_view text, const rules& rules) {
    parser in;
    in.header_limit(request_bytes_max);
    boost::system::error_code error;
    in.put(boost::asio::buffer(text.data(), text.size()), error);
    if (error || !in.is_header_done()) return refuse("400 Bad Request", "not an HTTP request");

    const request& r = in.get();
    if (path_of(r) != rules.path) return refuse("404 Not Found", "no such path");
    if (!boost::beast::websocket::is_upgrade(r)) return refuse("400 Bad Request", "not a WebSocket handshake");
    if (r[http::field::sec_websocket_version] != "13")
        return refuse("426 Upgrade Required", "another version of WebSocket", "Sec-WebSocket-Version: 13\r\n");
    const auto key = r[http::field::sec_websocket_key];
    if (key.size() != key_size) return refuse("400 Bad Request", "no key");
    if (stranger(r, rules.origins)) return refuse("403 Forbidden", "pages of this origin may not connect");
    const std::string_view subprotocol = subprotocol_of(r, rules.subprotocols);
    if (subprotocol.empty() && rules.subprotocol_needed) return refuse("400 Bad Request", wanted(rules.subprotocols));
    auto agreed = rules.compression ? agree_on_compression(list_of(r, http::field::sec_websocket_extensions)) : std::nullopt;
    return accept({key.data(), key.size()}, subprotocol, std::move(agreed));
}

}  // namespace causeway::net::websocket
