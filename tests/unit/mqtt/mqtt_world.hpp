#pragma once
// Clients against a whole broker, in the words of MQTT: packets are built from structs and compared as printed lines.

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "protocols/mqtt/decode.hpp"
#include "protocols/mqtt/encode.hpp"
#include "protocols/mqtt/factory.hpp"
#include "protocols/mqtt/framing.hpp"
#include "protocols/mqtt/origin.hpp"
#include "protocols/mqtt/print.hpp"
#include "tests/support/doorkeeper.hpp"
#include "tests/support/world.hpp"

namespace causeway::mqtt::test {

using causeway::test::some_user;

/// The mechanism RIDDLE: the client says its name, is asked "riddle for <name>", and must say "answer of <name>".
class riddle final : public core::challenge_response {
public:
    reply step(std::string_view said) override {
        if (name_.empty()) {
            name_ = said;
            return {progress::going_on, name_.empty() ? "" : "riddle for " + name_};
        }
        if (said != "answer of " + name_) return {progress::refused};
        return {progress::accepted, "proof for " + name_, std::make_shared<some_user>(name_)};
    }

private:
    std::string name_;
};

/// Anybody with the password "secret" or a certificate, and anonymous clients if `anonymous`.
class users final : public causeway::test::doorkeeper {
public:
    users() : doorkeeper([this](const core::credentials& who) { return knows(who); }) {}

    bool anonymous = true;
    std::string client_id;  // of who was verified last

    std::unique_ptr<core::challenge_response> begin(std::string_view mechanism, const core::credentials&) override {
        return mechanism == "RIDDLE" ? std::make_unique<riddle>() : nullptr;
    }

private:
    bool knows(const core::credentials& who) {
        client_id = who.client_id;
        return who.anonymous ? anonymous : who.certified || who.password == "secret";
    }
};

/// How AMQP writes names, as far as these tests need it.
class dotted final : public core::origin {
public:
    core::protocol id() const override { return core::protocol::amqp; }
    core::topic_levels levels(std::string_view name) const override {
        core::topic_levels made;
        for (std::size_t from = 0; from <= name.size();) {
            const std::size_t dot = std::min(name.find('.', from), name.size());
            made.push(name.substr(from, dot - from));
            from = dot + 1;
        }
        return made;
    }
    core::topic_pattern pattern(std::string_view text) const override {
        core::topic_pattern made;
        made.push_literal(text);
        return made;
    }
    core::properties parse_properties(std::string_view) const override { return {}; }
};

/// print, and the payload after it: `PUBLISH q0 'a' payload=1 "x"`. Reason strings are left out: they are for people.
inline std::string line_of(const packet& p) {
    const auto* message = std::get_if<publish>(&p);
    if (message) return print(p) + " \"" + std::string(message->payload) + "\"";
    std::string line = print(p);
    for (const std::string_view before : {", reason_string='", " {reason_string='"}) {
        const std::size_t from = line.find(before);
        if (from == std::string::npos) continue;
        const std::size_t end = line.find('\'', from + before.size()) + 1;
        const bool alone = before[1] == '{' && line[end] == '}';
        line.erase(from, end + (alone ? 1 : 0) - from);
    }
    return line;
}

/// One client's connection.
class peer {
public:
    peer(causeway::test::world& w, causeway::test::fake_link& l, version v) : world_(w), link_(&l), version_(v) {}

    template <class Packet>
    peer& sends(const Packet& p) {
        std::string bytes;
        if constexpr (std::is_same_v<Packet, mqtt::connect>)
            encode(bytes, p);
        else
            encode(bytes, p, version_);
        link_->sends(bytes);
        return *this;
    }
    peer& sends_bytes(std::string_view bytes) {
        link_->sends(bytes);
        return *this;
    }

    /// Lets the broker run until it is quiet; the packets that have come since the last call, printed.
    std::vector<std::string> gets() {
        world_.settle();
        return got();
    }
    /// Without waiting.
    std::vector<std::string> got() {
        bytes_ += link_->gets();
        std::vector<std::string> lines;
        std::string_view left = bytes_;
        for (;;) {
            const auto next = next_frame(left, packet_bytes_max, version_);
            REQUIRE(next);
            if (!next.value()) break;
            const auto read = decode(*next.value(), version_);
            REQUIRE(read);
            lines.push_back(line_of(read.value()));
            left.remove_prefix(next.value()->size);
        }
        bytes_.erase(0, bytes_.size() - left.size());
        return lines;
    }

    bool is_closed() const { return link_->is_closed(); }
    causeway::test::fake_link& link() { return *link_; }
    void breaks() {
        link_->breaks();
        world_.settle();
    }

private:
    causeway::test::world& world_;
    causeway::test::fake_link* link_;
    version version_;
    std::string bytes_;
};

using lines = std::vector<std::string>;

inline subscribe subscription_to(std::string_view filter, qos q = qos::exactly_once, std::uint16_t packet_id = 1) {
    return {.packet_id = packet_id, .subscriptions = {{.filter = filter, .qos = q}}};
}

inline publish message(std::string_view topic, std::string_view payload, qos q = qos::at_most_once, std::uint16_t packet_id = 0) {
    return {.qos = q, .topic = topic, .packet_id = packet_id, .payload = payload};
}

struct mqtt_world {
    explicit mqtt_world(options o = {}, core::broker_options b = {})
        : world({.mqtt = &mqtt_origin, .amqp = &amqp_origin}, std::move(b)), factory(world, users, o, world.log()) {}

    /// A connection that has said nothing yet.
    peer stranger(version v = version::v5) { return {world, world.connect(factory), v}; }

    /// A connection whose CONNECT has been accepted.
    peer client(connect c) {
        peer made = stranger(c.version);
        made.sends(c);
        const lines answer = made.gets();
        REQUIRE(answer.size() >= 1);
        REQUIRE(answer[0].starts_with("CONNACK"));
        REQUIRE_FALSE(made.is_closed());
        return made;
    }
    peer client(std::string_view id, version v = version::v5) { return client(connect{.version = v, .client_id = id}); }

    /// A client that has subscribed; its SUBACK has been read.
    peer subscriber(std::string_view id, std::string_view filter, qos q = qos::exactly_once, version v = version::v5) {
        peer made = client(id, v);
        made.sends(subscription_to(filter, q)).gets();
        return made;
    }

    /// A client whose session outlives its connection, resumed if it is there.
    static connect lasting(std::string_view id, version v, property_block& block) {
        block.number(property::session_expiry_s, 1000);
        return {.version = v, .clean_start = false, .properties = block.view(), .client_id = id};
    }
    peer lasting_client(std::string_view id, version v = version::v5) {
        property_block block;
        return client(lasting(id, v, block));
    }
    /// The same, not yet answered.
    peer returning(std::string_view id) {
        property_block block;
        peer made = stranger();
        made.sends(lasting(id, version::v5, block));
        return made;
    }

    std::uint64_t dropped(core::drop_reason why) {
        return world.broker().counted().dropped[static_cast<std::size_t>(why)];
    }

    origin mqtt_origin{core::topic_mapping::levels};
    dotted amqp_origin;
    test::users users;
    causeway::test::world world;
    mqtt::factory factory;
};

}  // namespace causeway::mqtt::test
