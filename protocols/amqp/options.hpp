#pragma once
// What an AMQP listener allows. From the configuration; constant while connections live.

#include <cstddef>
#include <cstdint>
#include <string>

namespace causeway::amqp {

struct options {
    std::uint16_t channel_max = 2047;                // offered in tune; a client may ask for less
    std::uint32_t frame_bytes_max = 131'072;         // whole frames; offered in tune, also what a client may send before it
    std::uint16_t heartbeat_s = 60;                  // offered in tune; 0: none
    std::int64_t handshake_timeout_ms = 10'000;      // from the first byte to connection.open
    std::int64_t close_timeout_ms = 5'000;           // how long connection.close waits for its close-ok
    std::uint64_t message_bytes_max = 128ULL << 20;  // larger bodies: 406 on the channel
    std::size_t output_bytes_max = 4ULL << 20;       // not yet sent to one peer: above, its consumers take no more
    std::size_t consumers_max = 10'000;              // per channel
    std::int64_t consumer_timeout_ms = 1'800'000;    // how long a delivery may wait for its acknowledgement; 0: without end
    std::uint64_t unacknowledged_messages_max = 1'000'000;  // given to one connection: above, its consumers take no more
    std::uint64_t unacknowledged_bytes_max = 256ULL << 20;
    std::string cluster_name = "causeway";
};

}  // namespace causeway::amqp
