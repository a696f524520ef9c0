#include <catch2/catch.hpp>

#include <map>
#include <sstream>

#include "protocols/mqtt/properties.hpp"
#include "tests/support/mqtt_vectors.hpp"

using namespace causeway;
using namespace causeway::mqtt;
using tests::mqtt_bytes;

namespace {

const std::map<std::string, property_place> places = {
    {"will", property_place::will},           {"connect", property_place::connect},
    {"connack", property_place::connack},     {"publish", property_place::publish},
    {"puback", property_place::puback},       {"pubrec", property_place::pubrec},
    {"pubrel", property_place::pubrel},       {"pubcomp", property_place::pubcomp},
    {"subscribe", property_place::subscribe}, {"suback", property_place::suback},
    {"unsubscribe", property_place::unsubscribe}, {"unsuback", property_place::unsuback},
    {"disconnect", property_place::disconnect},   {"auth", property_place::auth},
};

std::vector<std::string> words_of(const std::string& line) {
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

bool has_word(const std::vector<std::string>& words, const std::string& word, std::size_t from) {
    return std::find(words.begin() + static_cast<std::ptrdiff_t>(from), words.end(), word) != words.end();
}

properties publish_properties(const std::string& block) { return properties::check(block, property_place::publish).value(); }

}  // namespace

TEST_CASE("each property is accepted where table 2-4 lists it and malformed elsewhere [MQTT 2.2.2.2]") {
    for (const auto& [number, line] : tests::read_vector_lines("property_places.txt")) {
        const std::vector<std::string> words = words_of(line);
        const std::string block = mqtt_bytes(words[0] + " " + words[2]);
        for (const auto& [place_name, place] : places) {
            INFO(words[1] << " in " << place_name);
            const auto checked = properties::check(block, place);
            const bool listed = has_word(words, place_name, 3);
            CHECK(checked.has_value() == listed);
            if (!checked) CHECK(checked.error() == reason::malformed_packet);
            if (checked) CHECK(checked.value().begin()->encoded == block);
        }
    }
}

TEST_CASE("a property may stand twice only if it is a user property or a PUBLISH's subscription identifier [MQTT 2.2.2.2]") {
    for (const auto& [number, line] : tests::read_vector_lines("property_places.txt")) {
        const std::vector<std::string> words = words_of(line);
        const std::string once = mqtt_bytes(words[0] + " " + words[2]);
        for (const auto& [place_name, place] : places) {
            if (!has_word(words, place_name, 3)) continue;
            INFO(words[1] << " in " << place_name);
            const bool repeats = words[1] == "user_property" || (words[1] == "subscription_id" && place_name == "publish");
            const auto checked = properties::check(once + once, place);
            CHECK(checked.has_value() == repeats);
            if (!checked) CHECK(checked.error() == reason::protocol_error);
        }
    }
}

TEST_CASE("the table has the identifiers and names of table 2-4 and no others [MQTT 2.2.2.2]") {
    std::map<int, std::string> listed;
    for (const auto& [number, line] : tests::read_vector_lines("property_places.txt"))
        listed[std::stoi(words_of(line)[0], nullptr, 16)] = words_of(line)[1];
    for (int id = 0; id < 256; ++id) {
        const property_info* info = find_property(static_cast<std::uint8_t>(id));
        INFO(id);
        CHECK((info != nullptr) == (listed.count(id) == 1));
        if (info) CHECK(info->name == listed[id]);
    }
}

TEST_CASE("a property that is cut short is malformed, wherever it is cut [MQTT 1.5]") {
    for (const auto& [number, line] : tests::read_vector_lines("property_places.txt")) {
        const std::vector<std::string> words = words_of(line);
        const std::string block = mqtt_bytes(words[0] + " " + words[2]);
        for (std::size_t size = 1; size < block.size(); ++size)
            CHECK(properties::check(block.substr(0, size), places.at(words[3])).error() == reason::malformed_packet);
    }
}

TEST_CASE("properties are found by name and walked in order") {
    const std::string block = mqtt_bytes("user_property s'k' s'v' message_expiry_s 0000003c content_type s'text' subscription_id 8001");
    const properties p = publish_properties(block);
    CHECK(p.number(property::message_expiry_s) == 60U);
    CHECK(p.number(property::subscription_id) == 128U);
    CHECK(p.text(property::content_type) == "text");
    CHECK(p.has(property::user_property));
    CHECK_FALSE(p.has(property::topic_alias));
    CHECK_FALSE(p.number(property::topic_alias));
    CHECK(p.number_or(property::topic_alias, 7) == 7);
    CHECK_FALSE(p.text(property::response_topic));
    std::vector<property> order;
    for (const property_value& value : p) order.push_back(value.id);
    CHECK(order == std::vector{property::user_property, property::message_expiry_s, property::content_type, property::subscription_id});
    CHECK(p.begin()->text == "k");
    CHECK(p.begin()->value == "v");
}

TEST_CASE("no properties are an empty block") {
    CHECK(publish_properties("").empty());
    CHECK(properties().begin() == properties().end());
}

TEST_CASE("what belongs to the message is forwarded in its order, what belongs to the hop is left out [MQTT-3.3.2-17, MQTT-3.3.2-18]") {
    std::string scratch;
    const std::string block = mqtt_bytes("user_property s'b' s'2' topic_alias 0001 payload_format 01 message_expiry_s 0000003c "
                                         "correlation_data s'c' subscription_id 01 response_topic s'r' content_type s't' user_property s'a' s'1'");
    CHECK(publish_properties(block).forwardable(scratch) ==
          mqtt_bytes("user_property s'b' s'2' payload_format 01 correlation_data s'c' response_topic s'r' content_type s't' "
                     "user_property s'a' s'1'"));
}

TEST_CASE("a block that is forwarded whole is not copied") {
    std::string scratch;
    const std::string block = mqtt_bytes("content_type s't' user_property s'a' s'1'");
    CHECK(publish_properties(block).forwardable(scratch).data() == block.data());
    CHECK(publish_properties("").forwardable(scratch).empty());
}

TEST_CASE("a will's delay is not forwarded [MQTT 3.1.3.2.2]") {
    std::string scratch;
    const std::string block = mqtt_bytes("will_delay_s 00000001 content_type s't'");
    CHECK(properties::check(block, property_place::will).value().forwardable(scratch) == mqtt_bytes("content_type s't'"));
}

TEST_CASE("a written block passes the check and holds what was written") {
    property_block block;
    block.number(property::receive_maximum, 10).number(property::maximum_qos, 1).number(property::session_expiry_s, 0xFFFF'FFFF);
    block.text(property::reason_string, "why").text(property::authentication_data, "").pair("k", "v");
    const properties p = block.view();
    CHECK(p == properties::check(p.bytes(), property_place::connack).value());
    CHECK(p.number(property::receive_maximum) == 10U);
    CHECK(p.number(property::session_expiry_s) == 0xFFFF'FFFFU);
    CHECK(p.text(property::reason_string) == "why");
    CHECK(p.text(property::authentication_data) == "");
}
