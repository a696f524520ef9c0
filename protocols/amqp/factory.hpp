#pragma once
// Makes AMQP 0-9-1 connections for a listener.

#include <memory>

#include "base/log.hpp"
#include "core/access.hpp"
#include "protocols/amqp/options.hpp"
#include "protocols/endpoint.hpp"
#include "protocols/vhosts.hpp"

namespace causeway::amqp {

class factory final : public protocols::endpoint_factory {
public:
    /// Outlives the connections that it makes; the arguments outlive it.
    factory(protocols::vhosts& vhosts, core::authenticator& authenticator, options limits, logger& log)
        : vhosts_(vhosts), authenticator_(authenticator), limits_(std::move(limits)), log_(log) {}

    std::unique_ptr<protocols::endpoint> make(protocols::link& l) override;

    /// No standard names one. Brokers that speak AMQP over WebSocket say "amqp", and their clients in browsers offer nothing.
    std::span<const std::string_view> subprotocols() const override;
    bool needs_subprotocol() const override { return false; }

private:
    protocols::vhosts& vhosts_;
    core::authenticator& authenticator_;
    options limits_;
    logger& log_;
};

}  // namespace causeway::amqp
