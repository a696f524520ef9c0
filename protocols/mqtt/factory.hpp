#pragma once
// Makes the endpoint of every connection to an MQTT listener. Built by app/ and by tests.

#include <memory>
#include <utility>

#include "base/log.hpp"
#include "core/access.hpp"
#include "protocols/endpoint.hpp"
#include "protocols/mqtt/common.hpp"
#include "protocols/vhosts.hpp"

namespace causeway::mqtt {

class factory final : public protocols::endpoint_factory {
public:
    /// Everything that is referred to outlives the factory and its endpoints, and the factory its endpoints.
    factory(protocols::vhosts& vhosts, core::authenticator& users, options limits, logger& log)
        : vhosts_(vhosts), common_{users, std::move(limits), log} {}

    /// The client meets the vhost of its listener.
    std::unique_ptr<protocols::endpoint> make(protocols::link& l) override;

    /// "mqtt" [MQTT-6.0.0-3, MQTT-6.0.0-4], or "mqttv3.1" of older clients.
    std::span<const std::string_view> subprotocols() const override;

    /// Packets may share a frame [MQTT-6.0.0-2], but Paho's C library, up to 1.3 at least, hears the second packet of a
    /// WebSocket's frame only when more bytes arrive. So each travels by itself.
    std::size_t packet_bytes(std::string_view output) const override;

private:
    protocols::vhosts& vhosts_;
    const common common_;
};

}  // namespace causeway::mqtt
