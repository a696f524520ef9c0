// What CONNACK, DISCONNECT and acknowledgements say beside their code, and how large they may be.

#include "base/utf8.hpp"
#include "protocols/mqtt/reason_string.hpp"
#include "tests/unit/mqtt/mqtt_world.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using namespace causeway::mqtt::test;

namespace {

/// A CONNECT of MQTT 5 with properties.
struct asking {
    asking& number(property id, std::uint32_t value) {
        block.number(id, value);
        return *this;
    }
    mqtt::connect connect(std::string_view id = "a") { return {.version = version::v5, .properties = block.view(), .client_id = id}; }
    property_block block;
};

/// The packets as they came, reason strings and all.
std::vector<std::string> raw(mqtt_world& w, peer& p) {
    w.world.settle();
    std::string bytes = p.link().gets();
    std::vector<std::string> printed;
    std::string_view left = bytes;
    while (!left.empty()) {
        const auto next = next_frame(left, packet_bytes_max, version::v5);
        REQUIRE((next && next.value()));
        printed.push_back(print(decode(*next.value(), version::v5).value()) + " size=" + std::to_string(next.value()->size));
        left.remove_prefix(next.value()->size);
    }
    return printed;
}

bool has(const std::vector<std::string>& got, std::string_view part) {
    return got.size() == 1 && got[0].find(part) != std::string::npos;
}

options small_answers() {
    options o;
    o.response_information = "responses/%u/%c";
    return o;
}

}  // namespace

TEST_CASE("refusals say why in words [3.2.2.3.9, 3.4.2.2.2, 3.9.2.1.2, 3.14.2.2.3]") {
    mqtt_world w;
    w.users.anonymous = false;
    peer refused = w.stranger();
    refused.sends(connect{.version = version::v5, .client_id = "a"});
    CHECK(has(raw(w, refused), "CONNACK reason='not authorized' {reason_string='the client has not shown who it is"));

    w.users.anonymous = true;
    peer p = w.client("b");
    p.sends(message("forbidden/t", "x", qos::at_least_once, 1));
    CHECK(has(raw(w, p), "PUBACK id=1 reason='not authorized' {reason_string='no right to publish to this topic'}"));
    p.sends(message("forbidden/t", "x", qos::exactly_once, 2));
    CHECK(has(raw(w, p), "PUBREC id=2 reason='not authorized' {reason_string='no right to publish to this topic'}"));
    p.sends(subscription_to("forbidden"));
    CHECK(has(raw(w, p), "SUBACK id=1 {reason_string='no right to subscribe to a filter of this packet'}"));
    p.sends(pingresp{});
    CHECK(has(raw(w, p), "DISCONNECT reason='protocol error' {reason_string='"));
}

TEST_CASE("successes are not explained") {
    mqtt_world w;
    peer p = w.client("a");
    p.sends(subscription_to("t", qos::at_most_once)).sends(message("t/other", "x", qos::at_least_once, 1));
    for (const std::string& line : raw(w, p)) CHECK(line.find("reason_string") == std::string::npos);
}

TEST_CASE("only refusals are explained, in text that MQTT can carry") {
    for (int code = 0; code < 256; ++code)
        for (int type = 1; type <= 15; ++type)
            if (!reason_string(static_cast<packet_type>(type), static_cast<reason>(code)).empty())
                CHECK((refuses(static_cast<reason>(code)) && valid_mqtt_text(reason_string(static_cast<packet_type>(type), static_cast<reason>(code)))));
}

TEST_CASE("a client that wants no problem information gets none on acknowledgements [MQTT-3.1.2-29]") {
    mqtt_world w;
    peer p = w.client(asking().number(property::request_problem_information, 0).connect());
    p.sends(message("forbidden/t", "x", qos::at_least_once, 1)).sends(subscription_to("forbidden"));
    const auto got = raw(w, p);
    REQUIRE(got.size() == 2);
    for (const std::string& line : got) CHECK(line.find("reason_string") == std::string::npos);
    p.sends(pingresp{});
    CHECK(has(raw(w, p), "reason_string"));  // DISCONNECT may
}

TEST_CASE("a reason string is left out where the packet would be too large for the client [MQTT-3.4.2-2, MQTT-3.14.2-3]") {
    mqtt_world w;
    peer p = w.client(asking().number(property::maximum_packet_size, 30).connect());
    p.sends(message("forbidden/t", "x", qos::at_least_once, 1));
    CHECK(raw(w, p) == lines{"PUBACK id=1 reason='not authorized' size=5"});
    p.sends(pingresp{});
    CHECK(raw(w, p) == lines{"DISCONNECT reason='protocol error' size=3"});

    w.users.anonymous = false;
    peer refused = w.stranger();
    asking little;
    refused.sends(little.number(property::maximum_packet_size, 30).connect());
    CHECK(raw(w, refused) == lines{"CONNACK reason='not authorized' size=5"});
}

TEST_CASE("a CONNACK that the client does not take becomes a refusal that it takes, or nothing [MQTT-3.1.2-24]") {
    mqtt_world w;
    peer p = w.stranger();
    asking little, less;
    p.sends(little.number(property::maximum_packet_size, 5).connect());
    CHECK(raw(w, p) == lines{"CONNACK reason='packet too large' size=5"});
    CHECK(p.is_closed());
    peer q = w.stranger();
    q.sends(less.number(property::maximum_packet_size, 4).connect("b"));
    CHECK(raw(w, q).empty());
    CHECK(q.is_closed());
    CHECK(w.world.broker().find_session("a") == nullptr);
}

TEST_CASE("an acknowledgement that the client does not take ends its connection with 0x95 [MQTT-3.1.2-24]") {
    mqtt_world w;
    peer p = w.client(asking().number(property::maximum_packet_size, 30).connect());
    subscribe many{.packet_id = 1};
    std::vector<std::string> filters;
    for (int i = 0; i < 40; ++i) filters.push_back("f" + std::to_string(i));
    for (const std::string& f : filters) many.subscriptions.push_back({.filter = f});
    p.sends(many);
    CHECK(p.gets() == lines{"DISCONNECT reason='packet too large'"});
    CHECK(p.is_closed());

    peer q = w.client(asking().number(property::maximum_packet_size, 30).connect("b"));
    unsubscribe none{.packet_id = 1};
    for (const std::string& f : filters) none.filters.push_back(f);
    q.sends(none);
    CHECK(q.gets() == lines{"DISCONNECT reason='packet too large'"});
}

TEST_CASE("response information is told to those who ask for it, if there is any [MQTT-3.1.2-28]") {
    mqtt_world w(small_answers());
    const auto connack = [&w](asking a) {
        peer p = w.stranger();
        connect c = a.connect();
        c.user = "ann";
        c.password = "secret";
        p.sends(c);
        return p.gets()[0];
    };
    CHECK(connack(asking().number(property::request_response_information, 1)).find("response_information='responses/ann/a'") !=
          std::string::npos);
    CHECK(connack(asking().number(property::request_response_information, 0)).find("response_information") == std::string::npos);
    CHECK(connack(asking()).find("response_information") == std::string::npos);
    const std::string small = connack(asking().number(property::request_response_information, 1).number(property::maximum_packet_size, 30));
    CHECK(small.starts_with("CONNACK {"));
    CHECK(small.find("response_information") == std::string::npos);
}

TEST_CASE("a smaller Maximum QoS is announced, and holds for publishing, wills and subscriptions [MQTT-3.2.2-9 to -12]") {
    options o;
    o.qos_max = 1;
    mqtt_world w(o);
    peer p = w.stranger();
    p.sends(connect{.version = version::v5, .client_id = "a"});
    CHECK(p.gets()[0].find("maximum_qos=1") != std::string::npos);
    p.sends(subscription_to("t", qos::exactly_once));
    CHECK(p.gets() == lines{"SUBACK id=1 'granted QoS 1'"});
    p.sends(message("t", "x", qos::exactly_once, 7));
    CHECK(p.gets() == lines{"DISCONNECT reason='QoS not supported'"});
    CHECK(p.is_closed());

    connect with_will{.version = version::v5, .client_id = "b", .will = mqtt::will{.topic = "w", .qos = qos::exactly_once}};
    peer q = w.stranger();
    q.sends(with_will);
    CHECK(q.gets() == lines{"CONNACK reason='QoS not supported'"});

    with_will.version = version::v3_1_1;
    peer old = w.stranger(version::v3_1_1);
    old.sends(with_will);
    CHECK(old.gets().empty());
    CHECK(old.is_closed());
}

TEST_CASE("a session's shorter life is told [3.2.2.3.2]") {
    mqtt_world w({}, {.session_expiry_s_max = 60});
    peer p = w.stranger();
    p.sends(asking().number(property::session_expiry_s, 61).connect());
    CHECK(p.gets()[0].find("session_expiry_s=60") != std::string::npos);
    peer q = w.stranger();
    q.sends(asking().number(property::session_expiry_s, 60).connect("b"));
    CHECK(q.gets()[0].find("session_expiry_s") == std::string::npos);
}

TEST_CASE("a server that stops says where to go instead, if it knows [4.11]") {
    options o;
    o.server_reference = "other:1883";
    mqtt_world w(o);
    peer p = w.client("a");
    peer old = w.client("b", version::v3_1_1);
    peer little = w.client(asking().number(property::maximum_packet_size, 30).connect("c"));
    w.users.hold = true;
    peer coming = w.stranger();
    coming.sends(connect{.version = version::v5, .client_id = "d"}).gets();
    peer old_coming = w.stranger(version::v3_1_1);
    old_coming.sends(connect{.version = version::v3_1_1, .client_id = "e"}).gets();
    for (peer* each : {&p, &old, &little, &coming, &old_coming}) each->link().endpoint().shut_down();
    CHECK(p.gets() == lines{"DISCONNECT reason='use another server' {server_reference='other:1883'}"});
    CHECK(old.gets().empty());
    CHECK(little.gets() == lines{"DISCONNECT reason='use another server' {server_reference='other:1883'}"});
    CHECK(coming.gets() == lines{"CONNACK reason='use another server' {server_reference='other:1883'}"});
    CHECK(old_coming.gets() == lines{"CONNACK reason='server unavailable'"});
    for (peer* each : {&p, &old, &little, &coming, &old_coming}) CHECK(each->is_closed());
}

TEST_CASE("a client identifier of 65,535 bytes is as good as any [MQTT-3.1.3-5 and 1.5.4]") {
    const std::string id(65'535, 'i');
    for (const version v : {version::v3_1_1, version::v5}) {
        mqtt_world w;
        {
            peer p = w.lasting_client(id, v);
            p.sends(subscription_to("t", qos::at_least_once)).gets();
        }
        w.world.restart();
        w.client("publisher").sends(message("t", "kept", qos::at_least_once, 1)).gets();
        property_block block;
        peer again = w.stranger(v);
        again.sends(mqtt_world::lasting(id, v, block));
        const lines got = again.gets();
        REQUIRE(got.size() == 2);
        CHECK(got[0].starts_with("CONNACK present"));
        CHECK(got[1] == "PUBLISH q1 id=1 't' payload=4 \"kept\"");
    }
}
