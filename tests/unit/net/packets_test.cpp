// Where MQTT packets end in what a WebSocket sends.
#include <catch2/catch.hpp>

#include "net/listener_options.hpp"
#include "net/websocket/packets.hpp"
#include "net/websocket_layer.hpp"

using namespace causeway;
using namespace std::string_literals;
using net::websocket::packet_ends;

namespace {

std::string packet(std::size_t rest) {
    std::string made = "\x30";
    for (std::size_t left = rest;; left >>= 7) {
        made.push_back(static_cast<char>((left & 0x7F) | (left > 0x7F ? 0x80 : 0)));
        if (left <= 0x7F) break;
    }
    return made + std::string(rest, 'x');
}

}  // namespace

TEST_CASE("a packet ends where its length says, whatever piece it is in [MQTT-2.1.1]") {
    const std::vector<std::string> packets = {packet(0),      packet(1),         packet(127), packet(128), "\xD0" + std::string(1, '\0'), packet(16383),
                                              packet(16384), packet(2'097'152), packet(2)};
    std::string stream;
    for (const std::string& one : packets) stream += one;
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{1000}, stream.size()}) {
        packet_ends ends;
        std::vector<std::size_t> sizes(1, 0);
        for (std::size_t at = 0; at < stream.size(); at += piece) {
            std::string_view bytes = std::string_view(stream).substr(at, piece);
            while (!bytes.empty()) {
                const std::size_t size = ends.take(bytes);
                if (size == 0 || size > bytes.size()) FAIL("took " << size << " of " << bytes.size());
                bytes.remove_prefix(size);
                sizes.back() += size;
                if (sizes.back() == packets[sizes.size() - 1].size()) sizes.push_back(0);
            }
        }
        INFO("in pieces of " << piece);
        CHECK(sizes.size() == packets.size() + 1);
        CHECK(sizes.back() == 0);
    }
}

TEST_CASE("packets that are sent together come in a frame each, for clients that hear the first one of a frame only") {
    net::listener_options options;
    net::websocket::deflater packs;
    net::websocket_layer layer(options, packs);
    std::string down;
    layer.send("\x40\x02\x00\x01\x30\x03"s, down);
    layer.send("abc\xD0\x00"s, down);
    CHECK(down == "\x82\x04\x40\x02\x00\x01\x82\x02\x30\x03"s + "\x82\x03" + "abc" + "\x82\x02\xD0\x00"s);
}
