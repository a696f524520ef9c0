// Most of what is printed stands in the vectors; here is what must never be.

#include <catch2/catch.hpp>

#include "protocols/mqtt/print.hpp"

using namespace causeway::mqtt;

TEST_CASE("passwords and payloads are printed as sizes only") {
    const connect p{.version = version::v5, .client_id = "me", .will = will{.topic = "w", .payload = "secret"}, .user = "u", .password = "secret"};
    CHECK(print(p).find("secret") == std::string::npos);
    CHECK(print(publish{.topic = "a", .payload = "secret"}) == "PUBLISH q0 'a' payload=6");
}

TEST_CASE("what a peer sent cannot break out of its line") {
    CHECK(print(publish{.topic = "a\nb'\\\x7f"}) == "PUBLISH q0 'a\\x0ab\\x27\\x5c\\x7f' payload=0");
}

TEST_CASE("a packet's type has the name of the standard [MQTT 2.1.2]") {
    CHECK(name(packet_type::connect) == "CONNECT");
    CHECK(name(packet_type::auth) == "AUTH");
    CHECK(print(pingreq{}) == "PINGREQ");
}
