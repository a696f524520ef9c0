#pragma once
// Makes the endpoint of every connection to an MQTT listener. Built by app/ and by tests.

#include <memory>

#include "base/log.hpp"
#include "core/access.hpp"
#include "protocols/endpoint.hpp"
#include "protocols/mqtt/options.hpp"
#include "protocols/vhosts.hpp"

namespace causeway::mqtt {

class factory final : public protocols::endpoint_factory {
public:
    /// Everything that is referred to outlives the factory and its endpoints, and the factory its endpoints.
    factory(protocols::vhosts& vhosts, core::authenticator& users, options limits, logger& log)
        : vhosts_(vhosts), users_(users), options_(limits), log_(log) {}

    /// The client meets the vhost of its listener.
    std::unique_ptr<protocols::endpoint> make(protocols::link& l) override;

private:
    protocols::vhosts& vhosts_;
    core::authenticator& users_;
    options options_;
    logger& log_;
};

}  // namespace causeway::mqtt
