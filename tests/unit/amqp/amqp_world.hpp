#pragma once
// Clients against a whole broker, in the words of AMQP: methods are built from structs and compared as printed lines.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "protocols/amqp/factory.hpp"
#include "protocols/amqp/framing.hpp"
#include "protocols/amqp/method.hpp"
#include "protocols/amqp/origin.hpp"
#include "protocols/amqp/print.hpp"
#include "protocols/amqp/properties.hpp"
#include "protocols/amqp/table.hpp"
#include "protocols/mqtt/origin.hpp"
#include "tests/support/doorkeeper.hpp"
#include "tests/support/world.hpp"

namespace causeway::amqp::test {

using lines = std::vector<std::string>;

/// Anybody with the password "secret", or a certificate.
class users final : public causeway::test::doorkeeper {
public:
    users() : doorkeeper([this](const core::credentials& who) {
        last = who;
        return who.password == "secret" || who.certified;
    }) {}

    core::credentials last;  // that was asked about
};

class amqp_world {
public:
    explicit amqp_world(options limits = {}, core::broker_options broker_options = {})
        : world({&mqtt_origin_, &amqp_origin_}, std::move(broker_options)), factory(world, accounts, limits, world.log()) {
        world.turn();  // so that it knows the time
    }

private:
    mqtt::origin mqtt_origin_{core::topic_mapping::levels};
    origin amqp_origin_{core::topic_mapping::levels};

public:
    causeway::test::world world;
    users accounts;
    amqp::factory factory;
};

inline std::string plain(std::string_view user, std::string_view password) {
    return std::string(1, '\0').append(user).append(1, '\0').append(password);
}

inline core::field_table all_capabilities() {
    return {{"capabilities", core::field_table{{"authentication_failure_close", true},
                                               {"basic.nack", true},
                                               {"connection.blocked", true},
                                               {"consumer_cancel_notify", true},
                                               {"publisher_confirms", true}}}};
}

/// A client that speaks from the first byte on. What it gets is one line per frame:
/// "1 queue.declare_ok(queue="q", …)", "1 header 5 [delivery_mode=2]", "1 body hello", "0 heartbeat".
class client {
public:
    explicit client(amqp_world& home, protocols::peer_info who = {})
        : home_(home), link_(&home.world.connect(home.factory, who)) {}

    /// With all of the handshake done and one channel open.
    static client opened(amqp_world& home, std::string_view user = "guest", bool with_capabilities = true) {
        client c(home);
        c.sends_bytes(protocol_header);
        c.sends(0, connection_start_ok{.client_properties = with_capabilities ? all_capabilities() : core::field_table{},
                                       .mechanism = "PLAIN",
                                       .response = plain(user, "secret"),
                                       .locale = "en_US"});
        c.sends(0, connection_tune_ok{.channel_max = 2047, .frame_max = 131'072, .heartbeat = 0});
        c.sends(0, connection_open{.virtual_host = "/"});
        c.sends(1, channel_open{});
        const lines got = c.gets();
        REQUIRE(got.size() == 4);
        REQUIRE(got[3] == "1 channel.open_ok(reserved_1=\"\")");
        return c;
    }

    void sends_bytes(std::string_view bytes) { link_->sends(bytes); }
    template <class M>
    void sends(std::uint16_t channel, const M& m) {
        std::string bytes;
        write_method(bytes, channel, m);
        link_->sends(bytes);
    }
    void sends_frame(frame_type type, std::uint16_t channel, std::string_view payload) {
        std::string bytes;
        byte_writer to(bytes);
        to.u8(static_cast<std::uint8_t>(type));
        to.u16(channel);
        to.bytes32(payload);
        to.u8(frame_end);
        link_->sends(bytes);
    }
    void publishes(std::uint16_t channel, const basic_publish& m, std::string_view body,
                   const property_block& properties = {}, std::uint32_t frame_max = 131'072) {
        std::string block;
        write_block(block, properties);
        output_buffer out;
        write_method(out.tail(), channel, m);
        write_content(out, channel, block, body, {}, frame_max);
        std::string bytes;
        std::array<iovec, 8> pieces{};
        while (!out.empty()) {
            const std::size_t count = out.gather(pieces);
            std::size_t gathered = 0;
            for (std::size_t i = 0; i < count; ++i) {
                bytes.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
                gathered += pieces[i].iov_len;
            }
            out.consume(gathered);
        }
        link_->sends(bytes);
    }
    static property_block with_mode(std::uint8_t mode) {
        property_block p;
        p.delivery_mode = mode;
        return p;
    }
    void publishes_to_queue(std::uint16_t channel, std::string_view queue, std::string_view body, std::uint8_t mode = 1) {
        publishes(channel, {.routing_key = queue}, body, with_mode(mode));
    }

    /// Sends, and gives what came back. One expected answer: what it was.
    template <class M>
    std::string asks(std::uint16_t channel, const M& m) {
        sends(channel, m);
        return joined(gets());
    }
    lines gets() {
        home_.world.settle();
        return read(link_->gets());
    }
    std::string gets_joined() { return joined(gets()); }

    causeway::test::fake_link& link() { return *link_; }
    bool is_closed() const { return link_->is_closed(); }

    static std::string joined(const lines& all) {
        std::string text;
        for (const std::string& line : all) text.append(text.empty() ? "" : "; ").append(line);
        return text;
    }

private:
    static lines read(std::string_view bytes) {
        lines out;
        while (!bytes.empty()) {
            const auto f = read_frame(bytes, 0);
            REQUIRE(f);
            REQUIRE(f.assume_value());
            out.push_back(line(*f.assume_value()));
            bytes.remove_prefix(f.assume_value()->size());
        }
        return out;
    }
    static std::string line(const frame& f) {
        const std::string channel = std::to_string(f.channel) + " ";
        switch (f.type) {
            case frame_type::method_frame: return channel + print(decode_method(f.payload).assume_value());
            case frame_type::header_frame: {
                const auto header = decode_content_header(f.payload);
                return channel + "header " + std::to_string(header.assume_value().body_bytes) + " " +
                       print_block(header.assume_value().block);
            }
            case frame_type::body_frame:
                return channel + "body " +
                       (f.payload.size() <= 64 ? std::string(f.payload) : std::to_string(f.payload.size()) + " bytes");
            case frame_type::heartbeat_frame: return channel + "heartbeat";
        }
        return "?";
    }

    amqp_world& home_;
    causeway::test::fake_link* link_;
};

}  // namespace causeway::amqp::test
