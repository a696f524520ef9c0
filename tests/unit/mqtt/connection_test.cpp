#include "tests/unit/mqtt/mqtt_world.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using namespace causeway::mqtt::test;

TEST_CASE("CONNACK tells an MQTT 5 client the server's limits [3.2.2.3]") {
    mqtt_world w;
    peer p = w.stranger();
    p.sends(connect{.version = version::v5, .client_id = "a"});
    CHECK(p.gets() == lines{"CONNACK {receive_maximum=1000, maximum_packet_size=16777216, topic_alias_maximum=100}"});
}

TEST_CASE("MQTT 3 clients get a bare CONNACK") {
    mqtt_world w;
    for (const version v : {version::v3_1, version::v3_1_1}) {
        peer p = w.stranger(v);
        p.sends(connect{.version = v, .client_id = "a"});
        CHECK(p.gets() == lines{"CONNACK"});
    }
}

TEST_CASE("an empty client identifier is replaced and told [MQTT-3.1.3-6, MQTT-3.2.2-16]") {
    mqtt_world w;
    peer p = w.stranger();
    p.sends(connect{.version = version::v5});
    const lines got = p.gets();
    REQUIRE(got.size() == 1);
    CHECK(got[0].find("assigned_client_id='causeway-") != std::string::npos);
}

TEST_CASE("the identifier that a client is assigned counts when it is asked who it is [MQTT-3.1.3-6]") {
    mqtt_world w;
    const version v = GENERATE(version::v3_1_1, version::v5);
    w.client(connect{.version = v});
    CHECK(w.users.client_id.starts_with("causeway-"));
    CHECK(w.world.broker().find_session(w.users.client_id) != nullptr);
}

TEST_CASE("an empty client identifier needs a clean session in 3.1.1 and is refused in 3.1 [MQTT-3.1.3-8]") {
    mqtt_world w;
    peer clean = w.stranger(version::v3_1_1);
    clean.sends(connect{.version = version::v3_1_1, .clean_start = true});
    CHECK(clean.gets() == lines{"CONNACK"});

    for (const version v : {version::v3_1, version::v3_1_1}) {
        peer p = w.stranger(v);
        p.sends(connect{.version = v, .clean_start = v == version::v3_1});
        CHECK(p.gets() == lines{"CONNACK reason='client identifier not valid'"});
        CHECK(p.is_closed());
    }
}

TEST_CASE("a client identifier of MQTT 3.1 has at most 23 characters [3.1: 3.1]") {
    mqtt_world w;
    const auto answer = [&w](version v, const std::string& client_id) {
        peer p = w.stranger(v);
        p.sends(connect{.version = v, .clean_start = true, .client_id = client_id});
        return p.gets();
    };
    const lines refused{"CONNACK reason='client identifier not valid'"};
    CHECK(answer(version::v3_1, std::string(23, 'x')) == lines{"CONNACK"});
    CHECK(answer(version::v3_1, std::string(24, 'x')) == refused);
    std::string degrees;
    for (int i = 0; i < 23; ++i) degrees += "\xC2\xB0";
    CHECK(answer(version::v3_1, degrees) == lines{"CONNACK"});
    CHECK(answer(version::v3_1, degrees + "x") == refused);
    CHECK(answer(version::v3_1_1, std::string(65535, 'x')) == lines{"CONNACK"});
}

TEST_CASE("the first packet must be CONNECT [MQTT-3.1.0-1]") {
    mqtt_world w;
    peer p = w.stranger();
    p.sends(pingreq{});
    CHECK(p.gets().empty());
    CHECK(p.is_closed());
}

TEST_CASE("a second CONNECT is a protocol error [MQTT-3.1.0-2]") {
    mqtt_world w;
    peer p = w.client("a");
    p.sends(connect{.version = version::v5, .client_id = "a"});
    CHECK(p.gets() == lines{"DISCONNECT reason='protocol error'"});
    CHECK(p.is_closed());
}

TEST_CASE("an unknown protocol level is refused with 0x84, or code 1 [MQTT-3.1.2-2]") {
    mqtt_world w;
    const auto connect_of_level = [](char level) { return std::string("\x10\x0D\0\x04MQTT", 8) + level + std::string("\x02\0\0\0\x01", 5) + "a"; };
    peer newer = w.stranger(version::v5);
    newer.sends_bytes(connect_of_level(6));
    CHECK(newer.gets() == lines{"CONNACK reason='unsupported protocol version'"});
    CHECK(newer.is_closed());

    peer older = w.stranger(version::v3_1_1);
    older.sends_bytes(connect_of_level(2));
    CHECK(older.gets() == lines{"CONNACK reason='unsupported protocol version'"});
    CHECK(older.is_closed());
}

TEST_CASE("a malformed CONNECT is answered in MQTT 5 and closed without a word in 3.1.1 [MQTT-3.1.4-1]") {
    mqtt_world w;
    const auto reserved_flag_set = [](char level) { return std::string("\x10\x0D\0\x04MQTT", 8) + level + std::string("\x03\0\0\0\x01", 5) + "a"; };
    peer five = w.stranger(version::v5);
    five.sends_bytes(reserved_flag_set(5));
    CHECK(five.gets() == lines{"CONNACK reason='malformed packet'"});
    CHECK(five.is_closed());

    peer three = w.stranger(version::v3_1_1);
    three.sends_bytes(reserved_flag_set(4));
    CHECK(three.gets().empty());
    CHECK(three.is_closed());
}

TEST_CASE("a connection without CONNECT is closed in time [MQTT-3.1.0-1 and 4.8]") {
    mqtt_world w;
    peer p = w.stranger();
    w.world.pass_ms(9'000);
    p.sends_bytes("\x10");
    w.world.pass_ms(999);
    CHECK_FALSE(p.is_closed());
    w.world.pass_ms(2);
    CHECK(p.is_closed());
}

TEST_CASE("a wrong password is refused with 0x86, or code 4 [3.1.4]") {
    mqtt_world w;
    for (const version v : {version::v3_1_1, version::v5}) {
        peer p = w.stranger(v);
        p.sends(connect{.version = v, .client_id = "a", .user = "u", .password = "wrong"});
        CHECK(p.gets() == lines{"CONNACK reason='bad user name or password'"});
        CHECK(p.is_closed());
    }
}

TEST_CASE("an anonymous client, and one without rights on the vhost, are not authorized [3.1.4]") {
    mqtt_world w;
    w.users.anonymous = false;
    peer nobody = w.stranger();
    nobody.sends(connect{.version = version::v5, .client_id = "a"});
    CHECK(nobody.gets() == lines{"CONNACK reason='not authorized'"});

    peer stranger = w.stranger(version::v3_1_1);
    stranger.sends(connect{.version = version::v3_1_1, .client_id = "b", .user = "stranger", .password = "secret"});
    CHECK(stranger.gets() == lines{"CONNACK reason='not authorized'"});
    CHECK(stranger.is_closed());
}

TEST_CASE("what follows CONNECT waits while the password is verified") {
    mqtt_world w;
    w.users.hold = true;
    peer p = w.stranger(version::v3_1_1);
    p.sends(connect{.version = version::v3_1_1, .client_id = "a"}).sends(pingreq{});
    CHECK(p.gets().empty());
    CHECK_FALSE(p.link().reading());
    w.users.answer_all();
    CHECK(p.gets() == lines{"CONNACK", "PINGRESP"});
}

TEST_CASE("an answer about a password that comes after the client has gone is ignored") {
    mqtt_world w;
    w.users.hold = true;
    peer p = w.stranger();
    p.sends(connect{.version = version::v5, .client_id = "a"}).gets();
    p.breaks();
    w.users.answer_all();
    CHECK(w.world.broker().find_session("a") == nullptr);
}

TEST_CASE("enhanced authentication is refused by its method's name [MQTT-4.12.0-1]") {
    mqtt_world w;
    property_block block;
    block.text(property::authentication_method, "SCRAM-SHA-1").text(property::authentication_data, "n,,n=u,r=x");
    peer p = w.stranger();
    p.sends(connect{.version = version::v5, .properties = block.view(), .client_id = "a"});
    CHECK(p.gets() == lines{"CONNACK reason='bad authentication method'"});
}

TEST_CASE("a client that is silent for one and a half keep alives is disconnected [MQTT-3.1.2-22]") {
    mqtt_world w;
    peer p = w.client(connect{.version = version::v5, .keep_alive_s = 10, .client_id = "a"});
    w.world.pass_ms(14'000);
    p.sends(pingreq{});
    CHECK(p.gets() == lines{"PINGRESP"});
    w.world.pass_ms(14'999);
    CHECK_FALSE(p.is_closed());
    w.world.pass_ms(1);
    CHECK(p.gets() == lines{"DISCONNECT reason='keep alive timeout'"});
    CHECK(p.is_closed());
}

TEST_CASE("bytes that do not become a packet are no sign of life, unless they are many [MQTT-3.1.2-22]") {
    mqtt_world w;
    for (const std::size_t length : {100U, 100'000U}) {
        peer p = w.client(connect{.version = version::v5, .keep_alive_s = 10, .client_id = "a"});
        std::string bytes;
        encode(bytes, message("t", std::string(length, 'x')), version::v5);
        const std::size_t step = length / 20;
        for (std::size_t at = 0; at < 10 * step; at += step) {
            p.sends_bytes(std::string_view(bytes).substr(at, step));
            w.world.pass_ms(2'000);
        }
        CHECK(p.is_closed() == (length < 1000));
    }
}

TEST_CASE("keep alive 0 means no limit, unless the server sets one [MQTT-3.1.2-21]") {
    mqtt_world endless;
    peer p = endless.client("a");
    endless.world.pass_ms(100'000'000);
    CHECK_FALSE(p.is_closed());

    mqtt_world strict(options{.keep_alive_s_max = 60});
    peer q = strict.stranger();
    q.sends(connect{.version = version::v5, .client_id = "a"});
    CHECK(q.gets()[0].find("server_keep_alive_s=60") != std::string::npos);
    strict.world.pass_ms(90'000);
    CHECK(q.is_closed());
}

TEST_CASE("a packet over the announced maximum is refused with 0x95 [MQTT-3.2.2-15]") {
    mqtt_world w(options{.packet_bytes_max = 1000});
    peer p = w.client("a");
    p.sends(message("t", std::string(1000, 'x')));
    CHECK(p.gets() == lines{"DISCONNECT reason='packet too large'"});
    CHECK(p.is_closed());
}

TEST_CASE("a malformed packet closes with 0x81 in MQTT 5 and without a word in 3.1.1 [MQTT-4.13.1-1]") {
    mqtt_world w;
    peer five = w.client("a");
    five.sends_bytes("\xF2\x02zz");
    CHECK(five.gets() == lines{"DISCONNECT reason='malformed packet'"});
    peer three = w.client("b", version::v3_1_1);
    three.sends_bytes("\x36\x04");
    CHECK(three.gets().empty());
    CHECK(three.is_closed());
}

TEST_CASE("a client that cannot take its CONNACK takes nobody's session over [MQTT-3.1.2-24]") {
    mqtt_world w;
    peer first = w.lasting_client("s");
    first.sends(subscription_to("t")).gets();
    property_block block;
    block.number(property::maximum_packet_size, 10);
    const bool clean = GENERATE(false, true);
    peer second = w.stranger();
    second.sends(connect{.version = version::v5, .clean_start = clean, .properties = block.view(), .client_id = "s"});
    CHECK(second.gets() == lines{"CONNACK reason='packet too large'"});
    CHECK(second.is_closed());
    CHECK_FALSE(first.is_closed());
    w.client("p").sends(message("t", "x"));
    CHECK(first.gets() == lines{"PUBLISH q0 't' payload=1 \"x\""});
}

TEST_CASE("the server says that it stops [MQTT-3.14.4-1]") {
    mqtt_world w;
    peer p = w.client("a");
    p.link().endpoint().shut_down();
    CHECK(p.gets() == lines{"DISCONNECT reason='server shutting down'"});
    CHECK(p.is_closed());
}

TEST_CASE("a connection of a vhost that does not exist goes nowhere") {
    mqtt_world w;
    causeway::test::fake_link& l = w.world.connect(w.factory, {.vhost = "elsewhere"});
    l.sends("x");
    w.world.settle();
    CHECK(l.is_closed());
}

TEST_CASE("any split of the bytes gives the same packets") {
    mqtt_world w;
    std::string bytes;
    encode(bytes, connect{.version = version::v5, .client_id = "a"});
    encode(bytes, subscription_to("t"), version::v5);
    encode(bytes, message("t", "hello", qos::exactly_once, 3), version::v5);
    encode(bytes, pingreq{}, version::v5);
    peer p = w.stranger();
    for (const char c : bytes) {
        p.sends_bytes({&c, 1});
        w.world.turn();
    }
    const lines got = p.gets();
    REQUIRE(got.size() == 5);
    CHECK(got[1] == "SUBACK id=1 'granted QoS 2'");
    CHECK(got[2] == "PUBREC id=3");
    CHECK(std::count(got.begin(), got.end(), "PUBLISH q2 id=1 't' payload=5 \"hello\"") == 1);
}
