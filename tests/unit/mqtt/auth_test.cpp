// Enhanced authentication (MQTT 5, 3.15 and 4.12), with a mechanism that is a riddle.

#include "tests/unit/mqtt/mqtt_world.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using namespace causeway::mqtt::test;

namespace {

/// A CONNECT or AUTH with what it says; the block must live as long as the packet.
struct saying {
    explicit saying(std::string_view data, std::string_view method = "RIDDLE") {
        if (!method.empty()) block.text(property::authentication_method, method);
        if (!data.empty()) block.text(property::authentication_data, data);
    }
    mqtt::connect connect(std::string_view id = "a") { return {.version = version::v5, .properties = block.view(), .client_id = id}; }
    auth with(reason code) { return {.code = code, .properties = block.view()}; }
    auth go_on() { return with(reason::continue_authentication); }
    auth again() { return with(reason::reauthenticate); }

    property_block block;
};

/// Says the block's data and method: what both sides of an exchange must repeat.
std::string about(std::string_view data) {
    return " {authentication_method='RIDDLE', authentication_data=" + std::to_string(data.size()) + " bytes}";
}

bool contains(const lines& got, std::string_view part) {
    return got.size() == 1 && got[0].find(part) != std::string::npos;
}

peer authenticated(mqtt_world& w, std::string_view user = "ann") {
    peer p = w.stranger();
    p.sends(saying(user).connect());
    REQUIRE(p.gets() == lines{"AUTH reason='continue authentication'" + about("riddle for " + std::string(user))});
    p.sends(saying("answer of " + std::string(user)).go_on());
    REQUIRE(contains(p.gets(), "CONNACK {authentication_method='RIDDLE'"));
    return p;
}

}  // namespace

TEST_CASE("a client that answers the challenge is accepted, and CONNACK proves the server [MQTT-4.12.0-2, MQTT-4.12.0-5]") {
    mqtt_world w;
    w.users.anonymous = false;
    peer p = w.stranger();
    p.sends(saying("ann").connect());
    CHECK(p.gets() == lines{"AUTH reason='continue authentication'" + about("riddle for ann")});
    CHECK(w.world.broker().find_session("a") == nullptr);
    p.sends(saying("answer of ann").go_on());
    CHECK(contains(p.gets(), "CONNACK {authentication_method='RIDDLE', authentication_data=13 bytes, receive_maximum="));
    CHECK(w.world.broker().find_session("a")->user.view() == "ann");
}

TEST_CASE("a client that sends no data with CONNECT is asked to begin [4.12]") {
    mqtt_world w;
    peer p = w.stranger();
    p.sends(saying("").connect());
    CHECK(p.gets() == lines{"AUTH reason='continue authentication' {authentication_method='RIDDLE'}"});
    p.sends(saying("ann").go_on()).sends(saying("answer of ann").go_on());
    CHECK(p.gets().back().starts_with("CONNACK {"));
}

TEST_CASE("a method without a name is a method that is not there [MQTT-4.12.0-1]") {
    mqtt_world w;
    property_block block;
    block.text(property::authentication_method, "");
    peer p = w.stranger();
    p.sends(connect{.version = version::v5, .properties = block.view(), .client_id = "a"});
    CHECK(p.gets() == lines{"CONNACK reason='bad authentication method'"});
}

TEST_CASE("a wrong answer is refused with 0x87 and closes [MQTT-4.12.0-4]") {
    mqtt_world w;
    peer p = w.stranger();
    p.sends(saying("ann").connect()).sends(saying("answer of bob").go_on());
    CHECK(p.gets().back() == "CONNACK reason='not authorized'");
    CHECK(p.is_closed());
    CHECK(w.world.broker().find_session("a") == nullptr);
}

TEST_CASE("a user without rights on the vhost is refused after the exchange [3.1.4]") {
    mqtt_world w;
    peer p = w.stranger();
    p.sends(saying("stranger").connect()).sends(saying("answer of stranger").go_on());
    CHECK(p.gets().back() == "CONNACK reason='not authorized'");
}

TEST_CASE("AUTH before CONNACK must carry 0x18 and the method of CONNECT [MQTT-4.12.0-3, MQTT-4.12.0-5]") {
    mqtt_world w;
    const auto refused = [&w](const auth& a) {
        peer p = w.stranger();
        p.sends(saying("ann").connect()).gets();
        p.sends(a);
        CHECK(p.gets() == lines{"CONNACK reason='protocol error'"});
        CHECK(p.is_closed());
    };
    saying right("answer of ann");
    refused(right.with(reason::success));
    refused(right.again());
    saying other("answer of ann", "ANOTHER");
    refused(other.go_on());
    refused(auth{});
}

TEST_CASE("nothing but AUTH and DISCONNECT may come before CONNACK [MQTT-3.1.2-30]") {
    mqtt_world w;
    peer impatient = w.stranger();
    impatient.sends(saying("ann").connect()).gets();
    impatient.sends(pingreq{});
    CHECK(impatient.gets() == lines{"CONNACK reason='protocol error'"});
    CHECK(impatient.is_closed());

    peer leaving = w.stranger();
    leaving.sends(saying("ann").connect()).gets();
    leaving.sends(disconnect{});
    CHECK(leaving.gets().empty());
    CHECK(leaving.is_closed());
}

TEST_CASE("without a method in CONNECT no AUTH may come [MQTT-4.12.0-7]") {
    mqtt_world w;
    peer p = w.client("a");
    p.sends(saying("ann").again());
    CHECK(p.gets() == lines{"DISCONNECT reason='protocol error'"});

    peer first = w.stranger();
    first.sends(saying("ann").go_on());
    CHECK(first.gets().empty());
    CHECK(first.is_closed());
}

TEST_CASE("the connect timeout covers the whole exchange") {
    mqtt_world w;
    peer p = w.stranger();
    w.world.pass_ms(6'000);
    p.sends(saying("ann").connect()).gets();
    w.world.pass_ms(3'999);
    CHECK_FALSE(p.is_closed());
    w.world.pass_ms(2);
    CHECK(p.is_closed());
}

TEST_CASE("the connect timeout covers the check of a password") {
    mqtt_world w;
    w.users.hold = true;
    peer p = w.stranger();
    w.world.pass_ms(6'000);
    p.sends(connect{.version = version::v5, .client_id = "a"}).gets();
    w.world.pass_ms(4'001);
    CHECK(p.is_closed());
}

TEST_CASE("re-authentication ends with AUTH 0x00 while everything else goes on [4.12.1]") {
    mqtt_world w;
    peer p = authenticated(w);
    p.sends(subscription_to("t")).gets();
    p.sends(saying("ann").again());
    CHECK(p.gets() == lines{"AUTH reason='continue authentication'" + about("riddle for ann")});
    p.sends(message("t", "meanwhile"));
    CHECK(p.gets() == lines{"PUBLISH q0 't' payload=9 \"meanwhile\""});
    p.sends(saying("answer of ann").go_on());
    CHECK(p.gets() == lines{"AUTH" + about("proof for ann")});
    p.sends(saying("ann").again());
    CHECK(p.gets() == lines{"AUTH reason='continue authentication'" + about("riddle for ann")});
}

TEST_CASE("a failed re-authentication disconnects with 0x87 [MQTT-4.12.1-2]") {
    mqtt_world w;
    peer p = authenticated(w);
    p.sends(saying("ann").again()).sends(saying("no answer").go_on());
    CHECK(p.gets().back() == "DISCONNECT reason='not authorized'");
    CHECK(p.is_closed());
}

TEST_CASE("nobody becomes another user by re-authentication [4.12.1]") {
    mqtt_world w;
    peer p = authenticated(w);
    p.sends(saying("bob").again()).sends(saying("answer of bob").go_on());
    CHECK(p.gets().back() == "DISCONNECT reason='not authorized'");
    CHECK(p.is_closed());
}

TEST_CASE("re-authentication keeps the method, begins with 0x19 and is not begun twice [MQTT-4.12.1-1]") {
    mqtt_world w;
    const auto wrong = [&w](const lines& expected, auto... packets) {
        peer p = authenticated(w);
        (p.sends(packets), ...);
        CHECK(p.gets() == expected);
        CHECK(p.is_closed());
    };
    const std::string challenge = "AUTH reason='continue authentication'" + about("riddle for ann");
    const std::string error = "DISCONNECT reason='protocol error'";
    saying other("ann", "ANOTHER"), right("ann");
    wrong({error}, other.again());
    wrong({error}, right.go_on());
    wrong({error}, right.with(reason::success));
    wrong({error}, auth{});
    wrong({challenge, error}, right.again(), right.again());
}

TEST_CASE("a challenge that the client does not take is not sent [MQTT-3.1.2-24]") {
    mqtt_world w;
    saying small("ann");
    small.block.number(property::maximum_packet_size, 20);
    peer p = w.stranger();
    p.sends(small.connect());
    CHECK(p.gets() == lines{"CONNACK reason='packet too large'"});
    CHECK(p.is_closed());
}

TEST_CASE("a certificate that names nobody is refused with 0x86, whatever else the client brings [3.1.4]") {
    mqtt_world w;
    const auto answer = [&w](const connect& c) {
        peer p(w.world, w.world.connect(w.factory, {.secure = true, .certificate_unnamed = true}), c.version);
        p.sends(c);
        const lines got = p.gets();
        CHECK(p.is_closed());
        return got.back();
    };
    const std::string refused = "CONNACK reason='bad user name or password'";
    CHECK(answer({.version = version::v5, .client_id = "a"}) == refused);
    CHECK(answer({.version = version::v3_1_1, .client_id = "a"}) == refused);
    CHECK(answer({.version = version::v5, .client_id = "a", .user = "bob", .password = "secret"}) == refused);
    CHECK(answer(saying("bob").connect()) == refused);
}

TEST_CASE("a certificate stands for its user, who needs no password and cannot be another one") {
    mqtt_world w;
    w.users.anonymous = false;
    const auto connects = [&w](const connect& c) {
        peer p(w.world, w.world.connect(w.factory, {.secure = true, .certificate_user = "ann"}), version::v5);
        p.sends(c);
        return p.gets().back();
    };
    CHECK(connects({.version = version::v5, .client_id = "a"}).starts_with("CONNACK {"));
    CHECK(w.world.broker().find_session("a")->user.view() == "ann");
    CHECK(connects({.version = version::v5, .client_id = "b", .user = "ann", .password = "any"}).starts_with("CONNACK {"));
    CHECK(connects({.version = version::v5, .client_id = "c", .user = "bob", .password = "secret"}) ==
          "CONNACK reason='bad user name or password'");

    peer p(w.world, w.world.connect(w.factory, {.secure = true, .certificate_user = "ann"}), version::v5);
    p.sends(saying("bob").connect()).sends(saying("answer of bob").go_on());
    CHECK(p.gets().back() == "CONNACK reason='not authorized'");
}
