#include <catch2/catch.hpp>

#include <map>
#include <sstream>

#include "protocols/mqtt/packet.hpp"
#include "protocols/mqtt/reason.hpp"
#include "tests/support/mqtt_vectors.hpp"

using namespace causeway;
using namespace causeway::mqtt;

namespace {

const std::map<packet_type, std::string> with_reason = {
    {packet_type::connack, "connack"}, {packet_type::puback, "puback"},         {packet_type::pubrec, "pubrec"},
    {packet_type::pubrel, "pubrel"},   {packet_type::pubcomp, "pubcomp"},       {packet_type::suback, "suback"},
    {packet_type::unsuback, "unsuback"}, {packet_type::disconnect, "disconnect"}, {packet_type::auth, "auth"},
};

/// Table 2-6: the packets that a code may stand in, each with a space before and behind.
std::map<int, std::string> listed_places() {
    std::map<int, std::string> places;
    for (const auto& [number, line] : tests::read_vector_lines("reason_places.txt"))
        places[std::stoi(line.substr(0, 2), nullptr, 16)] = line.substr(2) + " ";
    return places;
}

}  // namespace

TEST_CASE("each reason is accepted in the packets that table 2-6 lists and in no others [MQTT 2.4]") {
    std::map<int, std::string> listed = listed_places();
    for (int code = 0; code < 256; ++code) {
        for (const auto& [type, word] : with_reason) {
            INFO(code << " in " << word);
            const bool expected = listed[code].find(" " + word + " ") != std::string::npos;
            CHECK(allowed_in(static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(code)) == expected);
        }
    }
}

TEST_CASE("each reason has a name [MQTT 2.4]") {
    std::map<int, std::string> listed = listed_places();
    for (int code = 0; code < 256; ++code) CHECK((name(static_cast<reason>(code)) != "?") == (listed.count(code) == 1));
}

TEST_CASE("return codes of MQTT 3.1.1 become reasons and back [MQTT 3.1.1, 3.2.2.3]") {
    for (std::uint8_t code = 0; code <= 5; ++code) CHECK(connect_return_code(reason_of_return_code(code)) == code);
    CHECK(reason_of_return_code(6) == reason::unspecified_error);
}

TEST_CASE("reasons from 0x80 on refuse [MQTT 2.4]") {
    CHECK_FALSE(refuses(reason::success));
    CHECK_FALSE(refuses(reason::reauthenticate));
    CHECK(refuses(reason::unspecified_error));
    CHECK(refuses(reason::wildcard_subscriptions_not_supported));
}
