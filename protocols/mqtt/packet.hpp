#pragma once
// The packets of MQTT 3.1, 3.1.1 and 5.0: one struct per type for all versions; what a version does not have keeps its
// default. Views point into the input of the decoder, so a packet is valid only as long as that is.

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include <boost/container/small_vector.hpp>

#include "core/message.hpp"
#include "protocols/mqtt/properties.hpp"
#include "protocols/mqtt/reason.hpp"

namespace causeway::mqtt {

using core::qos;

/// The protocol level that stands in CONNECT.
enum class version : std::uint8_t { v3_1 = 3, v3_1_1 = 4, v5 = 5 };

/// Set in the protocol level by mosquitto's bridges, and others', when they speak 3.1 or 3.1.1: this client is a broker. Its
/// subscriptions are to behave as with No Local and Retain As Published, which only 5.0 has words for.
inline constexpr std::uint8_t bridge_bit = 0x80;

/// The upper half of a packet's first byte (2.1.2).
enum class packet_type : std::uint8_t {
    connect = 1, connack, publish, puback, pubrec, pubrel, pubcomp, subscribe, suback, unsubscribe, unsuback, pingreq,
    pingresp, disconnect, auth,
};

template <class T>
using list = boost::container::small_vector<T, 4>;

struct will {
    std::string_view topic{};
    std::string_view payload{};
    mqtt::qos qos = mqtt::qos::at_most_once;
    bool retain = false;
    mqtt::properties properties{};
    bool operator==(const will&) const = default;
};

struct connect {
    mqtt::version version = mqtt::version::v3_1_1;
    bool bridge = false;  // see bridge_bit
    bool clean_start = true;  // MQTT 3: clean session
    std::uint16_t keep_alive_s = 0;
    mqtt::properties properties{};
    std::string_view client_id{};
    std::optional<mqtt::will> will{};
    std::optional<std::string_view> user{};
    std::optional<std::string_view> password{};
    bool operator==(const connect&) const = default;
};

struct connack {
    bool session_present = false;
    reason code = reason::success;  // written to MQTT 3 clients as the return code that comes closest
    mqtt::properties properties{};
    bool operator==(const connack&) const = default;
};

struct publish {
    bool dup = false;
    mqtt::qos qos = mqtt::qos::at_most_once;
    bool retain = false;
    std::string_view topic{};       // empty: the topic alias stands for it
    std::uint16_t packet_id = 0;  // 0 with QoS 0
    mqtt::properties properties{};
    std::string_view payload{};
    bool operator==(const publish&) const = default;
};

/// PUBACK, PUBREC, PUBREL and PUBCOMP look alike.
template <packet_type Type>
struct acknowledgement {
    std::uint16_t packet_id = 0;
    reason code = reason::success;
    mqtt::properties properties{};
    bool operator==(const acknowledgement&) const = default;
};
using puback = acknowledgement<packet_type::puback>;
using pubrec = acknowledgement<packet_type::pubrec>;
using pubrel = acknowledgement<packet_type::pubrel>;
using pubcomp = acknowledgement<packet_type::pubcomp>;

/// 3.8.3.1
enum class retain_handling : std::uint8_t { send = 0, send_if_new = 1, never = 2 };

struct subscription {
    std::string_view filter{};  // well formed, with its "$share/group/" if it has one
    mqtt::qos qos = mqtt::qos::at_most_once;
    bool no_local = false;
    bool retain_as_published = false;
    mqtt::retain_handling retain_handling = mqtt::retain_handling::send;
    bool operator==(const subscription&) const = default;
};

struct subscribe {
    std::uint16_t packet_id = 0;
    mqtt::properties properties{};
    list<subscription> subscriptions{};  // at least one
    bool operator==(const subscribe&) const = default;
};

struct suback {
    std::uint16_t packet_id = 0;
    mqtt::properties properties{};
    list<reason> codes{};  // MQTT 3 clients get 0x80 for any refusal
    bool operator==(const suback&) const = default;
};

struct unsubscribe {
    std::uint16_t packet_id = 0;
    mqtt::properties properties{};
    list<std::string_view> filters{};  // at least one, well formed
    bool operator==(const unsubscribe&) const = default;
};

struct unsuback {
    std::uint16_t packet_id = 0;
    mqtt::properties properties{};
    list<reason> codes{};  // not written to MQTT 3 clients
    bool operator==(const unsuback&) const = default;
};

struct pingreq {
    bool operator==(const pingreq&) const = default;
};

struct pingresp {
    bool operator==(const pingresp&) const = default;
};

struct disconnect {
    reason code = reason::success;
    mqtt::properties properties{};
    bool operator==(const disconnect&) const = default;
};

/// MQTT 5 only.
struct auth {
    reason code = reason::success;
    mqtt::properties properties{};
    bool operator==(const auth&) const = default;
};

using packet = std::variant<connect, connack, publish, puback, pubrec, pubrel, pubcomp, subscribe, suback, unsubscribe,
                            unsuback, pingreq, pingresp, disconnect, auth>;

/// The alternatives stand in the order of their numbers.
inline packet_type type_of(const packet& p) { return static_cast<packet_type>(p.index() + 1); }

}  // namespace causeway::mqtt
