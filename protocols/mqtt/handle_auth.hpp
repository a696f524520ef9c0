#pragma once
// AUTH: the exchange in which a client of MQTT 5 proves who it is, in CONNECT and, if it likes, again later (3.15, 4.12).

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "core/access.hpp"
#include "protocols/mqtt/packet.hpp"
#include "protocols/mqtt/reason.hpp"
#include "protocols/mqtt/send.hpp"

namespace causeway::mqtt {

/// Kept for as long as the connection lasts: only the method that it began with may be used again [MQTT-4.12.1-1].
class enhanced_authentication {
public:
    using reply = core::challenge_response::reply;

    /// The authenticator outlives it.
    enhanced_authentication(core::authenticator& users, std::string method) : users_(users), method_(std::move(method)) {}

    /// What came with CONNECT, or with an AUTH that asks to do it again. Error: bad_authentication_method.
    result<reply, reason> begin(const core::credentials& from, std::string_view data);

    /// An AUTH packet; `connected`: CONNACK has been sent, so that it may be the first of a new exchange. Error: protocol_error.
    result<reply, reason> handle(const auth& a, bool connected, const core::credentials& from);

    const std::string& method() const { return method_; }

private:
    reply step(std::string_view data);

    core::authenticator& users_;
    std::string method_;
    std::unique_ptr<core::challenge_response> exchange_;  // while it is going on
};

/// Sends the AUTH that carries the reply: 0x18 while it is going on, else 0x00. False: the client does not take one so large.
bool send_auth(const recipient& to, const std::string& method, const core::challenge_response::reply& r);

}  // namespace causeway::mqtt
