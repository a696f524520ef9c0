#pragma once
// Where a server is and as whom to log in: mqtt://user:password@host:port, amqp://user:password@host:port/vhost.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace causeway::bench {

enum class protocol : std::uint8_t { mqtt, amqp };

struct url {
    bench::protocol protocol = protocol::mqtt;
    std::string host = "127.0.0.1";
    std::uint16_t port = 1883;
    std::string user{};  // empty: MQTT anonymous, AMQP guest
    std::string password{};
    std::string vhost = "/";  // AMQP

    /// "127.0.0.1:1883"
    std::string place() const;
    bool operator==(const url&) const = default;
};

/// What is left out has its usual value: MQTT at port 1883, AMQP at 5672 as guest, vhost "/". Errors: what is wrong, for
/// people.
result<url, std::string> parse_url(std::string_view text);

}  // namespace causeway::bench
