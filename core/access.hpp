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
    bool certified = false;     // a verified certificate stands for the user: there is no password
    std::string peer_address;   // "127.0.0.1:54321"
    bool loopback = false;
    std::string client_id{};    // of MQTT: rights may refer to it
};

/// The server's side of an exchange in which a client proves who it is by answering challenges (a SASL mechanism, RFC 4422).
/// A step takes no time worth mentioning.
class challenge_response {
public:
    enum class progress : std::uint8_t { going_on, accepted, refused };
    struct reply {
        progress what = progress::refused;
        std::string data{};       // for the client, if it is not refused; empty: nothing
        identity_ptr who = nullptr;  // once accepted
    };
    virtual ~challenge_response() = default;
    /// What the client says; empty: nothing. Only while it is going on.
    virtual reply step(std::string_view said) = 0;
};

class authenticator {
public:
    virtual ~authenticator() = default;

    /// Answers on the broker thread, now or in a later turn: the identity, or nullptr if refused. The caller keeps its own
    /// guard if it may be gone by then.
    using answer = std::function<void(identity_ptr)>;
    virtual void verify(credentials who, answer then) = 0;

    /// Begins an exchange by the mechanism of that name; nullptr: there is none. Of the credentials only where the client is
    /// and its identifier count. The authenticator outlives its exchanges.
    virtual std::unique_ptr<challenge_response> begin(std::string_view, const credentials&) { return nullptr; }
};

}  // namespace causeway::core
