#pragma once
// Who a client is and what it may do. Verifying a password is slow on purpose, so it happens elsewhere and answers later.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace causeway::core {

enum class right : std::uint8_t { configure, write, read };

/// A verified user. Immutable, shared by its connections.
class identity {
public:
    virtual ~identity() = default;
    virtual const std::string& user() const = 0;
    /// May it use this vhost at all?
    virtual bool may_enter(std::string_view vhost) const = 0;
    /// On an AMQP exchange or queue, by name.
    virtual bool may(right what, std::string_view vhost, std::string_view resource) const = 0;
    /// On MQTT topics: publish to a name (write) or subscribe with a filter (read), in MQTT's syntax.
    virtual bool may_topic(right what, std::string_view vhost, std::string_view topic) const = 0;
};
using identity_ptr = std::shared_ptr<const identity>;

struct credentials {
    std::string user;
    std::string password;
    bool anonymous = false;     // nothing was given
    std::string peer_address;   // "127.0.0.1:54321"
    bool loopback = false;
    std::string client_id{};    // of MQTT: rights may refer to it
};

class authenticator {
public:
    virtual ~authenticator() = default;

    /// Answers on the broker thread, now or in a later turn: the identity, or nullptr if refused. The caller keeps its own
    /// guard if it may be gone by then.
    using answer = std::function<void(identity_ptr)>;
    virtual void verify(credentials who, answer then) = 0;
};

}  // namespace causeway::core
