#include "net/websocket/handshake.hpp"

#include <boost/asio/buffer.hpp>
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

answer refuse(const char* status, const char* why, const char* more = "") {
    return {std::string("HTTP/1.1 ") + status + "\r\nConnection: close\r\nContent-Length: 0\r\n" + more + "\r\n", why};
}

std::string_view path_of(const request& r) {
    const std::string_view target(r.target().data(), r.target().size());
    return target.substr(0, target.find('?'));
}

/// The one that we like best of those that the client offers; empty: none of them.
std::string subprotocol_of(const request& r) {
    std::string offered;
    const auto [first, last] = r.equal_range(http::field::sec_websocket_protocol);
    for (auto field = first; field != last; ++field) offered.append(field->value().data(), field->value().size()).append(",");
    http::token_list tokens(offered);
    for (const char* known : {"mqtt", "mqttv3.1"})
        if (tokens.exists(known)) return known;
    return {};
}

answer accept(std::string_view key, const std::string& subprotocol) {
    std::string text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";
    text += tls::base64_sha1(std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11") + "\r\n";
    if (!subprotocol.empty()) text += "Sec-WebSocket-Protocol: " + subprotocol + "\r\n";
    return {text + "\r\n", ""};
}

}  // namespace

answer answer_handshake(std::string_view text, std::string_view path) {
    parser in;
    in.header_limit(request_bytes_max);
    boost::system::error_code error;
    in.put(boost::asio::buffer(text.data(), text.size()), error);
    if (error || !in.is_header_done()) return refuse("400 Bad Request", "not an HTTP request");

    const request& r = in.get();
    if (path_of(r) != path) return refuse("404 Not Found", "no such path");
    if (!boost::beast::websocket::is_upgrade(r)) return refuse("400 Bad Request", "not a WebSocket handshake");
    if (r[http::field::sec_websocket_version] != "13")
        return refuse("426 Upgrade Required", "another version of WebSocket", "Sec-WebSocket-Version: 13\r\n");
    const auto key = r[http::field::sec_websocket_key];
    if (key.size() != key_size) return refuse("400 Bad Request", "no key");
    const std::string subprotocol = subprotocol_of(r);
    if (subprotocol.empty() && r.count(http::field::sec_websocket_protocol) > 0) return refuse("400 Bad Request", "no subprotocol in common");
    return accept({key.data(), key.size()}, subprotocol);
}

}  // namespace causeway::net::websocket
