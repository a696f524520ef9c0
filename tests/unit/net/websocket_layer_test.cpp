// How packets are laid into the frames of a WebSocket.
#include <catch2/catch.hpp>

#include <vector>

#include "net/listener_options.hpp"
#include "net/websocket_layer.hpp"
#include "tests/unit/net/toy_endpoints.hpp"

using namespace causeway;
using namespace std::string_literals;

namespace {

constexpr std::size_t head_size = 4;

std::string packet(std::size_t size) {
    std::string made;
    for (int shift = 24; shift >= 0; shift -= 8) made.push_back(static_cast<char>(size >> shift));
    return made + std::string(size, 'x');
}

struct writer {
    explicit writer(bool apart) {
        if (!apart) return;
        protocol.packet_size = [](std::string_view bytes) {
            byte_reader in(bytes);
            const std::size_t size = in.u32();
            return in.failed() ? 0 : head_size + size;
        };
    }

    /// What is in the frames that these bytes leave in.
    std::vector<std::string> frames_of(std::string_view bytes) {
        std::string down;
        layer.send(bytes, down);
        std::vector<std::string> payloads;
        byte_reader in(down);
        while (!in.empty()) {
            if (in.u8() != 0x82) FAIL("not a whole binary message");
            const std::size_t size = in.u8();
            payloads.emplace_back(in.take(size == 126 ? in.u16() : size == 127 ? in.u64() : size));
            if (in.failed()) FAIL("half a frame");
        }
        return payloads;
    }

    net::listener_options options;
    test::toy_factory protocol;
    net::websocket::deflater packs;
    net::websocket_layer layer{options, protocol, packs};
};

using frames = std::vector<std::string>;

}  // namespace

TEST_CASE("packets that are sent together come in a frame each, if their protocol wants it so") {
    writer out(true);
    CHECK(out.frames_of(packet(0) + packet(3) + packet(1)) == frames{packet(0), packet(3), packet(1)});
    CHECK(writer(false).frames_of(packet(0) + packet(3)) == frames{packet(0) + packet(3)});
}

TEST_CASE("a packet that comes in pieces has its frames for itself, however it is cut") {
    std::string stream;
    std::vector<std::size_t> ends;
    for (const std::size_t size : {0, 1, 127, 0, 128, 65'536, 2}) {
        stream += packet(size);
        ends.push_back(stream.size());
    }
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{5}, std::size_t{1000}, stream.size()}) {
        writer out(true);
        std::string all;
        auto end = ends.begin();
        for (std::size_t at = 0; at < stream.size(); at += piece) {
            for (const std::string& payload : out.frames_of(std::string_view(stream).substr(at, piece))) {
                all += payload;
                if (all.size() > *end) FAIL("a frame crosses the end of a packet at " << *end << ", in pieces of " << piece);
                if (all.size() == *end) ++end;
            }
        }
        INFO("in pieces of " << piece);
        CHECK((all == stream));
    }
}

TEST_CASE("of a packet whose size is not known yet nothing leaves") {
    writer out(true);
    CHECK(out.frames_of("\x00\x00\x00"s).empty());
    CHECK(out.frames_of("\x02"s) == frames{"\x00\x00\x00\x02"s});
    CHECK(out.frames_of("ab\x00"s) == frames{"ab"});
}
