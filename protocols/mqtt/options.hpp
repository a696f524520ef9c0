#pragma once
// What an operator may set about MQTT. Every limit is announced to MQTT 5 clients where the standard has a word for it.

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/topic.hpp"

namespace causeway::mqtt {

/// What becomes of a client that publishes faster than it may.
enum class rate_excess : std::uint8_t { hold_back, disconnect };

struct options {
    std::int64_t connect_timeout_ms = 10'000;      // from the connection's start to an accepted CONNECT
    std::size_t connect_bytes_max = 512 * 1024;    // of a CONNECT, the only packet taken from strangers
    std::size_t packet_bytes_max = 16 << 20;       // of any packet that a client sends
    std::size_t output_bytes_max = 16 << 20;       // waiting for one client; beyond: its inbox keeps the messages
    std::uint16_t receive_max = 1'000;             // QoS 1 and 2 from one client, not yet acknowledged
    std::uint16_t inflight_max = 1'000;            // QoS 1 and 2 to one client; its own Receive Maximum may be smaller
    std::uint16_t topic_alias_max = 100;           // per direction
    std::uint16_t keep_alive_s_max = 65'535;       // MQTT 5 clients are told a smaller one
    std::uint8_t qos_max = 2;                      // of what clients publish and subscribe to
    bool retain_available = true;
    std::uint32_t publish_rate_max = 0;            // messages a second from one client; 0: any number
    std::uint64_t publish_bytes_rate_max = 0;      // bytes of PUBLISH packets a second, likewise
    rate_excess on_rate_exceeded = rate_excess::hold_back;
    std::uint16_t topic_levels_max = core::topic_levels_max;  // of topic names and filters
    std::uint16_t topic_bytes_max = 65'535;        // the same
    std::uint32_t subscriptions_max = 10'000;      // of one session
    bool validate_payload_format = false;          // refuse payloads that say to be UTF-8 and are not
    std::uint32_t sys_interval_s = 10;             // of the $SYS topics; 0: there are none
    std::string response_information;              // with %c and %u; empty: none
    std::string server_reference;                  // where clients find another server; empty: nowhere
};

}  // namespace causeway::mqtt
